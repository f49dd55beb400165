import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Activity, Note } from '../../src/bridge/activity.ts';
import { carryActivity } from '../../src/gateway/from-fediverse.ts';
import { findBlocks } from '../../src/store/blocks.ts';
import { findChat } from '../../src/store/chats.ts';
import { findFollow, saveFollow } from '../../src/store/follows.ts';
import { acceptActivities, claimActivities, finishActivity } from '../../src/store/inbox.ts';
import { rememberPair } from '../../src/store/messages.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { remoteActor, urls } from '../support/gateway.ts';
import { addActor, addUser, noteTo, stanzasTo, testPorts, whatIsSeen } from '../support/inbound.ts';

let base: TestDatabase;
beforeAll(async () => {
  base = await createTestDatabase();
});
afterAll(() => base.drop());

const MINUTE = 60_000;
const ago = (minutes: number): string => new Date(Date.now() - minutes * MINUTE).toISOString();

type Step =
  | { readonly does: 'Create'; readonly note: number; readonly answers?: number }
  | { readonly does: 'Update'; readonly note: number; readonly version: number }
  | { readonly does: 'Delete'; readonly note: number }
  | { readonly does: 'Like' | 'EmojiReact' | 'Announce' | 'Undo Like' | 'Undo EmojiReact' }
  | { readonly does: 'Follow' | 'Undo Follow' | 'Block' | 'Undo Block' | 'Accept' | 'Reject' };

/** What somebody did, in the order in which they did it. */
const STORIES: readonly (readonly Step[])[] = [
  [
    { does: 'Create', note: 1 },
    { does: 'Create', note: 2, answers: 1 },
    { does: 'Update', note: 1, version: 1 },
    { does: 'Update', note: 1, version: 2 },
    { does: 'Delete', note: 2 },
    { does: 'Create', note: 3, answers: 1 },
  ],
  [
    { does: 'Create', note: 1 },
    { does: 'Create', note: 2 },
    { does: 'Update', note: 2, version: 1 },
    { does: 'Delete', note: 2 },
    { does: 'Create', note: 3 },
    { does: 'Delete', note: 3 },
  ],
  [{ does: 'Follow' }, { does: 'Create', note: 1 }, { does: 'Undo Follow' }],
  [{ does: 'Block' }, { does: 'Undo Block' }],
  [{ does: 'Like' }, { does: 'EmojiReact' }, { does: 'Undo Like' }, { does: 'Announce' }],
  [{ does: 'Accept' }, { does: 'Reject' }],
  [{ does: 'Accept' }, { does: 'Block' }, { does: 'Undo Block' }],
];

let count = 0;
/** A user and a correspondent who met nobody yet, and the activities of a story between them. */
const cast = async (story: readonly Step[]) => {
  count += 1;
  const ports = testPorts(base);
  const user = `user${count}`;
  await addUser(base, user);
  const { id: actor } = await addActor(base, ports, `bob${count}`);
  const outgoing = urls.follow(`f${count}`);
  if (story.some(({ does }) => does === 'Accept'))
    await saveFollow(base.db, {
      userId: user,
      actorId: actor,
      direction: 'out',
      state: 'pending',
      followId: outgoing,
    });
  const written = urls.note(`n${count}`);
  if (story.some(({ does }) => does === 'Like'))
    await rememberPair(base.db, {
      userId: user,
      actorId: actor,
      direction: 'out',
      stanzaId: 'written',
      objectId: written,
    });
  const people = { user, actor, outgoing, written };
  return { ports, ...people, toActivity: (step: Step) => toActivity(people, step) };
};

type Cast = {
  readonly user: string;
  readonly actor: string;
  /** A Follow of the user's. */
  readonly outgoing: string;
  /** A note of the user's to the actor. */
  readonly written: string;
};

const nameOf = (step: Step): string =>
  'note' in step ? `${step.does}-${step.note}-${'version' in step ? step.version : ''}` : step.does;

const noteIn = ({ user, actor }: Cast, step: Step & { readonly note: number }): Note => {
  const version = step.does === 'Update' ? step.version : 0;
  const answers = step.does === 'Create' ? step.answers : undefined;
  const author = { ...remoteActor(''), id: actor };
  return noteTo(user, author, step.note, {
    content: `<p>note ${step.note}, version ${version}</p>`,
    published: ago(40 - step.note),
    updated: version === 0 ? undefined : ago(20 - version),
    inReplyTo: answers === undefined ? undefined : `${actor}/notes/${answers}`,
    conversation: `${actor}/conversation`,
  });
};

/** What has an id of its own to be kept under. */
type Kept = Exclude<Activity, { readonly type: 'Other' }>;

