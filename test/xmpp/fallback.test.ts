import { describe, expect, test } from 'vitest';
import { parseStanza } from '../../src/xmpp/parse.ts';
import { parseXml } from '../support/xml.ts';

const bodyOf = (inner: string): string | undefined => {
  const xml = `<message from='alice@xmpp.test/phone' to='carol%snac.test@ap.test' id='a1'>${inner}</message>`;
  const stanza = parseStanza(parseXml(xml));
  if (stanza?.kind !== 'message') throw new Error('not a message');
  return stanza.body;
};

describe('fallbacks', () => {
  const reply = "<reply xmlns='urn:xmpp:reply:0' id='r'/>";
  const fallback = (inner: string, feature = 'urn:xmpp:reply:0') =>
    `<fallback xmlns='urn:xmpp:fallback:0' for='${feature}'>${inner}</fallback>`;
  test.each([
    // Counted in code points: the two emoji are two, not four.
    [`<body>&gt; 👋👋\nyes</body>${reply}${fallback("<body start='0' end='5'/>")}`, 'yes'],
    [`<body>&gt; hi\nyes</body>${fallback("<body start='0' end='5'/>")}`, '> hi\nyes'],
    [`<body>all of it</body>${reply}${fallback('')}`, undefined],
    [`<body>all of it</body>${reply}${fallback('<body/>')}`, undefined],
    [`<body>subject only</body>${reply}${fallback('<subject/>')}`, 'subject only'],
    [`<body>abc</body>${reply}${fallback("<body start='1'/>")}`, 'a'],
    [`<body>abc</body>${reply}${fallback("<body start='-1' end='x'/>")}`, 'abc'],
    [`<body>abc</body>${reply}${fallback("<body start='2' end='1'/>")}`, 'abc'],
    [`<body>abcdef</body>${reply}${fallback("<body start='0' end='2'/><body start='4' end='99'/>")}`, 'cd'],
    [`<body>abc</body>${reply}${fallback("<body start='0' end='1'/>", 'urn:other')}`, 'abc'],
    [`<body>abc</body>${reply}${fallback("<body start='0' end='1'/>", '__proto__')}`, 'abc'],
  ])('%s', (inner, body) => {
    expect(bodyOf(inner)).toBe(body);
  });
});
