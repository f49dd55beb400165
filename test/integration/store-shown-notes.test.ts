import { afterAll, beforeAll, expect, test } from 'vitest';
import { advanceChat, findChat, openChat, skipDeleted } from '../../src/store/chats.ts';
import type { Database } from '../../src/store/database.ts';
import { deleteFollowsOf, findFollow, saveFollow } from '../../src/store/follows.ts';
import { findByObject, purgeMessages, rememberPair } from '../../src/store/messages.ts';
import {
  findHolders,
  findShown,
  markDeleted,
  purgeTextDigests,
  rememberShown,
  type ShownNote,
  updateShown,
} from '../../src/store/shown-notes.ts';
import { hasTombstone, lockObject, purgeTombstones, saveTombstone } from '../../src/store/tombstones.ts';
import { insertUser } from '../../src/store/users.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';

const BOB = 'https://s.example/bob';
const EVE = 'https://s.example/eve';
let base: TestDatabase;
let db: Database;
beforeAll(async () => {
  base = await createTestDatabase({ max: 20 });
  db = base.db;
  for (const name of ['alice', 'carl']) await insertUser(db, { id: name, jid: `${name}@x.example`, name });
});
afterAll(() => base.drop());

let count = 0;
const newNote = (): string => {
  count += 1;
  return `https://s.example/notes/${count}`;
};
const shownNote = (objectId: string, fields: Partial<ShownNote> = {}): ShownNote => ({
  userId: 'alice',
  actorId: BOB,
  objectId,
  stanzaId: `stanza of ${objectId}`,
  parts: [0, 1],
  publishedAt: new Date('2026-11-21T10:00:00Z'),
  versionAt: undefined,
  textDigest: Buffer.from('digest'),
  ...fields,
});
const keyOf = (objectId: string) => ({ objectId, userId: 'alice', actorId: BOB });
const inAnHour = (): Date => new Date(Date.now() + 3_600_000);
const anHourAgo = (): Date => new Date(Date.now() - 3_600_000);

test('what was shown is kept once, as it was, and found by its author alone', async () => {
  const id = newNote();
  expect(await rememberShown(db, shownNote(id))).toBe(true);
  expect(await rememberShown(db, shownNote(id, { parts: [7] }))).toBe(false);
  expect(await findShown(db, keyOf(id))).toEqual(shownNote(id));
  expect(await findShown(db, { ...keyOf(id), actorId: EVE })).toBeUndefined();
  expect(await findShown(db, { ...keyOf(id), userId: 'carl' })).toBeUndefined();
  expect(await findByObject(db, keyOf(id))).toMatchObject({ direction: 'in', stanzaId: `stanza of ${id}` });
  await rememberShown(db, shownNote(id, { userId: 'carl' }));
  expect(await findHolders(db, keyOf(id))).toEqual(['alice', 'carl']);
  expect(await findHolders(db, keyOf(newNote()))).toEqual([]);
});

test('of an id that two have used each has their own, and changes and deletes no other', async () => {
  const id = newNote();
  const [bobs, eves] = [shownNote(id), shownNote(id, { actorId: EVE, stanzaId: 'of eve', parts: [0] })];
  const remember = (shown: ShownNote) =>
    db.transaction(async (tx) => {
      await lockObject(tx, id);
      return await rememberShown(tx, shown);
    });
  const repeated = await Promise.all(Array.from({ length: 8 }, (_, n) => remember(n % 2 ? bobs : eves)));
  expect(repeated.filter(Boolean)).toHaveLength(2);
  expect(await remember(eves)).toBe(false);
  expect(await findShown(db, keyOf(id))).toEqual(bobs);
  expect(await findShown(db, { ...keyOf(id), actorId: EVE })).toEqual(eves);
  expect(await findByObject(db, { ...keyOf(id), actorId: EVE })).toMatchObject({ stanzaId: 'of eve' });
  expect(await findHolders(db, { ...keyOf(id), actorId: EVE })).toEqual(['alice']);
  for (const one of [bobs, eves]) {
    const next = { ...one, versionAt: new Date(), textDigest: Buffer.from(one.actorId) };
    await updateShown(db, next);
    expect(await findShown(db, { ...keyOf(id), actorId: one.actorId })).toEqual(next);
  }
  expect(await markDeleted(db, keyOf(id))).toMatchObject([{ actorId: BOB }]);
  expect(await findShown(db, { ...keyOf(id), actorId: EVE })).toMatchObject({ stanzaId: 'of eve' });
  expect(await markDeleted(db, { ...keyOf(id), actorId: EVE })).toMatchObject([{ actorId: EVE }]);
});

