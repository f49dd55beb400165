import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import type { RemoteActor } from '../../src/bridge/actor.ts';
import { deleteBlock, findBlocks, saveBlock } from '../../src/store/blocks.ts';
import type { Db } from '../../src/store/database.ts';
import {
  deleteFollow,
  findFollow,
  findFollowById,
  saveFollow,
  setFollowState,
} from '../../src/store/follows.ts';
import { findHandle, saveHandle } from '../../src/store/handles.ts';
import { blockHost, isHostBlocked, unblockHost } from '../../src/store/host-blocks.ts';
import { makeKeyPair } from '../../src/store/key-pool.ts';
import { createKeyring } from '../../src/store/keyring.ts';
import { findActor, findKey, markActorGone, saveActor } from '../../src/store/remote-actors.ts';
import {
  countUsers,
  findUserById,
  findUserByJid,
  findUserByName,
  findWhoLeft,
  insertUser,
  markUserLeft,
} from '../../src/store/users.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';

let base: TestDatabase;
let db: Db;
beforeAll(async () => {
  base = await createTestDatabase();
  db = base.db;
});
afterAll(() => base.drop());

let users = 0;
const addUser = async (): Promise<string> => {
  const id = `user${++users}`;
  await insertUser(db, { id, jid: `${id}@xmpp.example`, name: id });
  return id;
};

const bob: RemoteActor = {
  id: 'https://social.example/users/bob',
  type: 'Person',
  preferredUsername: 'Bob',
  handle: { user: 'bob', host: 'social.example' },
  name: 'Bob \u{1f33b}',
  summary: undefined,
  url: undefined,
  inbox: 'https://social.example/users/bob/inbox',
  sharedInbox: 'https://social.example/inbox',
  followers: undefined,
  icon: undefined,
  manuallyApprovesFollowers: false,
  acceptsChatMessages: true,
  bridgeable: undefined,
  movedTo: undefined,
  keys: [
    {
      id: 'https://social.example/users/bob#main-key',
      owner: 'https://social.example/users/bob',
      pem: 'PEM 1',
    },
  ],
};
const bobNamed = (name: string): RemoteActor => ({
  ...bob,
  id: `https://social.example/users/${name}`,
  handle: { user: name, host: 'social.example' },
  keys: [],
});

test('a user is found by JID, id and name', async () => {
  expect(await insertUser(db, { id: 'a1', jid: 'alice@xmpp.example', name: 'alice' })).toBe('inserted');
  const alice = await findUserByJid(db, 'alice@xmpp.example');
  expect(alice).toEqual({
    id: 'a1',
    jid: 'alice@xmpp.example',
    name: 'alice',
    displayName: undefined,
    state: 'active',
    createdAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/u),
  });
  expect(await findUserById(db, 'a1')).toEqual(alice);
  expect(await findUserByName(db, 'alice')).toEqual(alice);
  expect(await findUserByName(db, 'nobody')).toBeUndefined();
});

test('a conflict is a value and does not spoil the transaction', async () => {
  await insertUser(db, { id: 'c1', jid: 'carol@xmpp.example', name: 'carol' });
  await base.db.transaction(async (tx) => {
    expect(await insertUser(tx, { id: 'c2', jid: 'carol@xmpp.example', name: 'carol2' })).toBe('jid-taken');
    expect(await insertUser(tx, { id: 'c3', jid: 'carol@other.example', name: 'carol' })).toBe('name-taken');
    expect(await insertUser(tx, { id: 'c4', jid: 'carol@other.example', name: 'carol_x' })).toBe('inserted');
  });
  expect((await findUserById(db, 'c4'))?.name).toBe('carol_x');
});

test('of two registrations at once one wins', async () => {
  const results = await Promise.all(
    Array.from({ length: 8 }, (_, n) =>
      insertUser(db, { id: `d${n}`, jid: 'dan@xmpp.example', name: 'dan' }),
    ),
  );
  expect(results.filter((result) => result === 'inserted')).toHaveLength(1);
  expect(results.filter((result) => result === 'jid-taken')).toHaveLength(7);
});

