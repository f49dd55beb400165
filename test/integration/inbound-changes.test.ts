import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Note } from '../../src/bridge/activity.ts';
import type { RemoteActor } from '../../src/bridge/actor.ts';
import type { OutgoingMessage } from '../../src/bridge/stanza.ts';
import { contactJid, resolveActor, signerOf } from '../../src/gateway/actors.ts';
import { carryActivity } from '../../src/gateway/from-fediverse.ts';
import { saveBlock } from '../../src/store/blocks.ts';
import { findChat } from '../../src/store/chats.ts';
import { findFollow, saveFollow } from '../../src/store/follows.ts';
import { noteReached } from '../../src/store/reached.ts';
import { enqueueStanza } from '../../src/store/stanzas.ts';
import { createTestDatabase, somebodyWaits, type TestDatabase } from '../support/database.ts';
import { urls } from '../support/gateway.ts';
import { addActor, addUser, noteTo, stanzasTo, testPorts, whatIsSeen } from '../support/inbound.ts';

const RECEIVED = new Date('2026-11-20T10:00:00.000Z');
const PUBLISHED = '2026-11-20T09:00:00.000Z';
const arrival = { receivedAt: RECEIVED };
const later = (minutes: number): string => new Date(RECEIVED.getTime() + minutes * 60_000).toISOString();

let base: TestDatabase;
let count = 0;
beforeAll(async () => {
  base = await createTestDatabase();
});
afterAll(() => base.drop());

/** Two users, and two people of one server, who met nobody yet. */
const cast = async () => {
  count += 1;
  const ports = testPorts(base, { now: () => RECEIVED });
  const [alice, carl] = [`alice${count}`, `carl${count}`];
  await addUser(base, alice);
  await addUser(base, carl);
  const bob = await addActor(base, ports, `bob${count}`);
  const eve = await addActor(base, ports, `eve${count}`);
  const note = (fields: Partial<Note> = {}): Note =>
    noteTo(alice, bob, 1, { published: PUBLISHED, ...fields });
  let activities = 0;
  const say = async (type: 'Create' | 'Update', said: Note): Promise<void> => {
    activities += 1;
    const id = `${bob.id}/activities/${activities}`;
    await carryActivity(ports, { type, id, actor: said.attributedTo, note: said }, arrival);
  };
  const remove = (actor: RemoteActor, object: string): Promise<void> =>
    carryActivity(ports, { type: 'Delete', id: `${object}#delete`, actor: actor.id, object }, arrival);
  const messagesTo = async (user: string): Promise<readonly OutgoingMessage[]> =>
    (await stanzasTo(base, user)).filter((stanza) => stanza.kind === 'message');
  return { ports, alice, carl, bob, eve, note, say, remove, messagesTo };
};

describe('an edit', () => {
  test('is a correction of the first version, each time', async () => {
    const { alice, note, say, messagesTo } = await cast();
    await say('Create', note());
    await say('Update', note({ content: '<p>second</p>', updated: '2026-11-20T09:30:00.000Z' }));
    await say('Update', note({ content: '<p>third</p>', updated: '2026-11-20T09:40:00.000Z' }));
    const [first, second, third] = await messagesTo(alice);
    expect(first).toMatchObject({ body: 'hello', publishedAt: PUBLISHED });
    expect(second).toMatchObject({
      body: 'second',
      replaces: first?.id,
      publishedAt: '2026-11-20T09:30:00.000Z',
    });
    expect(third).toMatchObject({ body: 'third', replaces: first?.id });
    expect(new Set([first?.id, second?.id, third?.id]).size).toBe(3);
  });

  test('is not shown where it changes no text, or is older than what is shown', async () => {
    const { alice, note, say, messagesTo } = await cast();
    await say('Create', note());
    await say('Update', note({ updated: later(-10), url: 'https://s.example/@bob/1', sensitive: true }));
    await say('Update', note({ content: '<p>older</p>', updated: later(-20) }));
    await say('Update', note({ content: '<p>the same</p>', updated: later(-10) }));
    expect(await messagesTo(alice)).toHaveLength(1);
    // Without a time it cannot be placed: it counts when it comes.
    await say('Update', note({ content: '<p>no time</p>' }));
    await say('Update', note({ content: '<p>no time</p>' }));
    expect((await messagesTo(alice)).map(({ body }) => body)).toEqual(['hello', 'no time']);
  });
});

