import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { type DeliverPorts, deliver, MAX_UNANSWERED } from '../../src/delivery/deliver.ts';
import { createDeliveryLoop } from '../../src/delivery/delivery-loop.ts';
import { REVIEW_LIFE_SECONDS, reviewDeliveries } from '../../src/delivery/review.ts';
import { tellLate } from '../../src/gateway/late.ts';
import type { Database } from '../../src/store/database.ts';
import { changeHost } from '../../src/store/hosts.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { claim, claimOne, deliveryOf, enqueueAll, letPass } from '../support/deliveries.ts';
import { type DeliveryWorld, startDeliveryWorld } from '../support/delivery-world.ts';
import { emptyTables, takeStanzas } from '../support/gateway.ts';

let base: TestDatabase;
let db: Database;
let world: DeliveryWorld;
beforeAll(async () => {
  base = await createTestDatabase({ max: 20 });
  db = base.db;
});
beforeEach(async () => {
  await emptyTables(db);
  world = await startDeliveryWorld(db);
});
afterEach(() => world.close());
afterAll(() => base.drop());

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const states = async () =>
  (
    await db.query<{ activity_id: string; state: string; last_error: string | null }>(
      'select activity_id, state, last_error from deliveries order by id',
    )
  ).rows;
/** As the worker does every half minute. */
const review = () =>
  reviewDeliveries({ ...world.ports, tellLate: (life) => tellLate(world.gateway.ports, life) });

test('a delivery that ends every process that claims it is set aside, shown and told', async () => {
  await enqueueAll(db, world.message('poison'));
  for (let n = 0; n < MAX_UNANSWERED; n++) {
    await claimOne(db);
    await letPass(db, 31_000);
  }
  await deliver(world.ports, await claimOne(db));
  expect(world.peer.requests).toEqual([]);
  expect(await states()).toEqual([
    {
      activity_id: 'poison',
      state: 'failed',
      last_error: 'set aside after 8 claims without a result: no error was written',
    },
  ]);
  expect(await takeStanzas(db)).toMatchObject([
    { kind: 'message-error', id: 'poison', error: { condition: 'internal-server-error' } },
  ]);
});

test('a delivery at which the worker throws waits, is set aside after as many throws, and others go on', async () => {
  const ports: DeliverPorts = {
    ...world.ports,
    send: async (delivery) => {
      if (delivery.activityId === 'poison') throw new TypeError('a mistake');
      return await world.ports.send(delivery);
    },
  };
  await enqueueAll(db, world.message('poison'));
  for (let n = 0; n <= MAX_UNANSWERED; n++) {
    await enqueueAll(db, world.message(`good ${n}`));
    for (const each of await claim(db)) await deliver(ports, each);
    await letPass(db, 31_000);
  }
  expect(world.peer.requests).toHaveLength(MAX_UNANSWERED + 1);
  expect(await states()).toEqual([
    {
      activity_id: 'poison',
      state: 'failed',
      last_error: 'set aside after 8 claims without a result: TypeError: a mistake',
    },
  ]);
});

test('a database that was away while it was sent is not the fault of the delivery', async () => {
  const away = Object.assign(new Error('terminating connection'), { code: '57P01' });
  await enqueueAll(db, world.message('m1'));
  const ports: DeliverPorts = { ...world.ports, send: () => Promise.reject(away) };
  for (let n = 0; n < 3 * MAX_UNANSWERED; n++) {
    await deliver(ports, await claimOne(db));
    await letPass(db, 2_000);
  }
  await deliver(world.ports, await claimOne(db));
  expect(await takeStanzas(db)).toMatchObject([{ kind: 'receipt', received: 'm1' }]);
});

