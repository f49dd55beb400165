import { createHash } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { OutgoingNote } from '../../src/bridge/activity.ts';
import { advanceChat, countFirstContacts, findChat, openChat } from '../../src/store/chats.ts';
import type { Db } from '../../src/store/database.ts';
import {
  completeDelivery,
  type DeliveryClaim,
  enqueueDelivery,
  failDelivery,
} from '../../src/store/deliveries.ts';
import { findByObject, findByStanza, purgeMessages, rememberPair } from '../../src/store/messages.ts';
import {
  completeNote,
  deleteNote,
  dropNoteBody,
  findNote,
  insertNote,
  purgeNoteBodies,
} from '../../src/store/notes.ts';
import { purgeStanzaDigests, rememberStanza } from '../../src/store/seen-stanzas.ts';
import { insertUser } from '../../src/store/users.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';

let base: TestDatabase;
let db: Db;
beforeAll(async () => {
  base = await createTestDatabase();
  db = base.db;
  await insertUser(db, { id: 'alice', jid: 'alice@xmpp.example', name: 'alice' });
});
afterAll(() => base.drop());

const inAnHour = (): Date => new Date(Date.now() + 3_600_000);
const anHourAgo = (): Date => new Date(Date.now() - 3_600_000);
const chatWith = (actorId: string) => ({ userId: 'alice', actorId });

test('a chat is opened once, and kept as it was opened', async () => {
  const key = chatWith('https://s.example/1');
  expect(await findChat(db, key)).toBeUndefined();
  const values = { ...key, startedBy: 'user', context: 'c1', conversation: 'v1' } as const;
  const chat = { ...values, newestObjectId: undefined };
  expect(await openChat(db, values)).toEqual({ chat, opened: true });
  expect(await openChat(db, { ...values, startedBy: 'actor', context: 'c2' })).toEqual({
    chat,
    opened: false,
  });
  expect(await findChat(db, key)).toEqual(chat);
});

test('of many that open a chat at once one has opened it', async () => {
  const values = {
    ...chatWith('https://s.example/2'),
    startedBy: 'actor',
    context: 'c',
    conversation: 'v',
  } as const;
  const results = await Promise.all(Array.from({ length: 8 }, () => openChat(db, values)));
  expect(results.filter(({ opened }) => opened)).toHaveLength(1);
});

test('a chat moves on; what is left out stays', async () => {
  const key = chatWith('https://s.example/3');
  await openChat(db, { ...key, startedBy: 'user', context: 'c1', conversation: 'v1' });
  await advanceChat(db, { ...key, newestObjectId: 'o1' });
  expect(await findChat(db, key)).toMatchObject({ newestObjectId: 'o1', context: 'c1', conversation: 'v1' });
  await advanceChat(db, { ...key, newestObjectId: 'o2', context: 'c2' });
  expect(await findChat(db, key)).toMatchObject({ newestObjectId: 'o2', context: 'c2', conversation: 'v1' });
});

test('first contacts are chats that the user started since then', async () => {
  await insertUser(db, { id: 'carl', jid: 'carl@xmpp.example', name: 'carl' });
  for (const [n, startedBy] of (['user', 'user', 'actor'] as const).entries()) {
    await openChat(db, {
      userId: 'carl',
      actorId: `https://s/${n}`,
      startedBy,
      context: 'c',
      conversation: 'v',
    });
  }
  expect(await countFirstContacts(db, 'carl', anHourAgo())).toBe(2);
  expect(await countFirstContacts(db, 'carl', inAnHour())).toBe(0);
});

test('a pair of ids is remembered once for each user', async () => {
  await insertUser(db, { id: 'bea', jid: 'bea@xmpp.example', name: 'bea' });
  const pair = {
    ...chatWith('https://s.example/4'),
    direction: 'in',
    stanzaId: 's1',
    objectId: 'https://o/1',
  } as const;
  const results = await Promise.all(Array.from({ length: 8 }, () => rememberPair(db, pair)));
  expect(results.filter(Boolean)).toHaveLength(1);
  expect(await rememberPair(db, { ...pair, userId: 'bea' })).toBe(true);
  expect(await findByObject(db, pair)).toEqual(pair);
  expect(await findByObject(db, { ...pair, objectId: 'https://o/none' })).toBeUndefined();
  expect(await findByObject(db, { ...pair, actorId: 'https://s.example/5' })).toBeUndefined();
});

test('a stanza id that is used again means the newest message of that chat', async () => {
  const pair = { ...chatWith('https://s.example/5'), direction: 'out', stanzaId: '1' } as const;
  await rememberPair(db, { ...pair, objectId: 'https://o/old' });
  await rememberPair(db, { ...pair, objectId: 'https://o/new' });
  await rememberPair(db, { ...pair, actorId: 'https://s.example/6', objectId: 'https://o/other' });
  expect((await findByStanza(db, pair))?.objectId).toBe('https://o/new');
  expect(await findByStanza(db, { ...pair, stanzaId: '2' })).toBeUndefined();
});

test('a message without a stanza id is found by its object', async () => {
  const pair = {
    ...chatWith('https://s.example/7'),
    direction: 'out',
    stanzaId: undefined,
    objectId: 'o/8',
  } as const;
  await rememberPair(db, pair);
  expect(await findByObject(db, pair)).toStrictEqual(pair);
});

