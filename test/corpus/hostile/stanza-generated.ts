const message = (inner: string): string =>
  `<message type='chat' from='mallory@xmpp.test/x' to='carol%snac.test@ap.test' id='h1'>${inner}</message>`;

const MEGABYTE = 1024 * 1024;

/** What would be too large to lie in a file. */
export const generated: Readonly<Record<string, string>> = {
  'a body of 1 MB': message(`<body>${'x'.repeat(MEGABYTE)}</body>`),
  'a body of 1 MB of ampersands': message(`<body>${'&amp;'.repeat(MEGABYTE / 5)}</body>`),
  'a body that never ends': `<message from='mallory@xmpp.test/x'><body>${'y'.repeat(MEGABYTE)}`,
  'an attribute of 1 MB': message(`<x xmlns='${'z'.repeat(MEGABYTE)}'/>`),
  'a tag name of 1 MB': message(`<${'n'.repeat(MEGABYTE)}/>`),
  'a comment of 1 MB': message(`<!-- ${'c'.repeat(MEGABYTE)} -->`),
  '40,000 children': message('<a/>'.repeat(40_000)),
  'depth 40,000': message(`${'<a>'.repeat(40_000)}${'</a>'.repeat(40_000)}`),
  '20,000 attributes': message(`<a ${Array.from({ length: 20_000 }, (_, n) => `a${n}='1'`).join(' ')}/>`),
  '9,000 reactions': message(
    `<reactions xmlns='urn:xmpp:reactions:0' id='r'>${'<reaction>👍</reaction>'.repeat(9_000)}</reactions>`,
  ),
  '5,000 fallback ranges': message(
    `<body>${'w'.repeat(9_000)}</body><reply xmlns='urn:xmpp:reply:0' id='r'/>` +
      `<fallback xmlns='urn:xmpp:fallback:0' for='urn:xmpp:reply:0'>${"<body start='1' end='2'/>".repeat(5_000)}</fallback>`,
  ),
};
