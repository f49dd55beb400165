import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { balanceOut, errorsOf, introduce, sendChat, toldOf, until } from '../faults/traffic.ts';
import { type FaultWorld, startFaultWorld } from '../faults/world.ts';
import type { GatewayProcess } from '../support/gateway-process.ts';
import { NOTHING_WRONG, type Sent } from '../support/ledger.ts';
import type { XmppClient } from '../support/xmpp-client.ts';

/**
 * Milliseconds. An orderly stop that takes longer than ten seconds by the clock of the process ends with another code
 * than 0; the rest is what this machine takes to bring the signal and the news of the end.
 */
const STOP_MS = 20_000;
/** Longer than two signals may lie apart to be one, in milliseconds. */
const ECHO_MS = 500;
const CONTACTS = ['dave', 'erin', 'frank', 'grace'];

let world: FaultWorld;
let alice: XmppClient;
let bob: XmppClient;

beforeAll(async () => {
  world = await startFaultWorld();
  alice = await world.logIn('alice');
  bob = await world.logIn('bob');
  await world.start();
  for (const client of [alice, bob])
    for (const contact of CONTACTS) {
      await introduce(world, client, contact);
    }
  await world.endGateways();
});
afterEach(async () => {
  world.peer.answerPosts(undefined);
  world.peer.answerGets(undefined);
  await world.endGateways();
});
afterAll(() => world?.stop());

/** Sends the signal and waits for the end: what the process said about it, and how long it took. */
const end = async (gateway: GatewayProcess, signal: NodeJS.Signals) => {
  const begun = performance.now();
  gateway.signal(signal);
  const sentence = await gateway.ended;
  return { sentence, ms: performance.now() - begun };
};

/** Writes a burst from both users to all contacts, each message with an id and a text of its own. */
const burst = (prefix: string, count: number): readonly Sent[] =>
  Array.from({ length: count }, (_, index) => {
    const id = `${prefix}-${index}`;
    const isAlice = index % 2 === 0;
    const contact = CONTACTS[(index >> 1) % CONTACTS.length] ?? 'dave';
    sendChat(isAlice ? alice : bob, world.contact(contact), id);
    return { id, lane: `${isAlice} ${contact}` };
  });

const seen = () => [...alice.seen(), ...bob.seen()];

const untilAllTold = (sent: readonly Sent[]) =>
  until(
    'every sender is told',
    () => {
      const told = toldOf(seen());
      return sent.every(({ id }) => told.has(id));
    },
    180_000,
  );

/** The bounces that Prosody itself wrote while nobody was connected. */
const bounced = (prefix: string): number =>
  [...errorsOf(seen())].filter((id) => id.startsWith(prefix)).length;

test('SIGTERM among 1,000 messages: each is delivered and receipted, or bounced to its sender', async () => {
  const gateway = await world.start();
  const sent = burst('term', 1_000);
  await world.peer.posts.waitFor(
    ({ text }) => text?.startsWith('term') === true,
    'the first delivery',
    60_000,
  );
  const { sentence, ms } = await end(gateway, 'SIGTERM');
  expect(sentence).toContain('code 0');
  expect(ms).toBeLessThan(STOP_MS);
  expect(gateway.tail(30)).toContain('"event":"stopped"');
  const { rows } = await world.database.db.query(
    'select id from deliveries where lease_until is not null union all select id from inbox where lease_until is not null',
  );
  expect(rows).toEqual([]);
  // However many of them the gateway had taken in: whoever writes now hears it from the server.
  const away = burst('away', 20);
  await until('the server has bounced what came later', () => bounced('away') === away.length);
  await world.start();
  await untilAllTold(sent);
  expect(bounced('term')).toBeLessThan(sent.length);
  const result = balanceOut(sent, seen(), world.peer, (text) => text.startsWith('term'));
  expect(result).toMatchObject({ ...NOTHING_WRONG, untold: [] });
}, 300_000);

test('a second signal leaves at once, and nothing acknowledged is lost', async () => {
  const gateway = await world.start();
  const sent = burst('twice', 400);
  await world.peer.posts.waitFor(
    ({ text }) => text?.startsWith('twice') === true,
    'the first delivery',
    60_000,
  );
  // So that the orderly stop has something to wait for.
  world.peer.answerPosts(() => ({ kind: 'silent' }));
  await until('a delivery hangs', () =>
    world.peer.posts.entries.some(({ text, accepted }) => text?.startsWith('twice') === true && !accepted),
  );
  gateway.signal('SIGTERM');
  await until('the first is heard', () => gateway.tail(1_000).includes('"event":"stopping"'));
  // The same signal at once would be the echo of the first (npm passes on what it gets).
  await pause(ECHO_MS);
  const { sentence, ms } = await end(gateway, 'SIGTERM');
  // Not in order: then the code is 0.
  expect(sentence).toContain('code 143');
  expect(ms).toBeLessThan(STOP_MS);
  world.peer.answerPosts(undefined);
  // Nothing was given back: as if the time of the leases had passed.
  await world.database.db.query('update deliveries set lease_until = now() where lease_until is not null');
  await world.start();
  await until(
    'all that was committed is delivered',
    async () =>
      (await world.database.db.query('select 1 from received_stanzas')).rowCount === 0 &&
      (await world.database.db.query("select 1 from deliveries where state = 'due'")).rowCount === 0 &&
      (await world.database.db.query("select 1 from stanzas where state = 'due'")).rowCount === 0,
    180_000,
  );
  const result = balanceOut(sent, seen(), world.peer, (text) => text.startsWith('twice'));
  expect({ ...result, untold: [] }).toMatchObject(NOTHING_WRONG);
}, 300_000);

test('peers and look-ups that never answer do not hold up the end, and who waits for them is told', async () => {
  const gateway = await world.start();
  world.peer.answerPosts(() => ({ kind: 'silent' }));
  world.peer.answerGets(() => ({ kind: 'silent' }));
  const sent = burst('slow', 40);
  sendChat(alice, world.contact('stranger'), 'slow-stranger');
  await until('a delivery hangs', () =>
    world.peer.posts.entries.some(({ text }) => text?.startsWith('slow')),
  );
  await until('a look-up hangs', () => world.peer.gets.entries.some(({ path }) => path.includes('stranger')));
  const { sentence, ms } = await end(gateway, 'SIGINT');
  expect(sentence).toContain('code 0');
  expect(ms).toBeLessThan(STOP_MS);
  world.peer.answerPosts(undefined);
  await world.start();
  await untilAllTold([...sent, { id: 'slow-stranger', lane: 'stranger' }]);
  expect(errorsOf(seen()).has('slow-stranger')).toBe(true);
  const result = balanceOut(sent, seen(), world.peer, (text) => text.startsWith('slow'));
  expect(result).toMatchObject({ ...NOTHING_WRONG, untold: [] });
}, 300_000);

test('an XMPP server that hangs does not hold up the end', async () => {
  const gateway = await world.start();
  world.prosody.freeze(true);
  try {
    const { sentence, ms } = await end(gateway, 'SIGTERM');
    expect(sentence).toContain('code 0');
    expect(ms).toBeLessThan(STOP_MS);
  } finally {
    world.prosody.freeze(false);
  }
});
