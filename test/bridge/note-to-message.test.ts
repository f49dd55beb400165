import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Attachment, Note } from '../../src/bridge/activity.ts';
import {
  MAX_ATTACHMENTS,
  MAX_BODY_BYTES,
  type MessageFacts,
  noteToMessages,
} from '../../src/bridge/note-to-message.ts';
import { cleanText } from '../../src/bridge/text.ts';
import { anyUrl } from '../support/any-string.ts';
import { anyText } from './any-text.ts';

const NOTE: Note = {
  id: 'https://m.example/users/bob/1',
  type: 'Note',
  attributedTo: 'https://m.example/users/bob',
  to: ['https://ap.example/u/alice1'],
  cc: [],
  content: '<p>hello</p>',
  language: undefined,
  summary: undefined,
  sensitive: false,
  name: undefined,
  url: 'https://m.example/@bob/1',
  inReplyTo: undefined,
  context: undefined,
  conversation: undefined,
  mentions: [],
  attachments: [],
  published: undefined,
  updated: undefined,
};
const FACTS: MessageFacts = {
  from: 'bob%m.example@ap.example',
  to: 'alice@xmpp.example',
  selfHrefs: ['https://ap.example/u/alice1'],
  stanzaId: (part) => `s-${part}`,
  visibility: 'direct',
  others: [],
  acceptedAt: '2026-11-21T10:00:00.000Z',
};
const show = (note: Partial<Note>, facts: Partial<MessageFacts> = {}) =>
  noteToMessages({ ...NOTE, ...note }, { ...FACTS, ...facts });
const file = (url: string, name?: string): Attachment => ({ url, name, mediaType: undefined });

test('a plain note is one message, with nothing in it that was not there', () => {
  expect(show({})).toEqual([
    {
      kind: 'message',
      type: 'chat',
      id: 's-0',
      from: 'bob%m.example@ap.example',
      to: 'alice@xmpp.example',
      body: 'hello',
      publishedAt: '2026-11-21T10:00:00.000Z',
    },
  ]);
});

test('the parts come in one order: warning, title, text, people, visibility', () => {
  const [message] = show(
    { type: 'Page', name: 'Tit\nle *& <b>*', summary: '<p>spoiler</p>', sensitive: true },
    { visibility: 'public', others: ['@carol@o.example'] },
  );
  expect(message?.body).toBe(
    'CW: spoiler\n*Tit le & <b>*\n\nhello\n\n' +
      '(also to @carol@o.example – your answer goes to this person alone)\n' +
      '(public post: https://m.example/@bob/1 – your answer stays private)',
  );
});

test.each([
  ['a < b > c, <3', 'CW: a < b > c, <3'],
  ['food &amp; drink', 'CW: food & drink'],
  ['one\n\ntwo', 'CW: one two'],
  ['<p>one</p><p>two</p>', 'CW: one two'],
  ['a <b', 'CW: a <b'],
])('the warning %j reads %j', (summary, line) => {
  expect(show({ summary })[0]?.body).toBe(`${line}\n\nhello`);
});

test.each<[string, Partial<Note>, string]>([
  ['of a Note', { name: 'Greetings' }, '*Greetings*\n\nhello'],
  ['of a Note that is an answer', { name: 'Re: Greetings', inReplyTo: 'https://m.example/1' }, 'hello'],
  [
    'of a vote',
    { name: 'yes', content: '', inReplyTo: 'https://m.example/1' },
    '(no text: https://m.example/@bob/1)',
  ],
  ['that is the whole text', { name: 'hello' }, 'hello'],
  ['that the text says on two lines', { name: 'a b', content: '<p>a<br>b</p>' }, 'a\nb'],
  ['that is how the text begins', { name: 'hel…' }, 'hello'],
  ['that is how an article begins', { type: 'Article', name: 'hel...' }, 'hello'],
  ['of which the text goes on otherwise', { name: 'help' }, '*help*\n\nhello'],
  ['that ends within a word of the text', { name: 'hel' }, '*hel*\n\nhello'],
  ['that ends with a sign', { name: 'Ouch!', content: '<p>Ouch!Again</p>' }, 'Ouch!Again'],
  ['that is the first word of the text', { name: 'hello', content: '<p>hello, you</p>' }, 'hello, you'],
  ['that is a heading too', { type: 'Page', name: 'A*', content: '<h1>A</h1><p>b</p>' }, '*A*\n\nb'],
  ['of a ChatMessage', { type: 'ChatMessage', name: 'Greetings' }, 'hello'],
])('a name %s', (_, note, body) => {
  expect(show(note)[0]?.body).toBe(body);
});

