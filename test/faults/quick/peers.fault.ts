import { afterAll, beforeAll, expect } from 'vitest';
import { type PeerAnswer, status } from '../../support/peer-answers.ts';
import type { Activity } from '../../support/scripted-peer.ts';
import type { ClientEvent, XmppClient } from '../../support/xmpp-client.ts';
import { testFault } from '../fault.ts';
import { directNote, hurry, inboxOf, introduce, postUntilTaken, sendChat, until } from '../traffic.ts';
import { DOMAIN, type FaultWorld, startFaultWorld } from '../world.ts';

let world: FaultWorld;
let alice: XmppClient;

beforeAll(async () => {
  world = await startFaultWorld();
  alice = await world.logIn('alice');
  await world.start();
});
afterAll(() => world?.stop());

/** Gives these answers to the POSTs of a message, one after the other, the last one for ever; 202 to all else. */
const answerTo = (text: string, answers: readonly PeerAnswer[]): void => {
  world.peer.answerPosts((post) =>
    post.text === text ? (answers[post.before] ?? answers.at(-1) ?? status(202)) : status(202),
  );
};

const triesOf = (text: string) => world.peer.posts.entries.filter((post) => post.text === text);

const errorFor =
  (id: string) =>
  (event: ClientEvent): boolean =>
    event.id === id && event.type === 'error';

/** Sends a message that the peer answers so, and waits for the error that its author gets. */
const refusedWith = async (id: string, code: number): Promise<ClientEvent> => {
  const person = `who-gets-${code}`;
  await introduce(world, alice, person);
  answerTo(id, [status(code)]);
  sendChat(alice, world.contact(person), id);
  return await alice.next(errorFor(id), 40_000);
};

testFault('27', async (watch) => {
  watch.causeGone();
  const seen: string[] = [];
  for (const code of [403, 404, 410, 413, 422]) {
    const { error } = await refusedWith(`refused-${code}`, code);
    seen.push(`${code} ${error?.condition}`);
  }
  watch.recovered();
  for (const code of [403, 404, 410, 413, 422]) {
    expect(triesOf(`refused-${code}`)).toHaveLength(1);
    expect(alice.seen().filter(({ id }) => id === `refused-${code}`)).toHaveLength(1);
  }
  expect(seen).toEqual([
    '403 forbidden',
    '404 item-not-found',
    '410 gone',
    '413 not-acceptable',
    '422 not-acceptable',
  ]);
  return `one try and one error each: ${seen.join(', ')}`;
});

testFault('28', async (watch) => {
  watch.causeGone();
  const { error } = await refusedWith('unbelieved', 401);
  watch.recovered();
  // Each try is signed in both ways, the second where the first is not believed.
  const posts = triesOf('unbelieved').length;
  expect(posts).toBeLessThanOrEqual(4);
  expect(error?.condition).toBe('forbidden');
  expect(alice.seen().filter(({ id }) => id === 'unbelieved')).toHaveLength(1);
  return `${posts / 2} tries, each signed in both ways, one error: ${error?.condition}`;
});

testFault('26', async (watch) => {
  const soon = 'in-two-seconds';
  const past = 'at-a-date-past';
  const far = 'at-a-date-far';
  for (const id of [soon, past, far]) await introduce(world, alice, id);
  const dates = {
    [soon]: '2',
    [past]: new Date(0).toUTCString(),
    [far]: new Date(Date.now() + 9e11).toUTCString(),
  };
  world.peer.answerPosts(({ text, before }) => {
    const after = Object.entries(dates).find(([id]) => id === text)?.[1];
    return after === undefined || before > 0 ? status(202) : status(503, { 'retry-after': after });
  });
  for (const id of [soon, past, far]) sendChat(alice, world.contact(id), id);
  for (const id of [soon, past]) await alice.next(({ received }) => received === id, 60_000);
  const pauses = [soon, past].map((id) => {
    const [first, second] = triesOf(id);
    return ((second?.at ?? 0) - (first?.at ?? 0)) / 1_000;
  });
  expect(pauses[0]).toBeGreaterThanOrEqual(1.99);
  expect(pauses[0]).toBeLessThan(15);
  expect(pauses[1]).toBeGreaterThanOrEqual(0.99);
  expect(pauses[1]).toBeLessThan(15);
  await until('the third waits', async () => (await dueInSeconds()) !== undefined);
  const due = (await dueInSeconds()) ?? 0;
  expect(due).toBeGreaterThan(5 * 3_600);
  expect(due).toBeLessThanOrEqual(6 * 3_600);
  watch.causeGone();
  await hurry(world);
  await alice.next(({ received }) => received === far, 60_000);
  watch.recovered();
  return `2 s: ${pauses[0]?.toFixed(1)} s; past: ${pauses[1]?.toFixed(1)} s; years away: ${(due / 3_600).toFixed(1)} h`;
});

