import { afterAll, beforeAll, expect, test } from 'vitest';
import type { RemoteActor } from '../../src/bridge/actor.ts';
import { saveBlock } from '../../src/store/blocks.ts';
import { openChat } from '../../src/store/chats.ts';
import { saveFollow } from '../../src/store/follows.ts';
import { findHandle, saveHandle } from '../../src/store/handles.ts';
import { findActor, findKey, purgeStrangers, saveActor } from '../../src/store/remote-actors.ts';
import { findActiveUsers, insertUser, markUserLeft } from '../../src/store/users.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database?.drop());

const actor = (name: string): RemoteActor => {
  const id = `https://m.example/users/${name}`;
  return {
    id,
    type: 'Person',
    preferredUsername: name,
    handle: { user: name, host: 'm.example' },
    name: undefined,
    summary: undefined,
    url: undefined,
    inbox: `${id}/inbox`,
    sharedInbox: undefined,
    followers: undefined,
    icon: undefined,
    manuallyApprovesFollowers: false,
    acceptsChatMessages: false,
    bridgeable: undefined,
    movedTo: undefined,
    keys: [{ id: `${id}#main-key`, owner: id, pem: 'PEM' }],
  };
};

test('actors whom nobody has to do with are forgotten, all others stay', async () => {
  const { db } = database;
  await insertUser(db, { id: 'u1', jid: 'alice@xmpp.example', name: 'alice' });
  const names = ['stranger', 'chatted', 'follower', 'blocked', 'new'];
  for (const name of names) {
    await saveActor(db, actor(name));
    await saveHandle(db, actor(name).handle, actor(name).id);
  }
  const pair = (name: string) => ({ userId: 'u1', actorId: actor(name).id });
  await openChat(db, { ...pair('chatted'), startedBy: 'actor', context: 'c', conversation: 'c' });
  await saveFollow(db, { ...pair('follower'), direction: 'in', state: 'pending', followId: 'f' });
  await saveBlock(db, { ...pair('blocked'), direction: 'in' });
  await db.query(`update remote_actors set fetched_at = now() - interval '3 days' where id <> $1`, [
    actor('new').id,
  ]);
  expect(await purgeStrangers(db, new Date(Date.now() - 2 * 86_400_000))).toBe(1);
  const left = await Promise.all(
    names.map(async (name) => (await findActor(db, actor(name).id)) !== undefined),
  );
  expect(left).toEqual([false, true, true, true, true]);
  expect(await findKey(db, `${actor('stranger').id}#main-key`)).toBeUndefined();
  expect(await findHandle(db, actor('stranger').handle)).toBeUndefined();
});

test('of many ids, those of registered users in one answer', async () => {
  const { db } = database;
  await insertUser(db, { id: 'u2', jid: 'bob@xmpp.example', name: 'bob' });
  await insertUser(db, { id: 'u3', jid: 'carol@xmpp.example', name: 'carol' });
  await markUserLeft(db, 'u3');
  const ids = Array.from({ length: 700 }, (_, index) => `u${index}`);
  expect((await findActiveUsers(db, ids)).map(({ id }) => id)).toEqual(['u1', 'u2']);
  expect(await findActiveUsers(db, [])).toEqual([]);
});
