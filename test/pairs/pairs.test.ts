import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Note } from '../../src/bridge/activity.ts';
import { messageToNote, type NoteFacts } from '../../src/bridge/message-to-note.ts';
import { noteToCorrection, toRetraction } from '../../src/bridge/note-changes.ts';
import { type MessageFacts, noteToMessages } from '../../src/bridge/note-to-message.ts';
import { visibilityOf } from '../../src/bridge/note-visibility.ts';
import type { IncomingMessage } from '../../src/bridge/stanza.ts';
import { urlsOf } from '../../src/bridge/urls.ts';

/**
 * Golden pairs, found by their names: `to-fediverse/<case>.message.json` becomes `<case>.note.json` or
 * `<case>.refusal.json`; `to-xmpp/<case>.note.json`, with `<case>.facts.json` where there are any, becomes
 * `<case>.messages.json`; so do `<case>.update.json`, the note after an edit, and `<case>.delete.json`, what of it
 * was shown. A file says only how its case differs from the one Alice and the one Bob below.
 */

const MESSAGE: IncomingMessage = {
  kind: 'message',
  type: 'chat',
  from: 'alice@xmpp.example/phone',
  fromBare: 'alice@xmpp.example',
  to: 'bob%mastodon.example@ap.example',
  toBare: 'bob%mastodon.example@ap.example',
  id: 'stanza-1',
  body: undefined,
  subject: undefined,
  lang: undefined,
  wantsReceipt: true,
  replyTo: undefined,
  replaces: undefined,
  retracts: undefined,
  reactions: undefined,
  oob: [],
  encrypted: false,
  signalOnly: false,
};
const NOTE_FACTS: NoteFacts = {
  urls: urlsOf('https://ap.example'),
  senderId: 'alice1',
  recipient: {
    id: 'https://mastodon.example/users/bob',
    url: 'https://mastodon.example/@bob',
    preferredUsername: 'Bob',
    handle: { user: 'bob', host: 'mastodon.example' },
  },
  noteId: 'n1',
  now: '2026-11-21T10:00:00Z',
  inReplyTo: undefined,
  context: 'https://ap.example/c/c1',
  conversation: 'https://ap.example/c/c1',
};
const NOTE: Note = {
  id: 'https://mastodon.example/users/bob/statuses/1',
  type: 'Note',
  attributedTo: 'https://mastodon.example/users/bob',
  to: ['https://ap.example/u/alice1'],
  cc: [],
  content: '',
  language: undefined,
  summary: undefined,
  sensitive: false,
  name: undefined,
  url: 'https://mastodon.example/@bob/1',
  inReplyTo: undefined,
  context: undefined,
  conversation: undefined,
  mentions: [{ href: 'https://ap.example/u/alice1', name: '@alice@ap.example' }],
  attachments: [],
  published: '2026-11-21T10:00:00Z',
  updated: undefined,
};
const FOLLOWERS = 'https://mastodon.example/users/bob/followers';
const MESSAGE_FACTS: Omit<MessageFacts, 'visibility'> = {
  from: 'bob%mastodon.example@ap.example',
  to: 'alice@xmpp.example',
  selfHrefs: ['https://ap.example/u/alice1', 'https://ap.example/@alice'],
  stanzaId: (part) => `id-${part}`,
  others: [],
  acceptedAt: '2026-11-21T10:00:05Z',
};

const PAIRS = import.meta.dirname;

/** JSON has no `undefined`: `null` stands for it. */
const read = (file: string): object => {
  const json: unknown = JSON.parse(
    readFileSync(join(PAIRS, file), 'utf8'),
    (_, value: unknown) => value ?? undefined,
  );
  if (typeof json !== 'object' || json === null) throw new Error(`${file} holds no object`);
  return json;
};
const readIf = (files: readonly string[], file: string): object => (files.includes(file) ? read(file) : {});

const casesIn = (folder: string, input: string): readonly string[] =>
  readdirSync(join(PAIRS, folder))
    .filter((file) => file.endsWith(input))
    .map((file) => `${folder}/${file.slice(0, -input.length)}`);

const files = readdirSync(PAIRS, { recursive: true, encoding: 'utf8' });
const toFediverse = casesIn('to-fediverse', '.message.json');
const toXmpp = casesIn('to-xmpp', '.note.json');
const updates = casesIn('to-xmpp', '.update.json');
const deletes = casesIn('to-xmpp', '.delete.json');
const all = [...toFediverse, ...toXmpp, ...updates, ...deletes];

/** As it would lie in the database: absent and undefined are the same. */
const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

test.each(toFediverse)('%s', (name) => {
  const outcome = messageToNote({ ...MESSAGE, ...read(`${name}.message.json`) }, NOTE_FACTS);
  if (files.includes(`${name}.refusal.json`)) {
    expect(outcome).toEqual({ ok: false, refusal: read(`${name}.refusal.json`) });
  } else {
    expect(plain(outcome)).toEqual({ ok: true, value: read(`${name}.note.json`) });
  }
});

test.each(toXmpp)('%s', (name) => {
  const note: Note = { ...NOTE, ...read(`${name}.note.json`) };
  const facts = {
    ...MESSAGE_FACTS,
    visibility: visibilityOf(note, FOLLOWERS),
    ...readIf(files, `${name}.facts.json`),
  };
  expect(plain(noteToMessages(note, facts))).toEqual(read(`${name}.messages.json`));
});

test.each(updates)('%s', (name) => {
  const note: Note = { ...NOTE, ...read(`${name}.update.json`) };
  const facts = {
    ...MESSAGE_FACTS,
    visibility: visibilityOf(note, FOLLOWERS),
    id: 'id-edit',
    replaces: undefined,
    ...readIf(files, `${name}.facts.json`),
  };
  expect(plain([noteToCorrection(note, facts)])).toEqual(read(`${name}.messages.json`));
});

test.each(deletes)('%s', (name) => {
  const shown = { retracts: ['id-0'], ...read(`${name}.delete.json`) };
  const messages = shown.retracts.map((retracts, part) =>
    toRetraction({ ...MESSAGE_FACTS, id: `id-deleted-${part}`, retracts }),
  );
  expect(plain(messages)).toEqual(read(`${name}.messages.json`));
});

describe('docs/mapping.md', () => {
  const mapping = readFileSync(join(PAIRS, '../../docs/mapping.md'), 'utf8');
  const rows = [...mapping.matchAll(/^\| `([a-z/-]+)` \|/gmu)].map(([, name = '']) => name);

  test('has one row for each pair, and a pair for each row', () => {
    expect([...rows].sort()).toEqual([...all].sort());
  });

  test('leaves no file without a case', () => {
    const cases = new Set<string>(all);
    const strays = files.filter(
      (file) => file.endsWith('.json') && !cases.has(file.replace(/\.[a-z]+\.json$/u, '')),
    );
    expect(strays).toEqual([]);
  });
});
