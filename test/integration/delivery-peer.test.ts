import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { deliver } from '../../src/delivery/deliver.ts';
import type { Database } from '../../src/store/database.ts';
import { findHost } from '../../src/store/hosts.ts';
import { findActor, saveActor } from '../../src/store/remote-actors.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { claim, claimOne, enqueueAll, letPass } from '../support/deliveries.ts';
import { type DeliveryWorld, startDeliveryWorld } from '../support/delivery-world.ts';
import { findFreePort } from '../support/free-port.ts';
import { emptyTables, remoteActor, takeStanzas } from '../support/gateway.ts';

let base: TestDatabase;
let db: Database;
let world: DeliveryWorld;
beforeAll(async () => {
  base = await createTestDatabase();
  db = base.db;
});
beforeEach(async () => {
  await emptyTables(db);
  world = await startDeliveryWorld(db);
});
afterEach(() => world.close());
afterAll(() => base.drop());

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

/** When the worker last looked at the clock: pauses are counted from then. */
let lookedAt = Number.NaN;
const now = (): Date => {
  lookedAt = Date.now();
  return new Date(lookedAt);
};
/** One try of the one delivery that is due. */
const tryOnce = async (): Promise<void> => deliver({ ...world.ports, now }, await claimOne(db));

type Row = { state: string; last_status: number | null; last_error: string | null; due_at: Date };
const rows = async (): Promise<readonly Row[]> =>
  (await db.query<Row>('select state, last_status, last_error, due_at from deliveries order by id')).rows;
const pauseOf = (row: Row | undefined): number => (row?.due_at.getTime() ?? Number.NaN) - lookedAt;

test('500 for ever: the schedule exactly, then one error with the id of the message', async () => {
  world.answer({ status: 500 });
  await enqueueAll(db, world.message('m1'));
  const pauses: number[] = [];
  for (;;) {
    await tryOnce();
    const [row] = await rows();
    if (row?.state !== 'due') break;
    pauses.push(pauseOf(row));
    await letPass(db, pauseOf(row) + SECOND);
  }
  const minutes = [1, 3, 10, 30, 60, 120, 240, ...Array<number>(7).fill(480)];
  expect(pauses).toEqual([5 * SECOND, 20 * SECOND, ...minutes.map((each) => each * MINUTE)]);
  expect(world.peer.requests).toHaveLength(17);
  expect(await takeStanzas(db)).toMatchObject([
    { kind: 'message-error', id: 'm1', error: { condition: 'remote-server-timeout', type: 'wait' } },
  ]);
  expect(await rows()).toMatchObject([{ state: 'failed', last_status: 500, last_error: 'HTTP 500' }]);
  expect(await findHost(db, world.peer.host)).toMatchObject({
    openings: expect.any(Number),
    dead: undefined,
  });
}, 30_000);

test('every try sends the same bytes', async () => {
  const bodies: string[] = [];
  const { send } = world.ports;
  const ports = {
    ...world.ports,
    send: (delivery: Parameters<typeof send>[0]) => {
      bodies.push(delivery.body);
      return send(delivery);
    },
  };
  world.answer({ status: 502 });
  await enqueueAll(db, world.message('m1'));
  await deliver(ports, await claimOne(db));
  await letPass(db, MINUTE);
  world.answer({ status: 202 });
  await deliver(ports, await claimOne(db));
  expect(bodies).toEqual([bodies[0], bodies[0]]);
});

test('503, then well: delivered by the second try, with a receipt', async () => {
  world.answer({ status: 503 });
  await enqueueAll(db, world.message('m1'));
  await tryOnce();
  expect(await takeStanzas(db)).toEqual([]);
  await letPass(db, 5 * SECOND);
  world.answer({ status: 202 });
  await tryOnce();
  expect(await takeStanzas(db)).toMatchObject([{ kind: 'receipt', received: 'm1' }]);
  expect(await rows()).toEqual([]);
  expect(await findHost(db, world.peer.host)).toMatchObject({ recentFailures: [], failedDays: 0 });
});

