import { describe, expect, test } from 'vitest';
import { parseNote } from '../../src/activitypub/parse-note.ts';

const ACTOR = 'https://m.example/users/bob';
const US = 'https://ap.example/u/01j9';
const PUBLIC = 'https://www.w3.org/ns/activitystreams#Public';

const read = (more: Record<string, unknown>, activity: Record<string, unknown> = {}) => {
  const json = { id: 'https://m.example/notes/1', type: 'Note', attributedTo: ACTOR, ...more };
  const parsed = parseNote(json, activity, ACTOR);
  if (!parsed.ok) throw new Error(parsed.problem);
  return parsed.value;
};

test('the smallest note', () => {
  expect(read({})).toEqual({
    id: 'https://m.example/notes/1',
    type: 'Note',
    attributedTo: ACTOR,
    to: [],
    cc: [],
    content: '',
    language: undefined,
    summary: undefined,
    sensitive: false,
    name: undefined,
    url: undefined,
    inReplyTo: undefined,
    context: undefined,
    conversation: undefined,
    mentions: [],
    attachments: [],
    published: undefined,
    updated: undefined,
  });
});

describe('who is addressed', () => {
  test('a string, a list, repeats, an object, nothing', () => {
    expect(read({ to: US }).to).toEqual([US]);
    expect(read({ to: [US, US, { id: US }] }).to).toEqual([US]);
    expect(read({ to: null }).to).toEqual([]);
    expect(read({ to: [7, null, [], 'javascript:x', US] }).to).toEqual([US]);
  });

  test('the activity may say it instead, or too', () => {
    expect(read({}, { to: [US] }).to).toEqual([US]);
    expect(read({ to: ['https://m.example/users/eve'] }, { to: US, cc: [PUBLIC] })).toMatchObject({
      to: [US, 'https://m.example/users/eve'],
      cc: [PUBLIC],
    });
  });

  test('each once: in `to` rather than in `cc`', () => {
    expect(read({ to: [US], cc: [US, ACTOR] })).toMatchObject({ to: [US], cc: [ACTOR] });
  });

  test('all three spellings of Public', () => {
    expect(read({ to: ['as:Public', 'Public', PUBLIC] }).to).toEqual(['as:Public', 'Public', PUBLIC]);
  });

  test('bto and bcc are not read', () => {
    expect(read({ bto: [US], bcc: [US] }, { bto: [US] })).toMatchObject({ to: [], cc: [] });
  });

  test('500 in all', () => {
    const many = (name: string, count: number) =>
      Array.from({ length: count }, (_, i) => `https://${name}${i}.example/u`);
    const note = read({ to: many('a', 400), cc: many('b', 400) });
    expect([note.to.length, note.cc.length]).toEqual([400, 100]);
    expect(read({ to: many('a', 600) }, { to: many('b', 600) }).to.length).toBe(500);
  });
});

describe('the text and its language', () => {
  test.each([
    [{ content: 'a' }, 'a', undefined],
    [{ content: 'a', contentMap: { de: 'a' } }, 'a', 'de'],
    [{ content: 'a', contentMap: { de: 'b', 'en-GB': 'a' } }, 'a', 'en-GB'],
    [{ content: 'a', contentMap: { de: 'b' } }, 'a', undefined],
    [{ contentMap: { de: 'b', en: 'c' } }, 'b', 'de'],
    [{ content: 'a', contentMap: { und: 'a' } }, 'a', undefined],
    [{ content: 'a', contentMap: { 'not a tag': 'a' } }, 'a', undefined],
    [{ content: 'a', language: { identifier: 'fr', name: 'Français' } }, 'a', 'fr'],
    [{ content: null }, '', undefined],
    [{ content: ['a'] }, '', undefined],
    [{ content: 'a\u0000\ud800' }, 'a\ufffd', undefined],
  ])('%j', (json, content, language) => {
    expect(read(json)).toMatchObject({ content, language });
  });

  test('long texts are cut', () => {
    const note = read({ content: 'a'.repeat(300_000), summary: 'b'.repeat(30_000), name: 'c'.repeat(3_000) });
    expect([note.content.length, note.summary?.length, note.name?.length]).toEqual([262_144, 20_480, 2_048]);
  });
});