test.each(['javascript:alert(1)', 'https://m.example/a b', undefined])(
  'a page at %j: the link is the id',
  (url) => {
    expect(show({ url }, { visibility: 'public' })[0]?.body).toContain('https://m.example/users/bob/1');
  },
);

test.each<[Partial<Note>, string]>([
  [{ type: 'Page', content: '' }, '*Link*'],
  [{ type: 'Page' }, '*Link*\n\nhello'],
  [{ type: 'Page', sensitive: true }, 'CW: Link #tag\n*Link*\n\nhello'],
  [{ type: 'Article', content: '' }, 'CW: Link #tag\n*Link*'],
  [{ type: 'Event' }, 'CW: Link #tag\n*Link*\n\nhello'],
])('the summary of %j', (note, body) => {
  expect(show({ name: 'Link', summary: 'Link #tag', ...note })[0]?.body).toBe(body);
});

test('a long text is cut, and says where the whole is', () => {
  const [message, ...more] = show({ content: `<p>${'é'.repeat(20_000)}</p>` }, { visibility: 'public' });
  const body = message?.body ?? '';
  expect(more).toEqual([]);
  expect(Buffer.byteLength(body)).toBeLessThanOrEqual(MAX_BODY_BYTES);
  expect(Buffer.byteLength(body)).toBeGreaterThan(MAX_BODY_BYTES - 16);
  expect(body).toContain('…\n(shortened, the whole is at https://m.example/@bob/1)\n\n(public post:');
});

test('files keep the URL letter for letter, and ids do not move when there is no text', () => {
  const url = 'https://f.example/a%20b.jpg?x=1&y=2';
  expect(show({ content: '', attachments: [file(url, 'two\nlines \u202e')] })).toEqual([
    expect.objectContaining({ id: 's-1', body: url, oob: { url, desc: 'two lines' } }),
  ]);
});

test('files that one cannot open are left out, and there are not too many', () => {
  const bad = [
    'javascript:1',
    'https://',
    'https://f.example/\u0000',
    'https://f.example/\ufffe',
    'https://f.example/a\nb',
    'data:,x',
    '/x',
  ];
  expect(show({ attachments: bad.map((url) => file(url)) })).toHaveLength(1);
  expect(show({ attachments: [file(`https://f.example/${'a'.repeat(3000)}`)] })).toHaveLength(1);
  const many = Array.from({ length: 40 }, (_, index) => file(`https://f.example/${index}`));
  expect(show({ attachments: many })).toHaveLength(1 + MAX_ATTACHMENTS);
});

test('only the text answers, and both tell when they were published', () => {
  const replyTo = { id: 'x', to: 'alice@xmpp.example' };
  const [text, attached] = show(
    { published: '2026-11-21T10:00:00Z', attachments: [file('https://f.example/1')] },
    { replyTo },
  );
  expect(text).toMatchObject({ replyTo, publishedAt: '2026-11-21T10:00:00Z' });
  expect(attached).toMatchObject({ publishedAt: '2026-11-21T10:00:00Z' });
  expect(attached).not.toHaveProperty('replyTo');
});

test('whatever the note, there is at least one message; each has a body, clean and not too long, and its own id', () => {
  const text = fc.oneof(
    anyText(200),
    fc.constantFrom('<p>', 'x'.repeat(40_000), '<br>'.repeat(50), '<a href="https://a.example">x</a>'),
  );
  const maybe = fc.option(text, { nil: undefined });
  fc.assert(
    fc.property(
      fc.record({
        content: text,
        summary: maybe,
        name: maybe,
        url: maybe,
        type: fc.constantFrom('Note', 'Article'),
        sensitive: fc.boolean(),
        attachments: fc.array(
          fc.record({ url: fc.oneof(text, anyUrl()), name: maybe, mediaType: fc.constant(undefined) }),
        ),
      }),
      fc.constantFrom('public', 'unlisted', 'followers', 'direct'),
      fc.array(text, { maxLength: 30 }),
      (note, visibility, others) => {
        const messages = show(note, { visibility, others });
        expect(messages.length).toBeGreaterThan(0);
        expect(new Set(messages.map(({ id }) => id)).size).toBe(messages.length);
        for (const { body } of messages) {
          expect(body).not.toBe('');
          expect(body).toBe(cleanText(body));
          expect(Buffer.byteLength(body)).toBeLessThanOrEqual(MAX_BODY_BYTES);
        }
      },
    ),
  );
});