test('what the peer took is settled when the database comes back, not sent again', async () => {
  const away = Object.assign(new Error('terminating connection'), { code: '57P01' });
  let failures = 3;
  await enqueueAll(db, world.message('m1'));
  const ports: DeliverPorts = {
    ...world.ports,
    settleDelivered: async (delivery) => {
      failures -= 1;
      if (failures >= 0) throw away;
      return await world.ports.settleDelivered(delivery);
    },
  };
  await deliver(ports, await claimOne(db));
  expect(world.peer.requests).toHaveLength(1);
  expect(await states()).toEqual([]);
});

test('who answers after somebody else took the delivery over changes nothing', async () => {
  await enqueueAll(db, world.message('m1'));
  const late = await claimOne(db);
  await letPass(db, 31_000);
  const holder = await claimOne(db);
  await deliver(world.ports, late);
  expect(await states()).toMatchObject([{ activity_id: 'm1', state: 'due' }]);
  expect(await takeStanzas(db)).toEqual([]);
  expect(world.logged).toContainEqual(expect.objectContaining({ event: 'delivery-taken-over' }));
  await deliver(world.ports, holder);
  expect(await takeStanzas(db)).toMatchObject([{ kind: 'receipt', received: 'm1' }]);
});

test('after ten minutes the author is told once, by the gateway, also across restarts', async () => {
  await enqueueAll(db, world.message('m1'), world.message('m2', { lane: 'm1' }));
  await letPass(db, 9 * MINUTE);
  await review();
  expect(await takeStanzas(db)).toEqual([]);
  await letPass(db, 2 * MINUTE);
  // Several processes at once, then all of them again after a restart: nothing is kept in memory.
  await Promise.all([review(), review(), review()]);
  await review();
  const told = await takeStanzas(db);
  expect(told).toHaveLength(2);
  expect(told[0]).toEqual({
    kind: 'message',
    type: 'chat',
    id: expect.stringMatching(/^late-/u),
    from: 'ap.example',
    to: 'alice@xmpp.example',
    body: expect.stringContaining('@bob@s.example'),
    lang: 'en',
  });
  await letPass(db, 24 * HOUR);
  await review();
  expect(await takeStanzas(db)).toEqual([]);
});

test('who was told of a delay is told of its end, in a message that a client that was away finds', async () => {
  await enqueueAll(db, world.message('m1'));
  await letPass(db, 11 * MINUTE);
  await review();
  expect(await takeStanzas(db)).toMatchObject([{ id: expect.stringMatching(/^late-/u) }]);
  world.answer({ status: 404 });
  await deliver(world.ports, await claimOne(db));
  expect(await takeStanzas(db)).toMatchObject([
    { kind: 'message-error', id: 'm1', to: 'alice@xmpp.example/phone' },
    {
      kind: 'message',
      id: expect.stringMatching(/^undelivered-/u),
      from: 'ap.example',
      to: 'alice@xmpp.example',
      body: expect.stringMatching(
        /^Your delayed message to @bob@s\.example, sent on \d{4}-\d\d-\d\d at \d\d:\d\d UTC, was not delivered\. There is nobody /u,
      ),
    },
  ]);
});

test('a notice that could not be committed is told later, not lost', async () => {
  await enqueueAll(db, world.message('m1'));
  await letPass(db, 11 * MINUTE);
  const { ports } = world.gateway;
  const dying = {
    ...ports,
    newId: () => {
      throw new Error('killed');
    },
  };
  await expect(tellLate(dying, REVIEW_LIFE_SECONDS)).rejects.toThrow('killed');
  await review();
  expect(await takeStanzas(db)).toHaveLength(1);
});

test('nobody is told of what nobody waits for', async () => {
  await enqueueAll(db, deliveryOf('quiet'));
  await letPass(db, 11 * MINUTE);
  await review();
  expect(await takeStanzas(db)).toEqual([]);
  expect(await tellLate(world.gateway.ports, REVIEW_LIFE_SECONDS)).toBe(false);
});

