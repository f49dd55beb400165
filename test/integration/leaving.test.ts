import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { Activity } from '../../src/bridge/activity.ts';
import type { RemoteActor } from '../../src/bridge/actor.ts';
import { localNoteId } from '../../src/bridge/urls.ts';
import { carryActivity } from '../../src/gateway/from-fediverse.ts';
import { carryMessage } from '../../src/gateway/from-xmpp.ts';
import { announceProfile } from '../../src/gateway/profile.ts';
import { removeUser } from '../../src/gateway/remove-user.ts';
import { carryPresence } from '../../src/gateway/subscriptions.ts';
import { findOrRegister } from '../../src/gateway/users.ts';
import { findActorKey, purgeKeysOfLeft } from '../../src/store/actor-keys.ts';
import { saveBlock } from '../../src/store/blocks.ts';
import { openChat } from '../../src/store/chats.ts';
import { findFollow, saveFollow } from '../../src/store/follows.ts';
import { blockHost } from '../../src/store/host-blocks.ts';
import { findNote } from '../../src/store/notes.ts';
import { saveActor } from '../../src/store/remote-actors.ts';
import { findUserById } from '../../src/store/users.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import {
  ALICE,
  chatMessage,
  createTestGateway,
  emptyTables,
  jidOf,
  noteOf,
  presence,
  remoteActor,
  takeActivities,
  takeStanzas,
  urls,
} from '../support/gateway.ts';

let base: TestDatabase;
beforeAll(async () => {
  base = await createTestDatabase();
});
beforeEach(() => emptyTables(base.db));
afterAll(() => base.drop());

/** Alice, who follows Bob, is followed by his neighbour, talked with Dan, and once with somebody else. */
const cast = async () => {
  const { db } = base;
  const { ports, meet } = createTestGateway(db);
  const found = await findOrRegister(ports, ALICE);
  if (!found.ok) throw new Error('not registered');
  const { id: userId } = found.value;
  const bob = meet(remoteActor('bob'));
  const neighbour = meet(remoteActor('nora'));
  const dan = remoteActor('dan', 'small.example', { sharedInbox: undefined });
  for (const actor of [bob, neighbour, dan]) await saveActor(db, actor);
  await carryPresence(ports, presence('subscribe', jidOf(bob)));
  await saveFollow(db, { userId, actorId: neighbour.id, direction: 'in', state: 'accepted', followId: 'f' });
  await openChat(db, { userId, actorId: dan.id, startedBy: 'user', context: 'c', conversation: 'c' });
  const former = meet(remoteActor('eve', 'former.example'));
  await carryPresence(ports, presence('subscribe', jidOf(former)));
  await carryPresence(ports, presence('unsubscribe', jidOf(former)));
  await takeActivities(db);
  await takeStanzas(db);
  return { db, ports, userId, bob, neighbour, dan };
};

type Act = 'Follow' | 'Undo' | 'Block' | 'Flag' | 'Create' | 'Delete';

/** What an actor does to a user; a Create is of the note that a Delete is of. */
const activityOf = (type: Act, by: RemoteActor, object: string): Activity => {
  const actor = by.id;
  const head = { id: `${actor}/${type}`, actor };
  switch (type) {
    case 'Undo':
      return { ...head, type, ref: { id: `${actor}/Follow`, type: 'Follow', actor, object } };
    case 'Flag':
      return { ...head, type, objects: ['https://else.example/u/1', object], content: 'rude' };
    case 'Create':
      return { ...head, type, note: noteOf(by, 1, [object]) };
    case 'Delete':
      return { ...head, type, object: noteOf(by, 1, []).id };
    default:
      return { ...head, type, object };
  }
};

test('a changed profile goes once to each server of somebody who has to do with the user', async () => {
  const { db, ports, userId, dan } = await cast();
  await db.transaction((tx) => announceProfile(ports, tx, userId));
  const sent = await takeActivities(db);
  expect(sent.map(({ inbox }) => inbox).toSorted()).toEqual([dan.inbox, 'https://social.example/inbox']);
  expect(sent[0]?.activity).toMatchObject({ actor: { id: userId }, publicPem: 'public' });
  await blockHost(db, 'social.example');
  await db.transaction((tx) => announceProfile(ports, tx, userId));
  expect((await takeActivities(db)).map(({ inbox }) => inbox)).toEqual([dan.inbox]);
});

test('what is for one person goes to the inbox of that person, though the server has a shared one', async () => {
  const { db, ports, bob, neighbour } = await cast();
  for (const [count, actor] of [bob, neighbour].entries())
    await carryMessage(ports, chatMessage(jidOf(actor), { id: `m${count}` }));
  await carryPresence(ports, presence('unsubscribe', jidOf(bob)));
  await carryPresence(ports, presence('unsubscribed', jidOf(neighbour)));
  const sent = await takeActivities(db);
  expect(sent.map(({ inbox, activity }) => `${activity.type} ${inbox}`).toSorted()).toEqual([
    `Create ${bob.inbox}`,
    `Create ${neighbour.inbox}`,
    `Reject ${neighbour.inbox}`,
    `Undo ${bob.inbox}`,
  ]);
});