const httpDate = (ms: number): string => new Date(Date.now() + ms).toUTCString();
test.each([
  ['seconds', () => '120', 120 * SECOND],
  ['a date', () => httpDate(10 * MINUTE), 10 * MINUTE],
  ['a date that is past', () => httpDate(-HOUR), SECOND],
  ['a date far away', () => httpDate(1000 * HOUR), 6 * HOUR],
  ['too many seconds', () => '9999999999', 6 * HOUR],
  ['no time at all', () => 'soon', 5 * SECOND],
])('429 with %s as Retry-After, and none of them counts against the host', async (_name, header, ms) => {
  const before = Date.now();
  world.answer({ status: 429, headers: { 'retry-after': header() } });
  await enqueueAll(db, world.message('m1'));
  await tryOnce();
  const pause = pauseOf((await rows())[0]);
  expect(pause).toBeLessThanOrEqual(ms);
  // A date is told in whole seconds, and before the worker looks at the clock.
  expect(pause).toBeGreaterThan(ms - SECOND - (lookedAt - before) - 1);
  expect(await findHost(db, world.peer.host)).toBeUndefined();
});

test.each([
  [403, 'forbidden'],
  [404, 'item-not-found'],
  [410, 'gone'],
  [413, 'not-acceptable'],
  [422, 'not-acceptable'],
] as const)('%i stops at once and the author hears %s', async (status, condition) => {
  world.answer({ status });
  await enqueueAll(db, world.message('m1'));
  await tryOnce();
  expect(await takeStanzas(db)).toMatchObject([{ kind: 'message-error', id: 'm1', error: { condition } }]);
  expect(await rows()).toMatchObject([{ state: 'failed', last_status: status }]);
  expect(world.peer.requests).toHaveLength(1);
  expect(await findHost(db, world.peer.host)).toBeUndefined();
});

test('401 is knocked at twice', async () => {
  world.answer({ status: 401 });
  await enqueueAll(db, world.message('m1'));
  await tryOnce();
  expect(await takeStanzas(db)).toEqual([]);
  await letPass(db, 5 * SECOND);
  await tryOnce();
  expect(await takeStanzas(db)).toMatchObject([{ error: { condition: 'forbidden', type: 'auth' } }]);
  expect(world.peer.requests).toHaveLength(4); // each time in both ways of signing
});

test('a peer that takes RFC 9421 alone has the note on the second knock, and the next one at once', async () => {
  const ways: boolean[] = [];
  world.answer(({ headers }) => {
    ways.push('signature-input' in headers);
    return { status: 'signature-input' in headers ? 202 : 401 };
  });
  await enqueueAll(db, world.message('m1'));
  await tryOnce();
  expect(ways).toEqual([false, true]);
  await enqueueAll(db, world.message('m2'));
  await tryOnce();
  expect(ways).toEqual([false, true, true]);
  expect(await takeStanzas(db)).toMatchObject([
    { kind: 'receipt', received: 'm1' },
    { kind: 'receipt', received: 'm2' },
  ]);
  expect(await rows()).toEqual([]);
});

test('a peer that never answers costs the deadline and is tried again', async () => {
  world.answer('silence');
  await enqueueAll(db, world.message('m1'));
  await tryOnce();
  expect(await rows()).toMatchObject([{ state: 'due', last_status: null }]);
  expect((await rows())[0]?.last_error).toMatch(/^timeout: /u);
  expect((await findHost(db, world.peer.host))?.recentFailures).toHaveLength(1);
});

test('a peer that is not there at all is tried again', async () => {
  const host = `127.0.0.1:${await findFreePort()}`;
  await enqueueAll(db, world.message('m1', { inbox: `http://${host}/inbox`, host }));
  await tryOnce();
  expect((await rows())[0]?.last_error).toMatch(/^connection: ECONNREFUSED/u);
  expect((await findHost(db, host))?.recentFailures).toHaveLength(1);
});

test('410 of an actor whose document is gone too: nobody there any more', async () => {
  const bob = remoteActor('bob', world.peer.host);
  await saveActor(db, bob);
  world.gateway.meet(bob, { ok: false, refusal: { reason: 'gone' } });
  world.answer({ status: 410 });
  await enqueueAll(db, world.message('m1', { recipient: bob.id }));
  await tryOnce();
  expect((await findActor(db, bob.id))?.goneAt).toBeInstanceOf(Date);
});

test('410 of an inbox whose actor is still there: that one message failed', async () => {
  const bob = remoteActor('bob', world.peer.host);
  await saveActor(db, bob);
  world.gateway.meet(bob);
  world.answer({ status: 410 });
  await enqueueAll(db, world.message('m1', { recipient: bob.id }));
  await tryOnce();
  expect((await findActor(db, bob.id))?.goneAt).toBeUndefined();
  expect(await findHost(db, world.peer.host)).toBeUndefined();
});