describe('tags and attachments', () => {
  test('mentions, each person once, alone or in a list', () => {
    const mention = { type: 'Mention', href: US, name: '@alice@ap.example' };
    const one = [{ href: US, name: '@alice@ap.example' }];
    expect(read({ tag: mention }).mentions).toEqual(one);
    expect(read({ tag: [mention, { type: 'Hashtag', href: US, name: '#x' }, mention] }).mentions).toEqual(
      one,
    );
    expect(read({ tag: [{ type: 'Mention' }, { type: 'Mention', href: 7 }, null, 'x'] }).mentions).toEqual(
      [],
    );
    expect(read({ tag: { type: ['Mention'], href: US } }).mentions).toEqual([{ href: US, name: undefined }]);
  });

  test('files: where the URL is a string, a Link, a list of Links', () => {
    const url = 'https://m.example/a.png';
    const link = { type: 'Link', href: url, mediaType: 'image/png' };
    const file = { url, mediaType: 'image/png', name: 'alt' };
    expect(
      read({ attachment: { type: 'Image', url, mediaType: 'image/png', summary: 'alt' } }).attachments,
    ).toEqual([file]);
    expect(read({ attachment: [{ type: 'Document', url: [link], name: 'alt' }] }).attachments).toEqual([
      file,
    ]);
    expect(read({ attachment: [{ type: 'Video', url: link, name: 'alt' }] }).attachments).toEqual([file]);
  });

  test('what is no file of the web is left out, and files come once', () => {
    const document = (url: unknown) => ({ type: 'Document', url });
    const bad = ['javascript:alert(1)', 'aesgcm://m.example/x', 'file:///x', null, 7, {}].map(document);
    expect(read({ attachment: bad }).attachments).toEqual([]);
    expect(
      read({ attachment: [{ type: 'PropertyValue', url: 'https://m.example/' }, 'x'] }).attachments,
    ).toEqual([]);
    const same = document('https://m.example/a.png');
    expect(read({ attachment: [same, same] }).attachments.length).toBe(1);
  });

  test('200 tags and 16 files at most', () => {
    const tag = Array.from({ length: 300 }, (_, i) => ({ type: 'Mention', href: `https://m.example/${i}` }));
    const attachment = Array.from({ length: 30 }, (_, i) => ({
      type: 'Image',
      url: `https://m.example/${i}`,
    }));
    const note = read({ tag, attachment });
    expect([note.mentions.length, note.attachments.length]).toEqual([200, 16]);
  });
});

describe('what a post links to', () => {
  test('links that the text does not hold', () => {
    const url = 'https://other.example/?a=1&b=2';
    const link = { url, mediaType: undefined, name: undefined };
    const attachment = [{ type: 'Link', href: url }];
    expect(read({ attachment }).attachments).toEqual([link]);
    expect(read({ attachment: [{ type: 'Link', url }] }).attachments).toEqual([link]);
    for (const content of [url, `<a href="${url.replace('&', '&amp;')}">x</a>`])
      expect(read({ attachment, content }).attachments).toEqual([]);
    const file = { type: 'Document', url, href: 'https://m.example/page' };
    expect(read({ attachment: [file] }).attachments).toEqual([link]);
    // What only begins alike is another address.
    const [site, page] = ['https://other.example/', 'https://other.example/a'];
    for (const content of [page, `<a href="${page}">x</a>`])
      expect(read({ attachment: [{ type: 'Link', href: site }], content }).attachments).toHaveLength(1);
    for (const content of [`(${site})`, `${site}.`, `<p>${site}</p>`, `<a href='${site}'>x</a>`])
      expect(read({ attachment: [{ type: 'Link', href: site }], content }).attachments).toEqual([]);
    // A file is shown, whatever the text says.
    expect(read({ attachment: [{ type: 'Image', url }], content: url }).attachments).toEqual([link]);
  });

  test('what a Page on another host is about', () => {
    const url = 'https://other.example/news';
    const link = { url, mediaType: undefined, name: undefined };
    expect(read({ type: 'Page', url })).toMatchObject({ url: undefined, attachments: [link] });
    expect(read({ type: 'Page', url, content: `<p>${url}</p>` }).attachments).toEqual([]);
    const attachment = [{ type: 'Link', href: url }];
    expect(read({ type: 'Page', url, attachment }).attachments).toEqual([link]);
    const files = Array.from({ length: 16 }, (_, n) => ({ type: 'Image', url: `${url}/${n}` }));
    expect(read({ type: 'Page', url, attachment: files }).attachments).toHaveLength(16);
    const own = 'https://m.example/p/1';
    expect(read({ type: 'Page', url: own })).toMatchObject({ url: own, attachments: [] });
    expect(read({ url })).toMatchObject({ url, attachments: [] });
  });
});