test('who leaves is deleted at every server that ever knew them, and is gone here', async () => {
  const { db, ports, userId, bob, neighbour, dan } = await cast();
  await carryMessage(ports, chatMessage(jidOf(bob)));
  const [written] = await takeActivities(db);
  const note = written?.activity.type === 'Create' ? written.activity.note : undefined;
  const noteId = localNoteId(urls.origin, note?.id ?? '') ?? '';
  expect(await findNote(db, noteId)).toMatchObject({ note: { id: note?.id }, deletedAt: undefined });
  await takeStanzas(db);
  expect(await removeUser(ports, ALICE)).toBe(true);
  expect(await findNote(db, noteId)).toMatchObject({ note: undefined, deletedAt: expect.any(Date) });
  expect(await purgeKeysOfLeft(db)).toBe(0);
  const sent = await takeActivities(db);
  expect(sent.map(({ inbox }) => inbox).toSorted()).toEqual([
    'https://former.example/inbox',
    dan.inbox,
    'https://social.example/inbox',
  ]);
  const actor = urls.actor(userId);
  expect(sent[0]?.activity).toEqual({ type: 'Delete', id: `${actor}#delete`, actor, object: actor });
  expect((await findUserById(db, userId))?.state).toBe('left');
  const key = { userId, actorId: bob.id, direction: 'out' } as const;
  expect(await findFollow(db, key)).toBeUndefined();
  const told = (await takeStanzas(db)).map((stanza) => [stanza.from, 'type' in stanza && stanza.type]);
  expect(told.toSorted()).toEqual(
    [
      ...[neighbour, bob].flatMap((actor) =>
        ['unsubscribe', 'unsubscribed', 'unavailable'].map((type) => [jidOf(actor), type]),
      ),
    ].toSorted(),
  );
  // Everything is delivered: nothing is left to sign.
  expect(await purgeKeysOfLeft(db)).toBe(1);
  expect(await findActorKey(db, userId)).toBeUndefined();
  expect(await removeUser(ports, ALICE)).toBe(false);
});

test.each([
  ['followed and stopped', ['Follow', 'Undo']],
  ['followed and blocked', ['Follow', 'Block']],
  ['blocked', ['Block']],
  ['stopped before the Follow came', ['Undo', 'Follow']],
  ['only took a Follow back', ['Undo']],
  ['only reported them', ['Flag']],
  ['deleted what they wrote before it came', ['Delete', 'Create']],
] as const)(
  'who leaves is deleted also at a server that got nothing, where somebody %s',
  async (_, types) => {
    const { db, ports, userId } = await cast();
    const people = ['ann', 'ben'].map((name) =>
      remoteActor(name, 'quiet.example', { sharedInbox: undefined }),
    );
    for (const person of people) {
      await saveActor(db, person);
      for (const type of types)
        await carryActivity(ports, activityOf(type, person, urls.actor(userId)), {
          receivedAt: ports.now(),
        });
    }
    expect(await takeActivities(db)).toEqual([]);
    await removeUser(ports, ALICE);
    const sent = (await takeActivities(db)).filter(({ inbox }) => inbox.includes('quiet.example'));
    // Once for the host, however many of its people came.
    expect(sent.map(({ inbox, activity }) => [inbox, activity.type])).toEqual([[people[0]?.inbox, 'Delete']]);
  },
);

test('who leaves is deleted also at the server of somebody whom they blocked before that one wrote', async () => {
  const { db, ports, userId } = await cast();
  const writer = remoteActor('wes', 'quiet.example');
  await saveActor(db, writer);
  await saveBlock(db, { userId, actorId: writer.id, direction: 'out' });
  await carryActivity(ports, activityOf('Create', writer, urls.actor(userId)), { receivedAt: ports.now() });
  expect(await takeStanzas(db)).toEqual([]);
  await removeUser(ports, ALICE);
  const sent = await takeActivities(db);
  expect(sent.filter(({ inbox }) => inbox === writer.sharedInbox)).toHaveLength(1);
});

test('a report of a user who left, or of nobody here, is remembered nowhere', async () => {
  const { db, ports, userId } = await cast();
  const reporter = remoteActor('rita', 'quiet.example');
  await saveActor(db, reporter);
  await removeUser(ports, ALICE);
  await carryActivity(ports, activityOf('Flag', reporter, urls.actor(userId)), { receivedAt: ports.now() });
  expect((await db.query('select from reached')).rowCount).toBe(0);
});