describe('an edit and its audience:', () => {
  test('it reaches those who were shown it, and nobody new', async () => {
    const { alice, carl, note, say, messagesTo } = await cast();
    await say('Create', note());
    await say('Update', note({ content: '<p>x</p>', updated: later(-1), to: [urls.actor(carl)] }));
    expect(await messagesTo(carl)).toEqual([]);
    expect(await messagesTo(alice)).toHaveLength(2);
  });

  test('one of somebody else’s note changes nothing, of the same server neither', async () => {
    const { alice, carl, eve, note, say, messagesTo } = await cast();
    await say('Create', note());
    const forged = { content: '<p>forged</p>', updated: later(-1), attributedTo: eve.id };
    await say('Update', note(forged));
    await say('Update', note({ ...forged, to: [urls.actor(carl)] }));
    expect(await messagesTo(alice)).toHaveLength(1);
    expect(await messagesTo(carl)).toEqual([]);
    await say('Update', note({ content: '<p>true</p>', updated: later(-1) }));
    expect(await messagesTo(alice)).toMatchObject([{ body: 'hello' }, { body: 'true' }]);
  });

  test('one that comes first is shown as it is; one of an old or timeless unknown note is not', async () => {
    const { alice, note, say, messagesTo } = await cast();
    const edited = { content: '<p>edited</p>', updated: later(-1) };
    await say('Update', note({ ...edited, published: '2026-11-19T09:59:59.000Z' }));
    await say('Update', note({ ...edited, published: undefined }));
    expect(await messagesTo(alice)).toEqual([]);
    await say('Update', note(edited));
    await say('Create', note());
    const [only, ...more] = await messagesTo(alice);
    expect(only).toMatchObject({ body: 'edited' });
    expect(only).not.toHaveProperty('replaces');
    expect(more).toEqual([]);
  });

  test('a user who blocked the author is not shown it', async () => {
    const { alice, bob, note, say, messagesTo } = await cast();
    await say('Create', note());
    await saveBlock(base.db, { userId: alice, actorId: bob.id, direction: 'out' });
    await say('Update', note({ content: '<p>x</p>', updated: later(-1) }));
    expect(await messagesTo(alice)).toHaveLength(1);
  });

  test('it gives a text to a file that had none, and corrects that text from then on', async () => {
    const { alice, note, say, remove, bob, messagesTo } = await cast();
    const attachments = [{ url: 'https://s.example/cat.jpg', mediaType: undefined, name: undefined }];
    await say('Create', note({ content: '', attachments }));
    await say('Update', note({ content: '<p>a cat</p>', attachments, updated: later(-3) }));
    await say('Update', note({ content: '<p>the cat</p>', attachments, updated: later(-2) }));
    const [file, text, correction] = await messagesTo(alice);
    expect(file).toMatchObject({ oob: { url: 'https://s.example/cat.jpg' } });
    expect(text).toMatchObject({ body: 'a cat' });
    expect(text).not.toHaveProperty('replaces');
    expect(correction).toMatchObject({ body: 'the cat', replaces: text?.id });
    await remove(bob, note().id);
    const retracted = (await messagesTo(alice)).flatMap(({ retracts }) => retracts ?? []);
    expect([...retracted].sort()).toEqual([file?.id, text?.id].sort());
    expect(whatIsSeen(await stanzasTo(base, alice)).texts).toEqual({});
  });
});

