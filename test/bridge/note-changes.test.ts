import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Note } from '../../src/bridge/activity.ts';
import { comparableText, noteToCorrection, toRetraction } from '../../src/bridge/note-changes.ts';
import { MAX_BODY_BYTES, noteToMessages, stampOf } from '../../src/bridge/note-to-message.ts';
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
  url: undefined,
  inReplyTo: undefined,
  context: undefined,
  conversation: undefined,
  mentions: [],
  attachments: [],
  published: '2026-11-21T09:59:00.000Z',
  updated: undefined,
};
const ACCEPTED = '2026-11-21T10:00:00.000Z';
const FACTS = {
  from: 'bob%m.example@ap.example',
  to: 'alice@xmpp.example',
  selfHrefs: [],
  visibility: 'direct',
  others: [],
  acceptedAt: ACCEPTED,
} as const;

test('what the gateway itself puts under a text is no change of it', () => {
  const text = comparableText(NOTE, []);
  expect(text).toBe('hello');
  expect(comparableText({ ...NOTE, to: ['https://www.w3.org/ns/activitystreams#Public'] }, [])).toBe(text);
  expect(comparableText({ ...NOTE, updated: ACCEPTED, cc: ['https://o.example/u'] }, [])).toBe(text);
  expect(comparableText({ ...NOTE, content: '<p>hello!</p>' }, [])).not.toBe(text);
  expect(comparableText({ ...NOTE, summary: 'spoiler' }, [])).not.toBe(text);
});

test('a correction holds what the note would be shown as, whatever the text', () => {
  fc.assert(
    fc.property(anyText(), anyText(), (content, summary) => {
      const note = { ...NOTE, content, summary };
      const [shown] = noteToMessages(note, { ...FACTS, stanzaId: () => 's' });
      const correction = noteToCorrection(note, { ...FACTS, id: 'c', replaces: 's' });
      expect(correction).toMatchObject({ body: shown?.body, id: 'c', replaces: 's' });
      expect(Buffer.byteLength(correction.body)).toBeLessThanOrEqual(MAX_BODY_BYTES);
      expect(correction.body).not.toBe('');
    }),
  );
});

test('a correction is of its language, and still an answer', () => {
  const replyTo = { id: 'r', to: 'alice@xmpp.example' };
  const correction = noteToCorrection(
    { ...NOTE, language: 'de' },
    { ...FACTS, replyTo, id: 'c', replaces: undefined },
  );
  expect(correction).toMatchObject({ lang: 'de', replyTo });
  expect('replaces' in correction).toBe(false);
});

test('a retraction names what it takes back and can be read where it is not understood', () => {
  const { from, to, acceptedAt } = FACTS;
  const retraction = toRetraction({ from, to, acceptedAt, id: 'd', retracts: 's' });
  expect(retraction).toMatchObject({ id: 'd', retracts: 's', publishedAt: ACCEPTED, type: 'chat' });
  expect(retraction.body).toMatch(/deleted/u);
});

test.each([
  [undefined, ACCEPTED],
  ['2026-11-21T10:00:00.000Z', ACCEPTED],
  ['2026-11-21T09:00:00.000Z', '2026-11-21T09:00:00.000Z'],
  ['2026-11-13T10:00:00.000Z', '2026-11-13T10:00:00.000Z'],
  ['2026-11-13T09:59:59.000Z', ACCEPTED],
  ['1990-01-01T00:00:00.000Z', ACCEPTED],
  ['2026-11-21T10:00:01.000Z', ACCEPTED],
  ['no time', ACCEPTED],
])('published at %s is shown as of %s', (claimed, shown) => {
  expect(stampOf(claimed, ACCEPTED)).toBe(shown);
});