test('what came second is forgotten with time too, and stays once when what came first is forgotten', async () => {
  const id = newNote();
  const first = shownNote(id, { actorId: EVE });
  await rememberShown(db, first);
  await rememberShown(db, shownNote(id));
  await db.query(`update messages set created_at = now() - interval '2 hours' where actor_id = $1`, [EVE]);
  expect(await purgeMessages(db, anHourAgo())).toBeGreaterThan(0);
  expect(await findShown(db, { ...keyOf(id), actorId: EVE })).toBeUndefined();
  expect(await rememberShown(db, shownNote(id))).toBe(false);
  await db.query(`update messages set created_at = now() - interval '2 hours' where object_id = $1`, [id]);
  expect(await purgeMessages(db, anHourAgo())).toBe(1);
  expect(await findShown(db, keyOf(id))).toBeUndefined();
});

test('a message of our own users is never taken for a note that was shown', async () => {
  const id = newNote();
  await rememberPair(db, { ...keyOf(id), direction: 'out', stanzaId: 's' });
  expect(await findShown(db, keyOf(id))).toBeUndefined();
  await updateShown(db, shownNote(id, { stanzaId: 'other' }));
  expect(await findByObject(db, keyOf(id))).toMatchObject({ stanzaId: 's' });
  expect(await markDeleted(db, { objectId: id, actorId: BOB })).toEqual([]);
});

test('a new version takes the place of the one before', async () => {
  const id = newNote();
  await rememberShown(db, shownNote(id, { parts: [1], textDigest: undefined, publishedAt: undefined }));
  const next = shownNote(id, { parts: [0, 1], versionAt: new Date(), publishedAt: undefined });
  await updateShown(db, next);
  expect(await findShown(db, keyOf(id))).toEqual(next);
});

test('its author deletes it, once', async () => {
  const id = newNote();
  await rememberShown(db, shownNote(id));
  expect(await markDeleted(db, { objectId: id, actorId: EVE })).toEqual([]);
  expect(await markDeleted(db, { objectId: id, actorId: BOB })).toEqual([
    shownNote(id, { textDigest: undefined }),
  ]);
  expect(await markDeleted(db, { objectId: id, actorId: BOB })).toEqual([]);
  expect(await findShown(db, keyOf(id))).toBeUndefined();
  expect(await rememberShown(db, shownNote(id))).toBe(false);
});

test('what its author deleted before is not shown; what somebody else says does not count', async () => {
  const id = newNote();
  await saveTombstone(db, { objectId: id, actorId: EVE });
  await saveTombstone(db, { objectId: id, actorId: EVE });
  expect(await hasTombstone(db, { objectId: id, actorId: EVE })).toBe(true);
  expect(await hasTombstone(db, { objectId: id, actorId: BOB })).toBe(false);
  expect(await rememberShown(db, shownNote(id, { actorId: EVE }))).toBe(false);
  expect(await rememberShown(db, shownNote(id))).toBe(true);
});

test('of a Create and a Delete at the same moment the Delete wins', async () => {
  for (let n = 0; n < 10; n++) {
    const id = newNote();
    await Promise.all([
      db.transaction(async (tx) => {
        await lockObject(tx, id);
        await rememberShown(tx, shownNote(id));
      }),
      db.transaction(async (tx) => {
        await lockObject(tx, id);
        await saveTombstone(tx, { objectId: id, actorId: BOB });
        await markDeleted(tx, { objectId: id, actorId: BOB });
      }),
    ]);
    expect(await findShown(db, keyOf(id))).toBeUndefined();
  }
});