describe('a deletion', () => {
  test('retracts what was shown of it, once, and the chat goes back to the note before', async () => {
    const { alice, bob, note, say, remove, messagesTo } = await cast();
    const second = `${bob.id}/notes/2`;
    await say('Create', note());
    await say('Create', note({ id: second, published: later(-30) }));
    await remove(bob, second);
    await remove(bob, second);
    const messages = await messagesTo(alice);
    expect(messages).toHaveLength(3);
    expect(messages[2]).toMatchObject({ retracts: messages[1]?.id, publishedAt: RECEIVED.toISOString() });
    const chat = () => findChat(base.db, { userId: alice, actorId: bob.id });
    expect((await chat())?.newestObjectId).toBe(note().id);
    await remove(bob, note().id);
    expect((await chat())?.newestObjectId).toBeUndefined();
  });

  test('by anybody but the author changes nothing, before and after', async () => {
    const { alice, eve, note, say, remove, messagesTo } = await cast();
    await remove(eve, note().id);
    await say('Create', note());
    await remove(eve, note().id);
    expect(await messagesTo(alice)).toHaveLength(1);
  });

  test('that came first leaves nothing to show', async () => {
    const { alice, bob, note, say, remove, messagesTo } = await cast();
    await remove(bob, note().id);
    await say('Update', note({ updated: later(-1) }));
    await say('Create', note());
    expect(await messagesTo(alice)).toEqual([]);
  });
});

describe('an id that another used first', () => {
  test('hides no note that comes after it', async () => {
    const { ports, alice, bob, eve, note, say, messagesTo } = await cast();
    await say('Create', note({ content: '<p>squat</p>', attributedTo: eve.id }));
    await say('Create', note());
    await say('Update', note({ content: '<p>edited</p>', updated: later(-1) }));
    const [squat, first, edited] = await messagesTo(alice);
    expect(squat).toMatchObject({ body: 'squat', from: contactJid(ports, eve) });
    expect(first).toMatchObject({ body: 'hello', from: contactJid(ports, bob) });
    expect(edited).toMatchObject({ body: 'edited', from: contactJid(ports, bob), replaces: first?.id });
  });

  test('hides an edit without its Create only where the id does not lie below its author', async () => {
    const { alice, bob, eve, note, say, messagesTo } = await cast();
    const below = `${bob.id}/notes/late`;
    const beside = below.replace('/notes/', 'x/notes/');
    for (const id of [below, beside]) {
      await say('Create', note({ id, attributedTo: eve.id, content: '<p>squat</p>' }));
      await say('Update', note({ id, content: '<p>edited</p>', updated: later(-1) }));
    }
    expect((await messagesTo(alice)).map(({ body }) => body)).toEqual(['squat', 'edited', 'squat']);
  });

  test('is not what an answer is to: that is what its own author said under it', async () => {
    const { alice, bob, eve, note, say, messagesTo } = await cast();
    const [asked, other] = [`${bob.id}/notes/asked`, `${bob.id}/notes/other`];
    const file = [{ url: 'https://s.example/cat.jpg', mediaType: undefined, name: undefined }];
    await say('Create', note({ id: asked, attributedTo: eve.id, content: '', attachments: file }));
    await say('Create', note({ id: other, attributedTo: eve.id }));
    await say('Create', note({ id: asked }));
    await say('Create', note({ id: `${bob.id}/notes/answer`, inReplyTo: asked }));
    await say('Create', note({ id: `${bob.id}/notes/astray`, inReplyTo: other }));
    const [, , question, answer, astray] = await messagesTo(alice);
    expect(answer).toMatchObject({ replyTo: { id: question?.id, to: question?.from } });
    expect(astray).toMatchObject({ from: question?.from });
    expect(astray).not.toHaveProperty('replyTo');
  });
});

describe('the time of a message', () => {
  test.each([
    ['no time', undefined],
    ['a time to come', later(5)],
    ['the time of another age', '1999-01-01T00:00:00.000Z'],
  ])('with %s is when it was accepted', async (_, published) => {
    const { alice, note, say, messagesTo } = await cast();
    await say('Create', note({ published }));
    expect(await messagesTo(alice)).toMatchObject([{ publishedAt: RECEIVED.toISOString() }]);
  });

  test('that is to come makes no later note look late', async () => {
    const { alice, bob, note, say } = await cast();
    const second = `${bob.id}/notes/2`;
    await say('Create', note({ published: later(10_000) }));
    await say('Create', note({ id: second, published: RECEIVED.toISOString() }));
    const chat = await findChat(base.db, { userId: alice, actorId: bob.id });
    expect(chat?.newestObjectId).toBe(second);
  });
});