const toActivity = (people: Cast, step: Step): Kept => {
  const { user, actor, outgoing } = people;
  const ours = urls.actor(user);
  const idOf = (name: string) => `${actor}/activities/${name.replace(' ', '-')}`;
  const head = { id: idOf(nameOf(step)), actor };
  const undone = (type: string) => ({ id: idOf(type), type, actor, object: ours });
  switch (step.does) {
    case 'Create':
    case 'Update':
      return { ...head, type: step.does, note: noteIn(people, step) };
    case 'Delete':
      return { ...head, type: 'Delete', object: `${actor}/notes/${step.note}` };
    case 'Follow':
    case 'Block':
      return { ...head, type: step.does, object: ours };
    case 'Undo Follow':
      return { ...head, type: 'Undo', ref: undone('Follow') };
    case 'Undo Block':
      return { ...head, type: 'Undo', ref: undone('Block') };
    case 'Like':
    case 'Announce':
      return { ...head, type: step.does, object: people.written };
    case 'EmojiReact':
      return { ...head, type: 'EmojiReact', object: people.written, content: '🎉' };
    case 'Undo Like':
      return { ...head, type: 'Undo', ref: { ...undone('Like'), object: people.written } };
    case 'Undo EmojiReact':
      return { ...head, type: 'Undo', ref: { ...undone('EmojiReact'), object: people.written } };
    case 'Accept':
    case 'Reject':
      return { ...head, type: step.does, ref: { id: outgoing, type: 'Follow', actor: ours, object: actor } };
  }
};

/** Accepts activities as the inbox does, and carries them as the worker does. */
const receive = async (ports: ReturnType<typeof testPorts>, activities: readonly Kept[]): Promise<void> => {
  const byId = new Map(activities.map((activity) => [activity.id, activity]));
  for (const { id, actor, type } of activities) {
    const saysState = type === 'Follow' || type === 'Block' || type === 'Undo';
    await acceptActivities(base.db, [{ activityId: id, actorId: actor, body: '{}', saysState }]);
  }
  for (;;) {
    const [row] = await claimActivities(base.db, { limit: 1, leaseSeconds: 30 });
    if (row === undefined) break;
    const activity = byId.get(row.activityId);
    if (activity === undefined) throw new Error('an activity of somebody else');
    await carryActivity(ports, activity, row);
    // As after a crash between the two: what was carried is carried again.
    await carryActivity(ports, activity, row);
    await finishActivity(base.db, row);
  }
};

/** Tells how steps that come in this order ended for the user. */
const play = async (story: readonly Step[], order: readonly Step[]) => {
  const { ports, user, actor, toActivity } = await cast(story);
  await receive(ports, order.map(toActivity));
  const pair = { userId: user, actorId: actor };
  const name = (id: string | undefined) => id?.replace(actor, '');
  const { texts, presence, repeats } = whatIsSeen(await stanzasTo(base, user));
  return {
    texts: Object.values(texts).sort(),
    presence,
    repeats,
    newest: name((await findChat(base.db, pair))?.newestObjectId),
    follows: (await findFollow(base.db, { ...pair, direction: 'out' }))?.state,
    followed: (await findFollow(base.db, { ...pair, direction: 'in' }))?.state,
    blocks: await findBlocks(base.db, pair),
  };
};

test.each(STORIES.map((story) => [story.map(({ does }) => does).join(', '), story] as const))(
  '%s: every order, with every repeat, ends like the right one',
  async (_, story) => {
    const right = await play(story, story);
    expect(right.repeats).toBe(0);
    const anyOrder = fc
      .array(fc.constantFrom(...story), { maxLength: 4 })
      .chain((again) =>
        fc.shuffledSubarray([...story, ...again], { minLength: story.length + again.length }),
      );
    await fc.assert(
      fc.asyncProperty(anyOrder, async (order) => {
        expect(await play(story, order)).toEqual(right);
      }),
      { numRuns: 60 },
    );
  },
  120_000,
);