const dueInSeconds = async (): Promise<number | undefined> => {
  const { rows } = await world.database.db.query<{ seconds: number }>(
    `select extract(epoch from due_at - now())::float8 as seconds from deliveries
     where state = 'due' and lease_until is null and last_status = 503`,
  );
  return rows[0]?.seconds;
};

testFault('33', async (watch) => {
  const asked = () => world.peer.gets.entries.length;
  const targets = {
    circle: (path: string) => `http://${world.peer.host}${path}`,
    private: () => 'http://169.254.169.254/latest/meta-data',
    service: () => `http://${world.peer.host.split(':')[0]}:22/`,
    file: () => 'file:///etc/passwd',
  };
  const seen: string[] = [];
  watch.causeGone();
  for (const [name, target] of Object.entries(targets)) {
    const before = asked();
    world.peer.answerGets((path) =>
      path.includes(`acct%3A${name}`) ? status(302, { location: target(path) }) : undefined,
    );
    sendChat(alice, world.contact(name), `redirect-${name}`);
    const { error } = await alice.next(errorFor(`redirect-${name}`), 40_000);
    seen.push(`${name}: ${error?.condition} after ${asked() - before} requests`);
    expect(asked() - before).toBeLessThanOrEqual(8);
  }
  watch.recovered();
  world.peer.answerGets(undefined);
  expect(world.peer.posts.entries.some(({ text }) => text?.startsWith('redirect-'))).toBe(false);
  return seen.join('; ');
});

const STORM = 500;

testFault('48', async (watch) => {
  const contact = world.contact('dave');
  const actor = await introduce(world, alice, 'dave');
  expect(actor).toContain(DOMAIN);
  const heard = alice.seen().length;
  const posted = world.peer.posts.entries.length;
  const condition = '<error type="cancel"><gone xmlns="urn:ietf:params:xml:ns:xmpp-stanzas"/></error>';
  for (let index = 0; index < STORM; index += 1) {
    const to = [contact, DOMAIN, `nobody@${DOMAIN}`][index % 3] ?? DOMAIN;
    const id = index % 2 === 0 ? ` id="storm-${index}"` : '';
    const name = ['message', 'presence'][index % 2] ?? 'message';
    alice.send({
      do: 'raw',
      xml: `<${name} type="error" to="${to}"${id}><body>x</body>${condition}</${name}>`,
    });
  }
  watch.causeGone();
  sendChat(alice, contact, 'after-the-storm');
  await alice.next(({ received }) => received === 'after-the-storm', 60_000);
  watch.recovered();
  const answers = alice
    .seen()
    .slice(heard)
    .filter(({ received }) => received !== 'after-the-storm');
  expect(answers).toEqual([]);
  expect(world.peer.posts.entries.length - posted).toBe(1);
  return `${STORM} errors: not one answer, nothing at the peer, the message behind them carried`;
});

testFault('36', async (watch) => {
  const { peer } = world;
  const actor = await introduce(world, alice, 'erin');
  const to = inboxOf(world, actor);
  const author = peer.actorId('erin');
  const post = (activity: Activity) => postUntilTaken(peer, 'erin', activity, to);
  const create = (id: string) => directNote(peer, 'erin', actor, id);
  const noteId = (id: string): string => `http://${peer.host}/notes/${id}`;
  const follow = { id: `http://${peer.host}/follow`, type: 'Follow', actor: author, object: actor };
  watch.causeGone();
  await post({
    id: `${noteId('gone')}/delete`,
    type: 'Delete',
    actor: author,
    to: [actor],
    object: noteId('gone'),
  });
  await post(create('gone'));
  await post({ id: `${follow.id}/undo`, type: 'Undo', actor: author, object: follow });
  await post(follow);
  const answer = create('answer');
  await post({ ...answer, object: { ...(answer['object'] as object), inReplyTo: noteId('parent') } });
  await post(create('parent'));
  const edited = create('edited');
  await post({
    ...edited,
    id: `${noteId('edited')}/update`,
    type: 'Update',
    object: { ...(edited['object'] as object), content: '<p>newest</p>', updated: new Date().toISOString() },
  });
  await post(edited);
  await post(create('last'));
  await alice.next(({ body }) => body === 'last', 60_000);
  watch.recovered();
  const from = alice
    .seen()
    .filter(({ event, from: by }) => event === 'message' && by === world.contact('erin'));
  const bodies = from.flatMap(({ body }) => body ?? []);
  expect(bodies).toEqual(['answer', 'parent', 'newest', 'last']);
  const asked = alice.seen().filter(({ event, type, from: by }) => {
    return event === 'presence' && type === 'subscribe' && by === world.contact('erin');
  });
  expect(asked).toEqual([]);
  return 'nothing of the deleted note, no request of who undid it, the newest text once, both ends of the reply';
});