describe('a person who is no more', () => {
  test('follows nobody and is followed by nobody, and is gone', async () => {
    const { ports, alice, carl, bob, remove } = await cast();
    const follow = { actorId: bob.id, state: 'accepted', followId: 'f' } as const;
    await saveFollow(base.db, { ...follow, userId: alice, direction: 'in' });
    await saveFollow(base.db, { ...follow, userId: carl, direction: 'out' });
    await remove(bob, bob.id);
    await remove(bob, bob.id);
    expect(await stanzasTo(base, alice)).toMatchObject([{ kind: 'presence', type: 'unsubscribe' }]);
    expect(await stanzasTo(base, carl)).toMatchObject([
      { kind: 'presence', type: 'unsubscribed' },
      { kind: 'presence', type: 'unavailable' },
    ]);
    // Though its server still shows it.
    expect(await resolveActor(ports, bob.handle)).toMatchObject({ ok: false, refusal: { reason: 'gone' } });
    const tomorrow = testPorts(base, { now: () => new Date(Date.now() + 25 * 3_600_000) });
    tomorrow.meet(bob);
    expect(await resolveActor(tomorrow, bob.handle)).toMatchObject({ ok: true });
  });

  test('said what it said before: that is still shown, but no question is asked', async () => {
    const { ports, alice, bob, note, say, remove, messagesTo } = await cast();
    await remove(bob, bob.id);
    await say('Create', note());
    expect(await messagesTo(alice)).toMatchObject([{ body: 'hello' }]);
    expect((await signerOf(ports, bob.id)).isGone).toBe(true);
    const id = `${bob.id}/follow`;
    await carryActivity(ports, { type: 'Follow', id, actor: bob.id, object: urls.actor(alice) }, arrival);
    expect(await findFollow(base.db, { userId: alice, actorId: bob.id, direction: 'in' })).toBeUndefined();
  });

  test('whom nobody knew is no trouble', async () => {
    const { ports } = await cast();
    const actor = 'https://elsewhere.example/u/1';
    await carryActivity(ports, { type: 'Delete', id: `${actor}#d`, actor, object: actor }, arrival);
    await expect(signerOf(ports, actor)).rejects.toThrow('not-found');
  });
});

test('an answer to a Follow that is over does not touch the one after it', async () => {
  const { ports, alice, bob } = await cast();
  const key = { userId: alice, actorId: bob.id, direction: 'out' } as const;
  await saveFollow(base.db, { ...key, state: 'pending', followId: urls.follow('new') });
  const ref = { id: urls.follow('old'), type: 'Follow', actor: urls.actor(alice), object: bob.id };
  for (const type of ['Reject', 'Accept'] as const)
    await carryActivity(ports, { type, id: `${bob.id}/${type}`, actor: bob.id, ref }, arrival);
  expect(await findFollow(base.db, key)).toMatchObject({ state: 'pending' });
  // COMPAT: an id of the peer's own making, round our Follow.
  const renamed = { ...ref, id: `${bob.id}/follow` };
  await carryActivity(ports, { type: 'Accept', id: `${bob.id}/2`, actor: bob.id, ref: renamed }, arrival);
  expect(await findFollow(base.db, key)).toMatchObject({ state: 'accepted' });
});

describe('two people of a new server at once', () => {
  test.each(['Undo', 'Block'] as const)(
    'a %s of the one holds nothing that the other needs',
    async (type) => {
      const { ports, alice, bob, eve } = await cast();
      const key = { userId: alice, actorId: eve.id };
      for (const direction of ['in', 'out'] as const)
        await saveFollow(base.db, { ...key, direction, state: 'accepted', followId: `${eve.id}/follow` });
      const object = urls.actor(alice);
      const ref = { id: `${eve.id}/follow`, type: 'Follow', actor: eve.id, object };
      const activity = { id: `${eve.id}/new`, actor: eve.id, object };
      let hers: Promise<void> | undefined;
      await base.db.transaction(async (tx) => {
        await noteReached(tx, { userId: alice, inbox: bob.sharedInbox ?? bob.inbox });
        hers = carryActivity(
          ports,
          type === 'Undo' ? { ...activity, type, ref } : { ...activity, type },
          arrival,
        );
        await somebodyWaits(base.db);
        // What is his is told after it is known where it went.
        const [from, to] = [contactJid(ports, bob) ?? '', `${alice}@xmpp.example`];
        await enqueueStanza(tx, { kind: 'presence', type: 'available', from, to });
      });
      await hers;
    },
  );
});