test('a reaction is a line in answer to the message, from who was written to alone; its Undo takes it back', async () => {
  const story: readonly Step[] = [
    { does: 'Like' },
    { does: 'EmojiReact' },
    { does: 'Announce' },
    { does: 'Undo EmojiReact' },
  ];
  const { ports, user, actor, written, toActivity } = await cast(story);
  const activities = story.map(toActivity);
  const { id: stranger } = await addActor(base, ports, `mallory${count}`);
  const forged = activities.map((activity) => ({
    ...activity,
    actor: stranger,
    id: activity.id.replace('/activities/', '/forged/'),
  }));
  await receive(ports, [...forged, ...activities.slice(0, 3)]);
  const shown = await stanzasTo(base, user);
  const answers = { replyTo: { id: 'written', to: `${user}@xmpp.example` } };
  expect(shown).toMatchObject([
    { kind: 'message', body: '(likes your message)', ...answers },
    { kind: 'message', body: '(🎉 to your message)', ...answers },
    { kind: 'message', body: '(shared your message with others)', ...answers },
  ]);
  // A later deletion does not make a reaction the newest of the chat: nothing is to answer it.
  const note: Step = { does: 'Create', note: 1 };
  await receive(ports, [toActivity(note), toActivity({ does: 'Delete', note: 1 })]);
  expect((await findChat(base.db, { userId: user, actorId: actor }))?.newestObjectId).toBe(written);
  await receive(ports, activities.slice(3));
  expect((await stanzasTo(base, user)).slice(5)).toMatchObject([{ kind: 'message', retracts: shown[1]?.id }]);
});

test('the right order ends as it should', async () => {
  const [first = [], , follow = []] = STORIES;
  expect(await play(first, first)).toMatchObject({
    texts: ['note 1, version 2', 'note 3, version 0'],
    newest: '/notes/3',
    repeats: 0,
  });
  expect(await play(follow, follow)).toMatchObject({
    texts: ['note 1, version 0'],
    presence: [],
    followed: undefined,
  });
});

test('a hundred times the same, by many roads at once, is one message', async () => {
  const story: readonly Step[] = [{ does: 'Create', note: 1 }];
  const { ports, user, actor, toActivity } = await cast(story);
  const activity = toActivity({ does: 'Create', note: 1 });
  await Promise.all(
    Array.from({ length: 100 }, () =>
      acceptActivities(base.db, [{ activityId: activity.id, actorId: actor, body: '{}' }]),
    ),
  );
  const rows = await claimActivities(base.db, { limit: 100, leaseSeconds: 30 });
  expect(rows).toHaveLength(1);
  // Under another activity id each time too: what is the same is the note.
  await Promise.all(
    Array.from({ length: 20 }, () => carryActivity(ports, activity, { receivedAt: new Date() })),
  );
  for (const row of rows) await finishActivity(base.db, row);
  expect(await stanzasTo(base, user)).toHaveLength(1);
});

/** As if all that was received had been received so many minutes sooner. */
const letPass = async (minutes: number): Promise<void> => {
  await base.db.query(`update inbox set done_at = done_at - make_interval(mins => $1)`, [minutes]);
  await base.db.query(`update tombstones set created_at = created_at - make_interval(mins => $1)`, [minutes]);
};

test('a Follow that is undone and said again under the same id, as Misskey does, is a new request each time', async () => {
  const story: readonly Step[] = [{ does: 'Follow' }, { does: 'Undo Follow' }];
  const { ports, user, actor, toActivity } = await cast(story);
  const [follow, undo] = story.map(toActivity);
  if (follow === undefined || undo === undefined) throw new Error('no story');
  const followed = async () =>
    (await findFollow(base.db, { userId: user, actorId: actor, direction: 'in' }))?.state;
  await receive(ports, [follow, undo]);
  for (let round = 0; round < 3; round += 1) {
    await letPass(3);
    // With a copy by the other inbox.
    await receive(ports, [follow, follow]);
    expect(await followed()).toBe('pending');
    await letPass(3);
    await receive(ports, [undo, undo]);
    expect(await followed()).toBeUndefined();
    // The copy of a Follow whose Undo has just come changes nothing.
    await receive(ports, [follow]);
    expect(await followed()).toBeUndefined();
  }
});

test('a Follow that its Undo overtook stays undone, and can be said again later', async () => {
  const story: readonly Step[] = [{ does: 'Follow' }, { does: 'Undo Follow' }];
  const { ports, user, actor, toActivity } = await cast(story);
  const [follow, undo] = story.map(toActivity);
  if (follow === undefined || undo === undefined) throw new Error('no story');
  const followed = async () =>
    (await findFollow(base.db, { userId: user, actorId: actor, direction: 'in' }))?.state;
  await receive(ports, [undo]);
  await letPass(60);
  await receive(ports, [follow]);
  expect(await followed()).toBeUndefined();
  await letPass(3);
  await receive(ports, [follow]);
  expect(await followed()).toBe('pending');
});

test('a Block that was lifted holds when it is said again', async () => {
  const story: readonly Step[] = [{ does: 'Block' }, { does: 'Undo Block' }];
  const { ports, user, actor, toActivity } = await cast(story);
  const [block, undo] = story.map(toActivity);
  if (block === undefined || undo === undefined) throw new Error('no story');
  await receive(ports, [block, undo]);
  await letPass(3);
  await receive(ports, [block]);
  expect((await findBlocks(base.db, { userId: user, actorId: actor })).byActor).toBe(true);
});