test('what an open breaker keeps from its last try is given up after 72 hours, with all that waits behind it', async () => {
  await enqueueAll(db, world.message('m1'), world.message('m2', { lane: 'm1' }));
  await db.transaction((tx) =>
    changeHost(tx, world.peer.host, (state) => ({ ...state, openUntil: new Date(Date.now() + 100 * HOUR) })),
  );
  await letPass(db, 71 * HOUR);
  await review();
  expect((await takeStanzas(db)).map(({ kind }) => kind)).toEqual(['message', 'message']);
  expect(await claim(db)).toEqual([]);
  await letPass(db, 2 * HOUR);
  await review();
  const told = await takeStanzas(db);
  expect(told).toMatchObject([
    { kind: 'message-error', id: 'm1', error: { condition: 'remote-server-timeout' } },
    { kind: 'message', from: 'ap.example' },
    { kind: 'message-error', id: 'm2' },
    { kind: 'message', from: 'ap.example' },
  ]);
  expect(await states()).toMatchObject([{ last_error: 'not delivered within 72 hours: never sent' }, {}]);
});

test('the loop: a peer that never answers holds up no other, and each message arrives once', async () => {
  world.answer('silence');
  const slow = await startDeliveryWorld(db);
  slow.answer('silence');
  world.answer({ status: 202 });
  const arrived = Promise.withResolvers<void>();
  let delivered = 0;
  let slowAtOnce = 0;
  let most = 0;
  const names = Array.from({ length: 100 }, (_, n) => `${n}`);
  await enqueueAll(
    db,
    ...names.map((n) => slow.message(`slow ${n}`)),
    ...names.map((n) => world.message(`live ${n}`)),
  );
  const loop = createDeliveryLoop({
    ports: {
      ...world.ports,
      send: async (delivery) => {
        if (delivery.host === world.peer.host) return await world.ports.send(delivery);
        slowAtOnce += 1;
        most = Math.max(most, slowAtOnce);
        await arrived.promise;
        slowAtOnce -= 1;
        return { kind: 'no-answer', cause: 'timeout', problem: 'deadline' };
      },
      settleDelivered: async (delivery) => {
        const settled = await world.ports.settleDelivered(delivery);
        delivered += 1;
        if (delivered === names.length) arrived.resolve();
        return settled;
      },
    },
    pollMs: 20,
    onError: (error) => arrived.reject(error),
  });
  loop.start();
  await arrived.promise;
  await loop.stop();
  await loop.giveBack();
  expect(most).toBe(16);
  expect(world.peer.requests).toHaveLength(names.length);
  const receipts = (await takeStanzas(db)).filter(({ kind }) => kind === 'receipt');
  expect(new Set(receipts.map((receipt) => 'received' in receipt && receipt.received)).size).toBe(100);
  await slow.close();
});

test('an overdue delivery that cannot be settled keeps no other from its end, and no author from hearing', async () => {
  await enqueueAll(db, world.message('poison'), world.message('over'));
  await db.query(
    `update deliveries set review_at = now() - interval '1 hour' - id * interval '-1 s',
       created_at = now() - make_interval(secs => $1)`,
    [REVIEW_LIFE_SECONDS + 60],
  );
  await enqueueAll(db, world.message('late'));
  await db.query(`update deliveries set review_at = now() where activity_id = 'late'`);
  const settleRefused: DeliverPorts['settleRefused'] = async (delivery, ...rest) => {
    if (delivery.activityId === 'poison') throw new TypeError('a mistake');
    return await world.ports.settleRefused(delivery, ...rest);
  };
  await reviewDeliveries({
    ...world.ports,
    settleRefused,
    tellLate: (life) => tellLate(world.gateway.ports, life),
  });
  expect((await states()).map(({ state }) => state)).toEqual(['due', 'failed', 'due']);
  const told = (await takeStanzas(db)).map(({ kind, id }) => (kind === 'message' ? kind : `${kind} ${id}`));
  expect(told).toEqual(['message-error over', 'message', 'message']);
  expect(world.logged).toContainEqual(
    expect.objectContaining({ event: 'delivery-interrupted', error: 'TypeError: a mistake' }),
  );
});