test('old pairs are forgotten in batches, young ones stay', async () => {
  await db.query(
    `insert into messages (user_id, actor_id, direction, object_id, created_at)
     select 'alice', 'https://s/old', 'in', 'old/' || n, now() - interval '40 days' from generate_series(1, 12000) n`,
  );
  expect(await purgeMessages(db, anHourAgo())).toBe(12_000);
  expect(await purgeMessages(db, anHourAgo())).toBe(0);
  expect(await findByObject(db, { ...chatWith('https://s.example/7'), objectId: 'o/8' })).toBeDefined();
});

test('the same stanza is new again after ten minutes', async () => {
  const digest = createHash('sha256').update('stanza').digest();
  const results = await Promise.all(Array.from({ length: 8 }, () => rememberStanza(db, digest)));
  expect(results.filter(Boolean)).toHaveLength(1);
  await db.query(`update seen_stanzas set seen_at = now() - interval '9 minutes'`);
  expect(await rememberStanza(db, digest)).toBe(false);
  await db.query(`update seen_stanzas set seen_at = now() - interval '11 minutes'`);
  expect(await rememberStanza(db, digest)).toBe(true);
  expect(await rememberStanza(db, digest)).toBe(false);
  expect(await purgeStanzaDigests(db, anHourAgo())).toBe(0);
  expect(await purgeStanzaDigests(db, inAnHour())).toBe(1);
  expect(await rememberStanza(db, digest)).toBe(true);
});

const noteOf = (id: string): OutgoingNote => ({
  type: 'Note',
  id: `https://ap.example/n/${id}`,
  attributedTo: 'https://ap.example/u/alice',
  to: ['https://s.example/1'],
  cc: [],
  published: '2026-11-21T10:00:00Z',
  content: '<p>hello</p>',
  source: 'hello',
  language: undefined,
  inReplyTo: undefined,
  context: 'https://ap.example/c/1',
  conversation: 'https://ap.example/c/1',
  mentions: [{ href: 'https://s.example/1', name: '@bob@s.example' }],
});
const addNote = (id: string): Promise<boolean> =>
  insertNote(db, { id, userId: 'alice', audience: ['https://s.example/1'], note: noteOf(id) });
const addDelivery = async (noteId: string, inbox: string): Promise<DeliveryClaim> => {
  await enqueueDelivery(db, {
    activityId: `https://ap.example/n/${noteId}/create`,
    sender: 'alice',
    inbox,
    host: 's.example',
    lane: `alice ${inbox}`,
    body: '{}',
    noteId,
    reportTo: undefined,
  });
  const { rows } = await db.query<{ id: number }>('select max(id) as id from deliveries');
  return { id: rows[0]?.id ?? 0, attempts: 0 };
};

test('a note comes back as it was stored', async () => {
  expect(await addNote('n1')).toBe(true);
  expect(await addNote('n1')).toBe(false);
  expect(await findNote(db, 'n1')).toStrictEqual({
    id: 'n1',
    userId: 'alice',
    audience: ['https://s.example/1'],
    note: noteOf('n1'),
    completedAt: undefined,
    deletedAt: undefined,
  });
  expect(await findNote(db, 'none')).toBeUndefined();
});

test('a note is complete when its last delivery is over, sent or given up', async () => {
  await addNote('n2');
  const [first, second] = [await addDelivery('n2', 'https://s/1'), await addDelivery('n2', 'https://s/2')];
  await completeDelivery(db, first);
  expect(await completeNote(db, 'n2')).toBe(false);
  await failDelivery(db, second, { status: 404, error: 'gone' });
  expect(await completeNote(db, 'n2')).toBe(true);
  expect(await completeNote(db, 'n2')).toBe(false);
  expect((await findNote(db, 'n2'))?.completedAt).toBeInstanceOf(Date);
});

test('of the last two deliveries that end at once one completes the note', async () => {
  for (let n = 0; n < 10; n++) {
    const noteId = `both${n}`;
    await addNote(noteId);
    const claims = [await addDelivery(noteId, 'https://s/1'), await addDelivery(noteId, 'https://s/2')];
    const completed = await Promise.all(
      claims.map((claim) =>
        base.db.transaction(async (tx) => {
          await completeDelivery(tx, claim);
          return completeNote(tx, noteId);
        }),
      ),
    );
    expect(completed.filter(Boolean)).toHaveLength(1);
  }
});

test('the body goes after its time (404), a deleted note is known as deleted (410)', async () => {
  await addNote('n3');
  await completeNote(db, 'n3');
  expect(await purgeNoteBodies(db, anHourAgo())).toBe(0);
  expect(await purgeNoteBodies(db, inAnHour())).toBeGreaterThanOrEqual(1);
  expect(await findNote(db, 'n3')).toMatchObject({ note: undefined, deletedAt: undefined });
  // Not complete yet: peers may still fetch it.
  expect((await findNote(db, 'n1'))?.note).toBeDefined();
  expect(await deleteNote(db, 'n1')).toBe(true);
  expect(await deleteNote(db, 'n1')).toBe(false);
  expect(await findNote(db, 'n1')).toMatchObject({ note: undefined, deletedAt: expect.any(Date) });
});

test('with a grace time of nought the body goes at once', async () => {
  await addNote('n4');
  await dropNoteBody(db, 'n4');
  expect(await findNote(db, 'n4')).toMatchObject({ note: undefined, deletedAt: undefined });
});