describe('links and threads', () => {
  test('of several posts that are answered the first counts', () => {
    const [one, two] = ['https://ap.example/n/1', 'https://m.example/2'];
    expect(read({ inReplyTo: [one, two] }).inReplyTo).toBe(one);
    expect(read({ inReplyTo: [null, { id: two }] }).inReplyTo).toBe(two);
    expect(read({ inReplyTo: [] }).inReplyTo).toBeUndefined();
  });

  test('the page for people is the HTML one', () => {
    const links = [
      { type: 'Link', href: 'https://m.example/v.mp4', mediaType: 'video/mp4' },
      { type: 'Link', href: 'https://m.example/watch', mediaType: 'text/html' },
    ];
    expect(read({ url: links }).url).toBe('https://m.example/watch');
    expect(read({ url: 'https://m.example/1' }).url).toBe('https://m.example/1');
    expect(read({ url: 'javascript:alert(1)' }).url).toBeUndefined();
  });

  test('threads may be named by any URI', () => {
    const note = read({
      inReplyTo: { id: 'https://ap.example/n/1' },
      context: { id: 'https://m.example/contexts/1' },
      conversation: 'tag:m.example,2026:objectId=1',
    });
    expect(note).toMatchObject({
      inReplyTo: 'https://ap.example/n/1',
      context: 'https://m.example/contexts/1',
      conversation: 'tag:m.example,2026:objectId=1',
    });
    expect(read({ context: 'x'.repeat(2049), conversation: 7, inReplyTo: 'tag:x' })).toMatchObject({
      context: undefined,
      conversation: undefined,
      inReplyTo: undefined,
    });
  });
});

test.each([
  ['2026-11-21T10:00:00Z', '2026-11-21T10:00:00.000Z'],
  ['2026-11-21T11:00:00+01:00', '2026-11-21T10:00:00.000Z'],
  ['2026-11-21T10:00:00.123456Z', '2026-11-21T10:00:00.123Z'],
  ['2026-11-21T10:00:00.123456', '2026-11-21T10:00:00.123Z'],
  ['0000-00-00T00:00:00Z', undefined],
  ['1066-10-14T00:00:00Z', undefined],
  ['9999-12-31T23:59:59Z', undefined],
  ['+100000-01-01T00:00:00Z', undefined],
  ['2026-13-45T10:00:00Z', undefined],
  ['2026-11-21', undefined],
  ['yesterday', undefined],
  [1_763_719_200, undefined],
])('the time %j is read as %j', (published, expected) => {
  expect(read({ published }).published).toBe(expected);
});

test('a chat message is for one', () => {
  const actor = 'https://m.example/u/a';
  const chat = { id: `${actor}/1`, type: 'ChatMessage', attributedTo: actor, content: 'x' };
  const [one, two] = ['https://ap.example/u/1', 'https://ap.example/u/2'];
  expect(parseNote({ ...chat, to: [one] }, {}, actor).ok).toBe(true);
  expect(parseNote({ ...chat, to: one }, { to: [one] }, actor).ok).toBe(true);
  for (const audience of [{ to: [one, two] }, { to: [one], cc: [two] }])
    expect(parseNote({ ...chat, ...audience }, {}, actor).ok).toBe(false);
});

describe('what it quotes', () => {
  const quoted = 'https://remote.example/notes/9';
  const link = (more: object) => ({
    type: 'Link',
    mediaType: 'application/ld+json; profile="https://www.w3.org/ns/activitystreams"',
    href: quoted,
    name: `RE: ${quoted}`,
    ...more,
  });

  test.each([
    [{ quote: quoted }],
    [{ quote: { type: 'Note', id: quoted } }],
    [{ quoteUrl: quoted }],
    [{ quoteUri: quoted }],
    [{ _misskey_quote: quoted }],
    [{ quote: null, quoteUrl: '', _misskey_quote: quoted }],
    [{ quote: quoted, quoteUrl: 'https://remote.example/other' }],
    [{ tag: link({}) }],
    [{ tag: link({ name: 'look', rel: 'https://misskey-hub.net/ns#_misskey_quote' }) }],
    [{ tag: [link({ name: 'there', href: 'https://remote.example/1' }), link({})] }],
    [
      {
        tag: [
          { type: 'Mention', href: 'https://m.example/u/1' },
          link({ mediaType: 'application/activity+json' }),
        ],
      },
    ],
  ])('%j', (fields) => {
    expect(read(fields)).toMatchObject({ quote: quoted });
  });

  test.each([
    [{}],
    [{ quote: 'javascript:alert(1)' }],
    [{ quoteUrl: 7, quoteUri: [quoted, quoted] }],
    [{ tag: [link({ mediaType: 'text/html' })] }],
    // A link to another post quotes nothing.
    [{ tag: [link({ name: 'there' })] }],
    [{ tag: [link({ type: 'Hashtag' })] }],
  ])('nothing: %j', (fields) => {
    expect(read(fields)).not.toHaveProperty('quote');
  });
});
