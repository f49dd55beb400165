import { afterAll, beforeAll, expect, test } from 'vitest';
import { pauseAfterBounce } from '../../src/bridge/bounce.ts';
import type { IncomingBounce } from '../../src/bridge/stanza.ts';
import { carryBounce } from '../../src/gateway/bounces.ts';
import { carryActivity } from '../../src/gateway/from-fediverse.ts';
import { findFollow } from '../../src/store/follows.ts';
import { pageGatewaySubscribers, saveGatewaySubscriber } from '../../src/store/gateway-subscribers.ts';
import { claimStanzas, countStanzas, takenStanzas } from '../../src/store/stanzas.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { takeActivities, urls } from '../support/gateway.ts';
import { addActor, addUser, noteTo, stanzasTo, testPorts } from '../support/inbound.ts';

let base: TestDatabase;
let count = 0;
beforeAll(async () => {
  base = await createTestDatabase();
});
afterAll(() => base.drop());

/** A note and a Follow by Bob, of which Alice's server has taken the stanzas. */
const cast = async () => {
  count += 1;
  const now = new Date();
  const ports = testPorts(base, { now: () => now });
  const alice = `alice${count}`;
  await addUser(base, alice);
  const bob = await addActor(base, ports, `bob${count}`);
  const arrival = { receivedAt: now };
  const note = noteTo(alice, bob, 1);
  await carryActivity(ports, { type: 'Create', id: `${bob.id}/1`, actor: bob.id, note }, arrival);
  const object = urls.actor(alice);
  await carryActivity(ports, { type: 'Follow', id: `${bob.id}/follow`, actor: bob.id, object }, arrival);
  const [message, subscribe] = await stanzasTo(base, alice);
  const take = async () => {
    const rows = await claimStanzas(base.db, { limit: 100, leaseSeconds: 30 });
    await takenStanzas(
      base.db,
      rows.map(({ id }) => id),
    );
    return rows.map(({ stanza }) => stanza.id);
  };
  await take();
  const jid = `${alice}@xmpp.example`;
  const contact = `bob${count}%s.example@ap.example`;
  const bounce = (fields: Partial<IncomingBounce> = {}): IncomingBounce => ({
    kind: 'bounce',
    stanza: 'message',
    from: jid,
    fromBare: jid,
    to: contact,
    toBare: contact,
    id: message?.id,
    condition: 'remote-server-timeout',
    errorType: 'wait',
    ...fields,
  });
  const rowOf = async (id: string | undefined) => {
    const { rows } = await base.db.query<{ state: string; due_at: Date | null; bounces: number }>(
      `select state, due_at, bounces from stanzas where stanza ->> 'id' = $1`,
      [id],
    );
    return rows[0];
  };
  const follow = () => findFollow(base.db, { userId: alice, actorId: bob.id, direction: 'in' });
  return { ports, bob, alice, now, message, subscribe, take, bounce, rowOf, follow };
};

test('trouble that passes: again later, with the same id, and with a longer pause each time', async () => {
  const { ports, now, message, bounce, rowOf, take } = await cast();
  for (let n = 0; pauseAfterBounce(n) !== undefined; n += 1) {
    await carryBounce(ports, bounce());
    // The same error twice is one.
    await carryBounce(ports, bounce());
    const dueAt = new Date(now.getTime() + (pauseAfterBounce(n) ?? 0));
    expect(await rowOf(message?.id)).toEqual({ state: 'waiting', due_at: dueAt, bounces: n + 1 });
    await base.db.query(`update stanzas set due_at = now() where state = 'waiting'`);
    await base.db.query('select stanzas_readmit(10)');
    expect(await take()).toEqual([message?.id]);
  }
  const before = (await countStanzas(base.db)).failed;
  await carryBounce(ports, bounce());
  expect(await rowOf(message?.id)).toBeUndefined();
  expect((await countStanzas(base.db)).failed).toBe(before + 1);
});