test('who left is found by id and name, not by JID, and the name can be taken again', async () => {
  await insertUser(db, { id: 'e1', jid: 'eve@xmpp.example', name: 'eve' });
  expect(await markUserLeft(db, 'e1')).toBe(true);
  expect(await markUserLeft(db, 'e1')).toBe(false);
  expect(await findUserByJid(db, 'eve@xmpp.example')).toBeUndefined();
  expect((await findUserById(db, 'e1'))?.state).toBe('left');
  expect((await findUserByName(db, 'eve'))?.state).toBe('left');
  expect(await insertUser(db, { id: 'e2', jid: 'eve@xmpp.example', name: 'eve' })).toBe('inserted');
  expect((await findUserByName(db, 'eve'))?.id).toBe('e2');
  expect((await findWhoLeft(db, 'eve@xmpp.example', ['eve_abcd', 'eve']))?.id).toBe('e1');
  await markUserLeft(db, 'e2');
  expect((await findUserByName(db, 'eve'))?.id).toBe('e2');
  expect((await findWhoLeft(db, 'eve@xmpp.example', ['eve_abcd', 'eve']))?.id).toBe('e2');
  for (const [jid, name] of [
    ['eve@other.example', 'eve'],
    ['eve@xmpp.example', 'eve_abcd'],
  ] as const)
    expect(await findWhoLeft(db, jid, [name])).toBeUndefined();
});

test('users are counted by when they last wrote or were written to', async () => {
  const own = await createTestDatabase();
  try {
    expect(await countUsers(own.db)).toEqual({ total: 0, activeMonth: 0, activeHalfyear: 0 });
    for (const [id, days] of [
      ['now', 1],
      ['spring', 90],
      ['old', 400],
      ['never', undefined],
      ['left', 1],
    ] as const) {
      await insertUser(own.db, { id, jid: `${id}@xmpp.example`, name: id });
      if (days === undefined) continue;
      await own.db.query(
        `insert into chats (user_id, actor_id, started_by, context, conversation, updated_at)
         values ($1, 'https://x', 'user', 'c', 'c', now() - make_interval(days => $2))`,
        [id, days],
      );
    }
    await markUserLeft(own.db, 'left');
    expect(await countUsers(own.db)).toEqual({ total: 4, activeMonth: 1, activeHalfyear: 2 });
  } finally {
    await own.drop();
  }
});

test('an actor comes back as it was stored, members that are undefined included', async () => {
  await saveActor(db, bob);
  const found = await findActor(db, bob.id);
  expect(found?.actor).toStrictEqual(bob);
  expect(found?.goneAt).toBeUndefined();
  expect(Math.abs((found?.fetchedAt.getTime() ?? 0) - Date.now())).toBeLessThan(60_000);
  expect(await findActor(db, 'https://social.example/users/nobody')).toBeUndefined();
});

test('hostile characters in a profile do not stop it from being stored', async () => {
  await saveActor(db, { ...bobNamed('hostile'), name: 'a\0b\ud800', summary: '\\u0000' });
  const found = await findActor(db, bobNamed('hostile').id);
  expect([found?.actor.name, found?.actor.summary]).toEqual(['ab\ufffd', '\\u0000']);
});

test('a new fetch replaces the profile, and an actor that is back is no longer gone', async () => {
  const dora = bobNamed('dora');
  await saveActor(db, dora);
  await markActorGone(db, dora.id);
  const gone = await findActor(db, dora.id);
  expect(gone?.goneAt).toBeInstanceOf(Date);
  await markActorGone(db, dora.id);
  expect((await findActor(db, dora.id))?.goneAt).toEqual(gone?.goneAt);
  await saveActor(db, { ...dora, name: 'Dora' });
  expect(await findActor(db, dora.id)).toMatchObject({ actor: { name: 'Dora' }, goneAt: undefined });
});