test('410 of the shared inbox: the host is dead at once, the next message fails without a word to it', async () => {
  const inbox = `${world.peer.origin}/inbox`;
  const bob = remoteActor('bob', world.peer.host, { inbox, sharedInbox: inbox });
  await saveActor(db, bob);
  world.answer({ status: 410 });
  await enqueueAll(db, world.message('m1', { recipient: bob.id, inbox }));
  await tryOnce();
  expect(await findHost(db, world.peer.host)).toMatchObject({ dead: 'gone' });
  await takeStanzas(db);
  await enqueueAll(db, world.message('m2', { recipient: bob.id, inbox }));
  await tryOnce();
  expect(world.peer.requests).toHaveLength(1);
  expect(await takeStanzas(db)).toMatchObject([
    { kind: 'message-error', id: 'm2', error: { condition: 'remote-server-timeout' } },
  ]);
});

test('the life of a breaker: opens at the fifth failure, one probe, doubles, closes with what waited', async () => {
  world.answer({ status: 500 });
  await enqueueAll(db, ...['a', 'b', 'c', 'd', 'e', 'f'].map((name) => world.message(name)));
  const first = await claim(db, { perHost: 5 });
  await Promise.all(first.map((each) => deliver(world.ports, each)));
  expect(await findHost(db, world.peer.host)).toMatchObject({ openings: 1 });
  await letPass(db, 30 * SECOND);
  expect(await claim(db)).toEqual([]);
  await letPass(db, 26 * SECOND);
  await tryOnce();
  expect(world.peer.requests).toHaveLength(6);
  expect(await findHost(db, world.peer.host)).toMatchObject({ openings: 2 });
  await letPass(db, 100 * SECOND);
  expect(await claim(db)).toEqual([]);
  await letPass(db, 11 * SECOND);
  world.answer({ status: 202 });
  await tryOnce();
  expect(await findHost(db, world.peer.host)).toMatchObject({ openings: 0, openUntil: undefined });
  const rest = await claim(db, { perHost: 10 });
  expect(rest).toHaveLength(5);
  await Promise.all(rest.map((each) => deliver(world.ports, each)));
  expect(await rows()).toEqual([]);
  expect((await takeStanzas(db)).filter(({ kind }) => kind === 'receipt')).toHaveLength(6);
});

test('a probe that is answered with 429 leaves it open for no longer than the peer asked', async () => {
  world.answer({ status: 500 });
  await enqueueAll(db, ...['a', 'b', 'c', 'd', 'e'].map((name) => world.message(name)));
  await Promise.all((await claim(db, { perHost: 5 })).map((each) => deliver(world.ports, each)));
  await letPass(db, 56 * SECOND);
  world.answer({ status: 429, headers: { 'retry-after': '30' } });
  await tryOnce();
  expect(await claim(db)).toEqual([]);
  expect(await findHost(db, world.peer.host)).toMatchObject({ openings: 1 });
  await letPass(db, 31 * SECOND);
  expect(await claim(db)).toHaveLength(1);
});

test('failures on seven days: the author of the next message is told at once, once a day it is tried', async () => {
  world.answer({ status: 500 });
  for (let day = 0; day < 7; day++) {
    await db.query('update hosts set failed_on = failed_on - 1');
    await db.query('truncate deliveries');
    await enqueueAll(db, world.message(`day ${day}`));
    await tryOnce();
    await letPass(db, 20 * MINUTE);
  }
  expect(await findHost(db, world.peer.host)).toMatchObject({ dead: 'silent', failedDays: 7 });
  const asked = world.peer.requests.length;
  await db.query('truncate deliveries');
  await enqueueAll(db, world.message('told'));
  await tryOnce();
  expect(world.peer.requests).toHaveLength(asked);
  expect(await takeStanzas(db)).toMatchObject([{ kind: 'message-error', id: 'told' }]);
  await letPass(db, 24 * HOUR);
  world.answer({ status: 202 });
  await enqueueAll(db, world.message('lives'));
  await tryOnce();
  expect(await takeStanzas(db)).toMatchObject([{ kind: 'receipt', received: 'lives' }]);
  expect(await findHost(db, world.peer.host)).toMatchObject({ dead: undefined, failedDays: 0 });
});
