import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { Activity, ActivityRef } from '../../src/bridge/activity.ts';
import { refuse } from '../../src/bridge/outcome.ts';
import { carryActivity } from '../../src/gateway/from-fediverse.ts';
import { carryMessage } from '../../src/gateway/from-xmpp.ts';
import { carryPresence } from '../../src/gateway/subscriptions.ts';
import { findBlocks, saveBlock } from '../../src/store/blocks.ts';
import { findFollow } from '../../src/store/follows.ts';
import { insertUser, markUserLeft } from '../../src/store/users.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import {
  ALICE,
  chatMessage,
  createOf,
  createTestGateway,
  emptyTables,
  jidOf,
  noteOf,
  presence,
  remoteActor,
  type TestGateway,
  takeActivities,
  takeStanzas,
  urls,
} from '../support/gateway.ts';

const bob = remoteActor('bob');
const mallory = remoteActor('mallory');
const contact = jidOf(bob);
const alice = urls.actor('alice1');
const dave = urls.actor('dave1');

let base: TestDatabase;
let gateway: TestGateway;
beforeAll(async () => {
  base = await createTestDatabase();
});
afterAll(() => base.drop());
beforeEach(async () => {
  await emptyTables(base.db);
  gateway = createTestGateway(base.db);
  gateway.meet(bob);
  gateway.meet(mallory);
  await insertUser(base.db, { id: 'alice1', jid: ALICE, name: 'alice' });
  await insertUser(base.db, { id: 'dave1', jid: 'dave@xmpp.example', name: 'dave' });
});

const arrival = () => ({ receivedAt: gateway.clock.now });
const carry = async (...activities: Activity[]) => {
  for (const activity of activities) await carryActivity(gateway.ports, activity, arrival());
  return await takeStanzas(base.db);
};
/** Presence that was told, in short. */
const toldBy = async (...activities: Activity[]) =>
  (await carry(...activities)).flatMap((stanza) =>
    stanza.kind === 'presence' ? [`${stanza.type} from ${stanza.from} to ${stanza.to}`] : [stanza.kind],
  );
const say = (type: 'subscribe' | 'unsubscribe' | 'subscribed') =>
  carryPresence(gateway.ports, presence(type, contact));

const ref = (more: Partial<ActivityRef>): ActivityRef => ({
  id: undefined,
  type: undefined,
  actor: undefined,
  object: undefined,
  ...more,
});
const followBy = (actor = bob, number = 1): Activity => ({
  type: 'Follow',
  id: `${actor.id}/follows/${number}`,
  actor: actor.id,
  object: alice,
});
const answerOf = (type: 'Accept' | 'Reject' | 'Undo', actor: string, to: Partial<ActivityRef>): Activity => ({
  type,
  id: `${actor}/answers/${Math.random()}`,
  actor,
  ref: ref(to),
});
const blockBy = (actor: string): Activity => ({ type: 'Block', id: `${actor}/block`, actor, object: alice });
const followOf = (direction: 'in' | 'out', actorId = bob.id) =>
  findFollow(base.db, { userId: 'alice1', actorId, direction });

test('a note to two users is one message to each, with an id of its own', async () => {
  const stanzas = await carry(createOf(noteOf(bob, 1, [alice, dave])));
  expect(stanzas).toMatchObject([
    { kind: 'message', type: 'chat', from: contact, to: ALICE, body: expect.stringContaining('note 1') },
    { kind: 'message', type: 'chat', from: contact, to: 'dave@xmpp.example' },
  ]);
  expect(new Set(stanzas.map(({ id }) => id)).size).toBe(2);
});

test('a note that comes again, alone or twice at once, is shown once', async () => {
  const note = createOf(noteOf(bob, 1, [alice]));
  await Promise.all([
    carryActivity(gateway.ports, note, arrival()),
    carryActivity(gateway.ports, note, arrival()),
  ]);
  expect(await carry(note)).toHaveLength(1);
});

test('a mention alone reaches the user; who left, or is nobody, gets nothing', async () => {
  await markUserLeft(base.db, 'dave1');
  const mention = noteOf(bob, 1, [], { mentions: [{ href: alice, name: '@alice' }], cc: [dave] });
  expect(await carry(createOf(mention))).toMatchObject([{ to: ALICE }]);
  gateway.asked.length = 0;
  expect(await carry(createOf(noteOf(mallory, 2, [dave, urls.actor('nobody')])))).toEqual([]);
  expect(gateway.asked).toEqual([]);
});

test('a note of one whom the user blocked is not shown to that user', async () => {
  await saveBlock(base.db, { userId: 'alice1', actorId: bob.id, direction: 'out' });
  expect(await carry(createOf(noteOf(bob, 1, [alice, dave])))).toMatchObject([{ to: 'dave@xmpp.example' }]);
});