test('a key id stays with its first owner, also after that one gave it up', async () => {
  const owner = bobNamed('owner');
  const thief = bobNamed('thief');
  const key = { id: `${owner.id}#main-key`, owner: owner.id, pem: 'PEM 1' };
  await saveActor(db, { ...owner, keys: [key] });
  expect(await findKey(db, key.id)).toMatchObject({ ...key, fetchedAt: expect.any(Date) });

  await saveActor(db, { ...thief, keys: [{ ...key, owner: thief.id, pem: 'STOLEN' }] });
  expect(await findKey(db, key.id)).toMatchObject(key);
  expect((await findActor(db, thief.id))?.actor.keys).toEqual([]);

  // Rotated: the new PEM counts. Withdrawn: it verifies nothing, and is still nobody else's.
  await saveActor(db, { ...owner, keys: [{ ...key, pem: 'PEM 2' }] });
  expect(await findKey(db, key.id)).toMatchObject({ pem: 'PEM 2' });
  await saveActor(db, { ...owner, keys: [] });
  expect(await findKey(db, key.id)).toBeUndefined();
  await saveActor(db, { ...thief, keys: [{ ...key, owner: thief.id, pem: 'STOLEN' }] });
  expect(await findKey(db, key.id)).toBeUndefined();
  await saveActor(db, { ...owner, keys: [key] });
  expect(await findKey(db, key.id)).toMatchObject(key);
});

test('an actor’s own id names its one key, as its document does', async () => {
  const signer = bobNamed('signer');
  const own = (name: string) => ({ id: `${signer.id}#${name}`, owner: signer.id, pem: name });
  const elsewhere = { id: `${signer.id}/key`, owner: signer.id, pem: 'elsewhere' };
  await saveActor(db, { ...signer, keys: [own('a'), elsewhere] });
  expect(await findKey(db, signer.id)).toMatchObject({ ...own('a'), fetchedAt: expect.any(Date) });
  await saveActor(db, { ...signer, keys: [own('a'), own('b')] });
  expect(await findKey(db, signer.id)).toBeUndefined();
  await saveActor(db, { ...signer, keys: [own('b')] });
  expect(await findKey(db, signer.id)).toMatchObject(own('b'));
  // Where a key has that very id, it is meant.
  const named = { id: signer.id, owner: signer.id, pem: 'named' };
  await saveActor(db, { ...signer, keys: [own('a'), named] });
  expect(await findKey(db, signer.id)).toMatchObject(named);
  await saveActor(db, { ...signer, keys: [elsewhere] });
  expect(await findKey(db, signer.id)).toBeUndefined();
});

test('a key that says it is of somebody else is not stored', async () => {
  const forger = bobNamed('forger');
  const id = `${forger.id}#main-key`;
  await saveActor(db, { ...forger, keys: [{ id, owner: bob.id, pem: 'PEM' }] });
  expect(await findKey(db, id)).toBeUndefined();
});

test('the same actor saved by many at once is saved', async () => {
  const many = bobNamed('many');
  const keys = ['a', 'b'].map((name) => ({ id: `${many.id}#${name}`, owner: many.id, pem: name }));
  await Promise.all(Array.from({ length: 10 }, () => saveActor(db, { ...many, keys: [...keys, ...keys] })));
  expect((await findActor(db, many.id))?.actor.keys).toEqual(keys);
});

test('a handle leads to its actor, whatever its case, and can move to another', async () => {
  await saveActor(db, bob);
  await saveActor(db, bobNamed('rob'));
  await saveHandle(db, { user: 'Bob', host: 'alias.example' }, bob.id);
  const found = await findHandle(db, { user: 'bob', host: 'alias.example' });
  expect(found).toEqual({ actorId: bob.id, checkedAt: expect.any(Date) });
  await saveHandle(db, { user: 'bob', host: 'alias.example' }, bobNamed('rob').id);
  expect((await findHandle(db, { user: 'bob', host: 'alias.example' }))?.actorId).toBe(bobNamed('rob').id);
  expect(await findHandle(db, { user: 'nobody', host: 'alias.example' })).toBeUndefined();
});