test.each([
  ['item-not-found', 'cancel'],
  ['gone', 'cancel'],
  ['service-unavailable', 'cancel'],
  ['forbidden', 'auth'],
] as const)('%s stops the message; the follower stays', async (condition, errorType) => {
  const { ports, alice, message, bounce, rowOf, follow } = await cast();
  const before = (await stanzasTo(base, alice)).length;
  await carryBounce(ports, bounce({ condition, errorType }));
  expect(await rowOf(message?.id)).toBeUndefined();
  expect(await follow()).toBeDefined();
  // Its text is gone, and nothing was sent instead: an error is never answered.
  expect(await stanzasTo(base, alice)).toHaveLength(before - 1);
});

test.each(['item-not-found', 'gone', 'remote-server-not-found'])(
  'a request to subscribe that ends in %s rejects the Follow',
  async (condition) => {
    const { ports, bob, subscribe, bounce, rowOf, follow } = await cast();
    await base.db.query('truncate deliveries');
    const error = bounce({ stanza: 'presence', id: subscribe?.id, condition, errorType: 'cancel' });
    await carryBounce(ports, error);
    await carryBounce(ports, error);
    expect(await follow()).toBeUndefined();
    expect(await rowOf(subscribe?.id)).toBeUndefined();
    const sent = await takeActivities(base.db);
    expect(sent.map(({ activity }) => activity)).toMatchObject([
      { type: 'Reject', follow: { id: `${bob.id}/follow`, actor: bob.id } },
    ]);
  },
);

test('a request to subscribe that could not be delivered now goes again', async () => {
  const { ports, subscribe, bounce, rowOf, follow } = await cast();
  await carryBounce(ports, bounce({ stanza: 'presence', id: subscribe?.id }));
  expect(await rowOf(subscribe?.id)).toMatchObject({ state: 'waiting' });
  expect(await follow()).toMatchObject({ state: 'pending' });
});

test('an error that names nothing of ours, or comes from elsewhere, is passed over', async () => {
  const { ports, message, subscribe, bounce, rowOf, follow } = await cast();
  const gone = { condition: 'gone', errorType: 'cancel' } as const;
  const mallory = { from: 'mallory@xmpp.example', fromBare: 'mallory@xmpp.example' };
  const phone = bounce().from;
  for (const error of [
    bounce({ ...gone, id: undefined }),
    bounce({ ...gone, id: 'unknown' }),
    bounce({ ...gone, ...mallory }),
    bounce({ ...gone, from: `${phone}/phone` }),
    bounce({ ...gone, to: 'ap.example', toBare: 'ap.example' }),
    bounce({ ...gone, stanza: 'presence' }),
    bounce({ ...gone, stanza: 'presence', id: subscribe?.id, ...mallory }),
    bounce({ ...gone, id: subscribe?.id }),
  ])
    await carryBounce(ports, error);
  expect(await rowOf(message?.id)).toMatchObject({ state: 'sent', bounces: 0 });
  expect(await rowOf(subscribe?.id)).toMatchObject({ state: 'sent', bounces: 0 });
  expect(await follow()).toBeDefined();
});

test('who is not there any more is not told of the gateway itself; who is away for a moment still is', async () => {
  const { ports, alice, bounce } = await cast();
  const jid = `${alice}@xmpp.example`;
  await saveGatewaySubscriber(base.db, jid);
  const come = async (fields: Partial<IncomingBounce>) => {
    const gateway = { to: 'ap.example', toBare: 'ap.example', id: undefined, stanza: 'presence' } as const;
    await carryBounce(ports, bounce({ ...gateway, ...fields }));
    return (await pageGatewaySubscribers(base.db, { after: '', limit: 100 })).includes(jid);
  };
  expect(await come({ errorType: 'wait' })).toBe(true);
  expect(await come({ condition: 'service-unavailable', errorType: 'cancel' })).toBe(true);
  expect(await come({ condition: 'item-not-found', errorType: 'cancel' })).toBe(false);
});