test('an answer names the message that it answers', async () => {
  await carryMessage(gateway.ports, chatMessage(contact, { id: 'question' }));
  const [sent] = await takeActivities(base.db);
  await takeStanzas(base.db);
  const noteId = sent?.activity.type === 'Create' ? sent.activity.note.id : '';
  const [first] = await carry(createOf(noteOf(bob, 1, [alice], { inReplyTo: noteId })));
  expect(first).toMatchObject({ replyTo: { id: 'question', to: ALICE } });
  const [second] = await carry(createOf(noteOf(bob, 2, [alice], { inReplyTo: `${bob.id}/notes/1` })));
  expect(second).toMatchObject({ replyTo: { id: first?.id, to: contact } });
});

test('a file is a stanza of its own', async () => {
  const attachments = [{ url: 'https://social.example/cat.png', mediaType: 'image/png', name: 'a cat' }];
  expect(await carry(createOf(noteOf(bob, 1, [alice], { attachments })))).toMatchObject([
    { body: expect.stringContaining('note 1') },
    { body: 'https://social.example/cat.png', oob: { desc: 'a cat' } },
  ]);
});

test('the others are named when a conversation begins, not with each note of it', async () => {
  const others = {
    conversation: 'tag:1',
    mentions: [{ href: mallory.id, name: '@mallory@social.example' }],
  };
  const [first] = await carry(createOf(noteOf(bob, 1, [alice, mallory.id], others)));
  const [second] = await carry(createOf(noteOf(bob, 2, [alice, mallory.id], others)));
  expect(first).toMatchObject({ body: expect.stringContaining('@mallory@social.example') });
  expect(second).toMatchObject({ body: 'note 2' });
});

test('a signer who cannot be looked up is trouble that passes', async () => {
  gateway.meet(bob, refuse('host-unreachable'));
  await expect(carry(createOf(noteOf(bob, 1, [alice])))).rejects.toThrow('host-unreachable');
  gateway.meet(bob);
  expect(await carry(createOf(noteOf(bob, 1, [alice])))).toHaveLength(1);
});

test('a Follow is asked of the user with a nick, and accepted by the user', async () => {
  gateway.meet(remoteActor('bob', 'social.example', { name: 'Bob\n Builder' }));
  expect(await carry(followBy())).toEqual([
    {
      kind: 'presence',
      type: 'subscribe',
      id: expect.any(String),
      from: contact,
      to: ALICE,
      nick: 'Bob Builder (@bob@social.example)',
      status: 'I would like to follow you.',
    },
  ]);
  expect(await followOf('in')).toMatchObject({ state: 'pending' });
  await say('subscribed');
  expect(await followOf('in')).toMatchObject({ state: 'accepted' });
});

test('who follows already and asks again is accepted under the newest id, without a question', async () => {
  await carry(followBy());
  await say('subscribed');
  await takeActivities(base.db);
  expect(await carry(followBy(bob, 2))).toEqual([]);
  expect(await takeActivities(base.db)).toMatchObject([
    { inbox: bob.inbox, activity: { type: 'Accept', follow: { id: `${bob.id}/follows/2` } } },
  ]);
});

test('a Follow of one whom the user blocked is rejected without a word to the user', async () => {
  await saveBlock(base.db, { userId: 'alice1', actorId: bob.id, direction: 'out' });
  expect(await carry(followBy())).toEqual([]);
  expect(await takeActivities(base.db)).toMatchObject([{ activity: { type: 'Reject' } }]);
  expect(await followOf('in')).toBeUndefined();
});

test('a Follow of nobody costs no look-up', async () => {
  expect(await carry({ ...followBy(), type: 'Follow', object: urls.actor('nobody') } as Activity)).toEqual(
    [],
  );
  expect(gateway.asked).toEqual([]);
});

/** Alice asks to follow Bob; the id of that Follow. */
const ask = async (): Promise<string> => {
  await say('subscribe');
  await takeActivities(base.db);
  return (await followOf('out'))?.followId ?? '';
};

test.each([
  ['its id', (id: string) => ({ id })],
  ['the whole of it', (id: string) => ({ id, type: 'Follow', actor: alice, object: bob.id })],
  [
    'the pair alone, under an id that is not ours',
    () => ({ id: 'https://x.example/1', actor: alice, object: bob.id }),
  ],
])('an Accept with %s grants the subscription, once', async (_name, refOf) => {
  const id = await ask();
  const accept = answerOf('Accept', bob.id, refOf(id));
  expect(await toldBy(accept, accept)).toEqual([
    `subscribed from ${contact} to ${ALICE}`,
    `available from ${contact} to ${ALICE}`,
    'nick',
  ]);
  expect(await followOf('out')).toMatchObject({ state: 'accepted', followId: id });
});