test('a follow is written, found, accepted, counted and deleted', async () => {
  const userId = await addUser();
  const key = { userId, actorId: bob.id, direction: 'out' } as const;
  const follow = { ...key, state: 'pending', followId: `https://ap.example/f/${userId}` } as const;
  await saveFollow(db, follow);
  expect(await findFollow(db, key)).toEqual(follow);
  expect(await findFollow(db, { ...key, direction: 'in' })).toBeUndefined();
  const { followId } = follow;
  expect(await findFollowById(db, { actorId: bob.id, direction: 'out', followId })).toEqual(follow);
  expect(await findFollowById(db, { actorId: bob.id, direction: 'in', followId })).toBeUndefined();
  expect(await findFollowById(db, { actorId: 'https://x/1', direction: 'out', followId })).toBeUndefined();

  expect(await setFollowState(db, key, 'accepted')).toBe(true);
  await saveFollow(db, { ...follow, followId: 'https://ap.example/f/again' });
  expect(await findFollow(db, key)).toMatchObject({
    state: 'pending',
    followId: 'https://ap.example/f/again',
  });
  expect(await deleteFollow(db, key)).toMatchObject({ followId: 'https://ap.example/f/again' });
  expect(await deleteFollow(db, key)).toBeUndefined();
  expect(await setFollowState(db, key, 'accepted')).toBe(false);
});

test('blocks are kept for each direction', async () => {
  const userId = await addUser();
  const pair = { userId, actorId: bob.id };
  expect(await findBlocks(db, pair)).toEqual({ byUser: false, byActor: false });
  expect(await saveBlock(db, { ...pair, direction: 'in' })).toBe(true);
  expect(await saveBlock(db, { ...pair, direction: 'in' })).toBe(false);
  expect(await findBlocks(db, pair)).toEqual({ byUser: false, byActor: true });
  expect(await deleteBlock(db, { ...pair, direction: 'out' })).toBe(false);
  expect(await deleteBlock(db, { ...pair, direction: 'in' })).toBe(true);
  expect(await findBlocks(db, pair)).toEqual({ byUser: false, byActor: false });
});

test('a blocked host is blocked with all below it, and nothing beside it', async () => {
  await blockHost(db, 'Bad.Example.', 'spam');
  await blockHost(db, 'bad.example', 'more spam');
  for (const host of [
    'bad.example',
    'a.bad.example',
    'A.B.BAD.EXAMPLE',
    'bad.example:8443',
    'bad.example.',
  ]) {
    expect([host, await isHostBlocked(db, host)]).toEqual([host, true]);
  }
  for (const host of ['example', 'notbad.example', 'bad.example.org', 'xbad.example', '', '[::1]:80']) {
    expect([host, await isHostBlocked(db, host)]).toEqual([host, false]);
  }
  expect(await isHostBlocked(db, `${'a.'.repeat(100_000)}bad.example`)).toBe(true);
  expect(await unblockHost(db, 'BAD.example')).toBe(true);
  expect(await unblockHost(db, 'bad.example')).toBe(false);
  expect(await isHostBlocked(db, 'bad.example')).toBe(false);
});

test('the keyring keeps pairs sealed and opens each once', async () => {
  const secretKey = randomBytes(32);
  const keyring = createKeyring({ db, secretKey });
  const pair = await makeKeyPair();
  await expect(keyring.privateKeyOf('ring')).rejects.toThrow('has no key');
  expect(await keyring.publicPemOf('ring')).toBeUndefined();

  await expect(
    base.db.transaction(async (tx) => {
      await keyring.add(tx, 'ring', pair);
      throw new Error('undone');
    }),
  ).rejects.toThrow('undone');
  expect(await keyring.publicPemOf('ring')).toBeUndefined();

  expect(await base.db.transaction((tx) => keyring.add(tx, 'ring', pair))).toBe(true);
  expect(await keyring.add(db, 'ring', await makeKeyPair())).toBe(false);
  const query = vi.spyOn(base.db, 'query');
  const opened = await Promise.all([keyring.privateKeyOf('ring'), keyring.privateKeyOf('ring')]);
  expect(opened[0]).toBe(opened[1]);
  expect(await keyring.publicPemOf('ring')).toBe(pair.publicPem);
  expect(query).toHaveBeenCalledTimes(1);
  query.mockRestore();
  expect(opened[0].export({ format: 'der', type: 'pkcs8' })).toEqual(pair.privateDer);

  const { rows } = await db.query<{ private_sealed: Buffer }>('select private_sealed from actor_keys');
  expect(rows[0]?.private_sealed.includes(pair.privateDer.subarray(30, 60))).toBe(false);
  await expect(createKeyring({ db, secretKey: randomBytes(32) }).privateKeyOf('ring')).rejects.toThrow();
});
