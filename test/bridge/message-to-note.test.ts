import fc from 'fast-check';
import { expect, test } from 'vitest';
import { htmlToText } from '../../src/bridge/html-to-text.ts';
import { MAX_ACTIVITY_BYTES, messageToNote, type NoteFacts } from '../../src/bridge/message-to-note.ts';
import type { IncomingMessage } from '../../src/bridge/stanza.ts';
import { urlsOf } from '../../src/bridge/urls.ts';

const MESSAGE: IncomingMessage = {
  kind: 'message',
  type: 'chat',
  from: 'alice@xmpp.example/phone',
  fromBare: 'alice@xmpp.example',
  to: 'bob%m.example@ap.example',
  toBare: 'bob%m.example@ap.example',
  id: 's1',
  body: 'hi',
  subject: undefined,
  lang: undefined,
  wantsReceipt: false,
  replyTo: undefined,
  replaces: undefined,
  retracts: undefined,
  reactions: undefined,
  oob: [],
  encrypted: false,
  signalOnly: false,
};
const BOB = {
  id: 'https://m.example/users/bob',
  url: 'https://m.example/@bob',
  preferredUsername: 'bob',
  handle: { user: 'bob', host: 'm.example' },
};
const FACTS: NoteFacts = {
  urls: urlsOf('https://ap.example'),
  senderId: 'alice1',
  recipient: BOB,
  noteId: 'n1',
  now: '2026-11-21T10:00:00Z',
  inReplyTo: 'https://m.example/users/bob/1',
  context: 'https://m.example/contexts/7',
  conversation: 'tag:m.example,2026:7',
};
const carry = (message: Partial<IncomingMessage>, facts: Partial<NoteFacts> = {}) =>
  messageToNote({ ...MESSAGE, ...message }, { ...FACTS, ...facts });
const noteOf = (message: Partial<IncomingMessage>, facts: Partial<NoteFacts> = {}) => {
  const outcome = carry(message, facts);
  if (!outcome.ok) throw new Error(`refused: ${outcome.refusal.reason}`);
  return outcome.value;
};

test('a note is direct, threaded, and made of what was given', () => {
  expect(noteOf({})).toMatchObject({
    id: 'https://ap.example/n/n1',
    attributedTo: 'https://ap.example/u/alice1',
    to: ['https://m.example/users/bob'],
    cc: [],
    published: '2026-11-21T10:00:00Z',
    source: 'hi',
    inReplyTo: 'https://m.example/users/bob/1',
    context: 'https://m.example/contexts/7',
    conversation: 'tag:m.example,2026:7',
    mentions: [{ href: 'https://m.example/users/bob', name: '@bob@m.example' }],
  });
});

test.each([undefined, 'javascript:alert(1)', 'not a url'])(
  'a profile at %j: the mention leads to the actor',
  (url) => {
    expect(noteOf({}, { recipient: { ...BOB, url } }).content).toContain(
      '<a href="https://m.example/users/bob" ',
    );
  },
);

test('what the peer says of the recipient is escaped', () => {
  const recipient = { ...BOB, url: 'https://m.example/?a="><b>', preferredUsername: '<i>\nbob' };
  const { content } = noteOf({}, { recipient });
  expect(content).toContain('href="https://m.example/?a=&quot;&gt;&lt;b&gt;"');
  expect(content).toContain('@<span>&lt;i&gt; bob</span>');
});

test.each([
  ['de', 'de'],
  ['pt-BR', 'pt-BR'],
  ['zh-Hant-TW', 'zh-Hant-TW'],
  ['', undefined],
  ['english please', undefined],
  ['x', undefined],
  ['"><b>', undefined],
])('the language %j is %j', (lang, language) => {
  expect(noteOf({ lang }).language).toBe(language);
});

test.each<[string, Partial<IncomingMessage>, string]>([
  ['an encrypted message', { encrypted: true }, 'encrypted'],
  ['an encrypted file', { body: 'AESGCM://x.example/a#1' }, 'encrypted'],
  ['an encrypted file out of band', { oob: ['aesgcm://x.example/a#1'] }, 'encrypted'],
  ['an encrypted file in a room', { body: 'aesgcm://x', type: 'groupchat' }, 'encrypted'],
  ['no body', { body: undefined }, 'not-supported'],
  ['an empty body', { body: ' \n\u0000 ' }, 'not-supported'],
  ['a message to a room', { type: 'groupchat' }, 'not-supported'],
  ['a headline', { type: 'headline' }, 'not-supported'],
  ['a megabyte', { body: 'x'.repeat(1_000_000) }, 'too-long'],
  ['a long text of four-byte characters', { body: '😀'.repeat(10_000) }, 'too-long'],
  ['a long text of what is escaped', { body: '&'.repeat(10_000) }, 'too-long'],
])('%s is refused as it should be', (_, message, reason) => {
  expect(carry(message)).toEqual({ ok: false, refusal: { reason, host: 'm.example' } });
});

test('the word aesgcm alone is no encrypted file', () => {
  expect(noteOf({ body: 'what is aesgcm: good for?' }).source).toBe('what is aesgcm: good for?');
});

test('a text of 20,000 letters goes through, known language or not', () => {
  expect(noteOf({ body: 'x'.repeat(20_000) }).source).toHaveLength(20_000);
  expect(carry({ body: 'x'.repeat(18_000), lang: 'en' }).ok).toBe(true);
  expect(carry({ body: 'x'.repeat(20_000), lang: 'en' }).ok).toBe(false);
});

test('out of band, only web addresses count, and none twice', () => {
  const url = 'https://x.example/a';
  expect(noteOf({ body: undefined, oob: [url, 'cid:1', 'file:///etc/passwd'] }).source).toBe(url);
  expect(noteOf({ body: `see ${url}`, oob: [url] }).source).toBe(`see ${url}`);
  expect(
    noteOf({ oob: Array.from({ length: 50 }, (_, index) => `${url}/${index}-`) }).source.split('\n'),
  ).toHaveLength(17);
});

test('whatever is accepted fits into an inbox and reads back as it was typed', () => {
  const body = fc.array(fc.stringMatching(/^[a-z<>&"' é😀]{1,40}$/u), { minLength: 1, maxLength: 400 });
  fc.assert(
    fc.property(body, fc.constantFrom(undefined, 'en'), (lines, lang) => {
      const text = lines.map((line) => line.replace(/ +/gu, ' ').replace(/^[ >]+| +$/gu, '')).join('\n\n');
      const outcome = carry({ body: text, lang });
      if (!outcome.ok) return;
      const { content, source } = outcome.value;
      const document = JSON.stringify({
        content,
        contentMap: lang === undefined ? {} : { [lang]: content },
        source,
      });
      expect(Buffer.byteLength(document)).toBeLessThan(MAX_ACTIVITY_BYTES - 4_096);
      const shown = htmlToText(content, { selfHrefs: [BOB.url] });
      expect(shown).toBe(text.replace(/\n{3,}/gu, '\n\n').trim());
    }),
  );
});