test('a Reject ends it, pending or accepted', async () => {
  const id = await ask();
  const reject = answerOf('Reject', bob.id, { id });
  const ended = [`unsubscribed from ${contact} to ${ALICE}`, `unavailable from ${contact} to ${ALICE}`];
  expect(await toldBy(reject, reject)).toEqual(ended);
  const again = await ask();
  await carry(answerOf('Accept', bob.id, { id: again }));
  expect(await toldBy(answerOf('Reject', bob.id, { id: again }))).toEqual(ended);
  expect(await followOf('out')).toBeUndefined();
});

test('nobody answers for another', async () => {
  const id = await ask();
  const whole = { id, type: 'Follow', actor: alice, object: bob.id };
  for (const type of ['Accept', 'Reject'] as const)
    expect(await toldBy(answerOf(type, mallory.id, { id }), answerOf(type, mallory.id, whole))).toEqual([]);
  expect(await followOf('out')).toMatchObject({ state: 'pending' });
});

test('Undo of a Follow ends the subscription once; of somebody else’s, nothing', async () => {
  await carry(followBy());
  const id = `${bob.id}/follows/1`;
  const whole = { id, type: 'Follow', actor: bob.id, object: alice };
  expect(await toldBy(answerOf('Undo', mallory.id, { id }), answerOf('Undo', mallory.id, whole))).toEqual([]);
  const undo = answerOf('Undo', bob.id, { id });
  expect(await toldBy(undo, undo)).toEqual([`unsubscribe from ${contact} to ${ALICE}`]);
  await carry(followBy(bob, 2));
  expect(await toldBy(answerOf('Undo', bob.id, whole))).toEqual([`unsubscribe from ${contact} to ${ALICE}`]);
});

test('one actor who borrows the id of another’s Follow keeps that one from nothing', async () => {
  const id = `${bob.id}/follows/1`;
  await carry(followBy());
  await carry({ ...followBy(mallory), id, object: dave } as Activity);
  expect(await toldBy(answerOf('Undo', bob.id, { id }))).toEqual([`unsubscribe from ${contact} to ${ALICE}`]);
});

test('a Block ends all between the two, and later messages are refused until it is undone', async () => {
  await carry(followBy());
  await say('subscribed');
  await carry(answerOf('Accept', bob.id, { id: await ask() }));
  await takeActivities(base.db);
  expect(await toldBy(blockBy(bob.id), blockBy(bob.id))).toEqual([
    `unsubscribe from ${contact} to ${ALICE}`,
    `unsubscribed from ${contact} to ${ALICE}`,
    `unavailable from ${contact} to ${ALICE}`,
  ]);
  await carryMessage(gateway.ports, chatMessage(contact, { id: 'blocked' }));
  expect(await takeStanzas(base.db)).toMatchObject([{ id: 'blocked', error: { condition: 'forbidden' } }]);
  const undone = { type: 'Block', actor: mallory.id, object: alice };
  await carry(answerOf('Undo', mallory.id, undone));
  expect(await findBlocks(base.db, { userId: 'alice1', actorId: bob.id })).toMatchObject({ byActor: true });
  await carry(answerOf('Undo', bob.id, { ...undone, actor: bob.id }));
  expect(await findBlocks(base.db, { userId: 'alice1', actorId: bob.id })).toMatchObject({ byActor: false });
});

test('a Block of a stranger is remembered without a word', async () => {
  expect(await toldBy(blockBy(bob.id))).toEqual([]);
  expect(await findBlocks(base.db, { userId: 'alice1', actorId: bob.id })).toMatchObject({ byActor: true });
});

test('what is not carried changes nothing', async () => {
  expect(await carry({ type: 'Other', id: `${bob.id}/1`, actor: bob.id, name: 'Travel' })).toEqual([]);
  expect(gateway.asked).toEqual([]);
});

test('who was written to and asks to quote it is refused, anybody else hears nothing', async () => {
  await carryMessage(gateway.ports, chatMessage(contact, { id: 'quotable' }));
  const [sent] = await takeActivities(base.db);
  const object = sent?.activity.type === 'Create' ? sent.activity.note.id : '';
  const requestBy = (actor: string, quoted: string): Activity => ({
    type: 'QuoteRequest',
    id: `${actor}/quotes/1`,
    actor,
    object: quoted,
    instrument: `${actor}/notes/9`,
  });
  await carry(requestBy(mallory.id, object), requestBy(bob.id, urls.note('never1')));
  expect(await takeActivities(base.db)).toEqual([]);
  const request = requestBy(bob.id, object);
  await carry(request);
  const { type: _type, ...asked } = request;
  expect(await takeActivities(base.db)).toMatchObject([
    { inbox: bob.inbox, activity: { type: 'RejectQuote', actor: alice, request: asked } },
  ]);
  await markUserLeft(base.db, 'alice1');
  await carry(request);
  expect(await takeActivities(base.db)).toEqual([]);
});