test('hashes of texts and tombstones go with time', async () => {
  const id = newNote();
  await rememberShown(db, shownNote(id));
  await saveTombstone(db, { objectId: newNote(), actorId: BOB });
  await purgeTextDigests(db, anHourAgo());
  expect((await findShown(db, keyOf(id)))?.textDigest).toBeDefined();
  expect(await purgeTextDigests(db, inAnHour())).toBeGreaterThan(0);
  expect(await findShown(db, keyOf(id))).toEqual(shownNote(id, { textDigest: undefined }));
  expect(await purgeTombstones(db, anHourAgo())).toBe(0);
  expect(await purgeTombstones(db, inAnHour())).toBeGreaterThan(0);
  expect(await purgeTombstones(db, inAnHour())).toBe(0);
});

test('a chat stays at its newest object when an older one comes late, and goes back when that is deleted', async () => {
  const key = { userId: 'carl', actorId: 'https://s.example/late' };
  await openChat(db, { ...key, startedBy: 'actor', context: 'c', conversation: 'v' });
  const newest = async () => (await findChat(db, key))?.newestObjectId;
  const show = async (minute: number): Promise<string> => {
    const objectId = newNote();
    const publishedAt = new Date(Date.now() - (10 - minute) * 60_000);
    await rememberShown(db, shownNote(objectId, { ...key, publishedAt }));
    await advanceChat(db, { ...key, newestObjectId: objectId, publishedAt });
    return objectId;
  };
  const remove = async (objectId: string): Promise<void> => {
    await markDeleted(db, { objectId, actorId: key.actorId });
    await skipDeleted(db, { ...key, objectId });
  };
  const second = await show(2);
  const first = await show(1);
  expect(await newest()).toBe(second);
  const third = await show(3);
  expect(await newest()).toBe(third);
  await remove(first);
  expect(await newest()).toBe(third);
  await remove(third);
  expect(await newest()).toBe(second);
  // A message of the user's own is always the newest when it is sent.
  const own = newNote();
  await rememberPair(db, { ...key, direction: 'out', stanzaId: 's', objectId: own });
  await advanceChat(db, { ...key, newestObjectId: own });
  const fourth = await show(0);
  expect(await newest()).toBe(fourth);
  await remove(fourth);
  expect(await newest()).toBe(own);
  await remove(second);
  expect(await newest()).toBe(own);
});

test('a chat moves on from an object whose id another used later', async () => {
  const key = { userId: 'carl', actorId: 'https://s.example/true' };
  const id = newNote();
  const at = (minutes: number): Date => new Date(Date.now() + minutes * 60_000);
  await openChat(db, { ...key, startedBy: 'actor', context: 'c', conversation: 'v' });
  await rememberShown(db, shownNote(id, { ...key, publishedAt: at(-2) }));
  await advanceChat(db, { ...key, newestObjectId: id, publishedAt: at(-2) });
  await rememberShown(db, shownNote(id, { userId: 'carl', actorId: EVE, publishedAt: at(60) }));
  const next = newNote();
  await advanceChat(db, { ...key, newestObjectId: next, publishedAt: at(-1) });
  expect((await findChat(db, key))?.newestObjectId).toBe(next);
});

test('the follows of an actor end together, so many at a time', async () => {
  const follow = { actorId: EVE, state: 'accepted', followId: 'f' } as const;
  await saveFollow(db, { ...follow, userId: 'alice', direction: 'in' });
  await saveFollow(db, { ...follow, userId: 'alice', direction: 'out' });
  await saveFollow(db, { ...follow, userId: 'carl', direction: 'out' });
  await saveFollow(db, { ...follow, userId: 'carl', direction: 'out', actorId: BOB });
  const first = await deleteFollowsOf(db, EVE, 2);
  expect(first).toHaveLength(2);
  const rest = await deleteFollowsOf(db, EVE, 2);
  expect([...first, ...rest].map(({ userId, direction }) => `${userId} ${direction}`).sort()).toEqual([
    'alice in',
    'alice out',
    'carl out',
  ]);
  expect(await findFollow(db, { userId: 'carl', actorId: BOB, direction: 'out' })).toBeDefined();
});
