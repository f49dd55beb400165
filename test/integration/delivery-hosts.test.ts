import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { Database } from '../../src/store/database.ts';
import { completeDelivery, postponeDelivery, returnDelivery } from '../../src/store/deliveries.ts';
import { isSuspect, renewDeliveries } from '../../src/store/delivery-claims.ts';
import {
  bringForward,
  changeHost,
  closeHost,
  findHost,
  type HostState,
  hostSpoke,
  hostsSpoke,
  markHostGone,
  purgeHosts,
} from '../../src/store/hosts.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { claim, claimNames, claimOne, deliveryOf, enqueueAll, letPass } from '../support/deliveries.ts';

let base: TestDatabase;
let db: Database;
beforeAll(async () => {
  base = await createTestDatabase();
  db = base.db;
});
beforeEach(() => db.query('truncate deliveries, hosts'));
afterAll(() => base.drop());

const MINUTE = 60_000;
const fromNow = (ms: number): Date => new Date(Date.now() + ms);
const setHost = (host: string, changes: Partial<HostState>): Promise<void> =>
  db.transaction((tx) => changeHost(tx, host, (state) => ({ ...state, ...changes })));
const open = (host: string, ms = MINUTE): Promise<void> => setHost(host, { openUntil: fromNow(ms) });
const to = (host: string, ...names: readonly string[]) => names.map((name) => deliveryOf(name, { host }));

test('while a breaker is open nothing of its host is claimed, and it costs nothing', async () => {
  await enqueueAll(db, ...to('dead', 'd1', 'd2'), ...to('live', 'l1'));
  await open('dead');
  expect(await claimNames(db)).toEqual(['l1']);
  const { rows } = await db.query('select attempts, unanswered from deliveries where host = $1', ['dead']);
  expect(rows).toEqual([
    { attempts: 0, unanswered: 0 },
    { attempts: 0, unanswered: 0 },
  ]);
});

test('when its time is over one probe goes out, and the next only when that one has ended', async () => {
  await enqueueAll(db, ...to('dead', 'd1', 'd2', 'd3'));
  await open('dead', -1);
  const [probe, ...others] = await claim(db);
  expect(probe).toMatchObject({ activityId: 'd1', hostHealth: 'troubled' });
  expect(others).toEqual([]);
  expect(await claimNames(db)).toEqual([]);
  await setHost('dead', { openUntil: fromNow(-1) });
  expect(await claimNames(db)).toEqual(['d2']);
});

test('of two processes that look at once one has the probe', async () => {
  await enqueueAll(db, ...to('dead', 'd1', 'd2', 'd3', 'd4'));
  await open('dead', -1);
  const all = await Promise.all(Array.from({ length: 6 }, () => claimNames(db)));
  expect(all.flat()).toHaveLength(1);
});

test('a probe whose process died is followed by another when its lease is over', async () => {
  await enqueueAll(db, ...to('dead', 'd1', 'd2'));
  await open('dead', -1);
  await claimOne(db);
  await letPass(db, 31_000);
  expect(await claimNames(db)).toHaveLength(1);
});

test('a success closes it and brings forward what was postponed, but not what the peer named a time for', async () => {
  await enqueueAll(db, ...to('h', 'a', 'b', 'c'));
  const [a, b, c] = await claim(db);
  for (const [held, patient] of [
    [a, false],
    [b, true],
    [c, false],
  ] as const)
    if (held !== undefined)
      await postponeDelivery(db, held, { status: 503, error: 'x', dueAt: fromNow(60 * MINUTE), patient });
  await setHost('h', { openings: 3, openUntil: fromNow(-1), failedDays: 2, failedOn: '2026-01-01' });
  await closeHost(db, 'h');
  expect(await findHost(db, 'h')).toEqual({
    recentFailures: [],
    openings: 0,
    openUntil: undefined,
    failedOn: undefined,
    failedDays: 0,
    dead: undefined,
  });
  expect(await claimNames(db)).toEqual([]);
  expect(await bringForward(db, 1)).toBe(1);
  expect(await bringForward(db, 10)).toBe(1);
  expect(await bringForward(db, 10)).toBe(0);
  const claimed = await claim(db);
  expect(claimed.map(({ activityId, hostHealth }) => [activityId, hostHealth])).toEqual([
    ['a', 'well'],
    ['c', 'well'],
  ]);
});

test('a host that was never shut is not hurried by a success: one bad inbox has its pauses', async () => {
  await enqueueAll(db, ...to('h', 'a'));
  await postponeDelivery(db, await claimOne(db), { status: 500, error: 'x', dueAt: fromNow(MINUTE) });
  await setHost('h', { recentFailures: [new Date()] });
  await closeHost(db, 'h');
  expect(await bringForward(db, 10)).toBe(0);
  expect(await claimNames(db)).toEqual([]);
});

test('what goes to a dead host is claimed to be given up', async () => {
  await enqueueAll(db, ...to('silent', 's'), ...to('gone', 'g'));
  await setHost('silent', { dead: 'silent', openUntil: fromNow(MINUTE) });
  await markHostGone(db, 'gone');
  expect((await claim(db)).map(({ hostHealth }) => hostHealth)).toEqual(['dead', 'dead']);
  expect(await findHost(db, 'gone')).toMatchObject({ dead: 'gone' });
});

test('a host that fell silent is tried once a day', async () => {
  await enqueueAll(db, ...to('silent', 's', 't'));
  await setHost('silent', { dead: 'silent', openUntil: fromNow(-1) });
  expect(await claim(db)).toMatchObject([{ activityId: 's', hostHealth: 'troubled' }]);
});

test('a host that speaks to us is not dead, and a probe goes out at once', async () => {
  await enqueueAll(db, ...to('gone', 'g1', 'g2'), ...to('other', 'o'));
  const dueAt = fromNow(60 * MINUTE);
  for (const held of await claim(db)) await postponeDelivery(db, held, { status: 410, error: 'x', dueAt });
  await markHostGone(db, 'gone');
  await open('other', 60 * MINUTE);
  await hostsSpoke(db, ['gone', 'never-heard-of']);
  expect(await findHost(db, 'gone')).toMatchObject({ dead: undefined, failedDays: 0 });
  expect(await claimNames(db)).toEqual(['g1']);
});

test('who sends but does not receive brings a probe forward every five minutes at most', async () => {
  await hostSpoke(db, 'one-way');
  expect(await findHost(db, 'one-way')).toBeUndefined();
  await open('one-way', 30 * MINUTE);
  await hostSpoke(db, 'one-way');
  expect((await findHost(db, 'one-way'))?.openUntil?.getTime()).toBeLessThanOrEqual(Date.now() + 1_000);
  await open('one-way', 30 * MINUTE);
  await hostSpoke(db, 'one-way');
  expect((await findHost(db, 'one-way'))?.openUntil?.getTime()).toBeGreaterThan(Date.now() + 29 * MINUTE);
  await letPass(db, 6 * MINUTE);
  await hostSpoke(db, 'one-way');
  expect((await findHost(db, 'one-way'))?.openUntil?.getTime()).toBeLessThanOrEqual(Date.now() + 1_000);
});

test('many who change one host at once: every failure is counted', async () => {
  await Promise.all(
    Array.from({ length: 20 }, () =>
      db.transaction((tx) => changeHost(tx, 'h', (state) => ({ ...state, openings: state.openings + 1 }))),
    ),
  );
  expect((await findHost(db, 'h'))?.openings).toBe(20);
});

test('rows of hosts expire', async () => {
  await open('old');
  await letPass(db, 10 * MINUTE);
  await open('new');
  expect(await purgeHosts(db, fromNow(-5 * MINUTE))).toBe(1);
  expect([await findHost(db, 'old'), (await findHost(db, 'new'))?.openings]).toEqual([undefined, 0]);
});

test('a slow host never has more than its slots, and hosts take turns', async () => {
  const names = Array.from({ length: 9 }, (_, n) => `slow${n}`);
  await enqueueAll(db, ...to('slow', ...names), ...to('live', 'l1', 'l2'));
  const room = (count: number) => ({ room: new Map([['slow', count]]) });
  expect(await claimNames(db, { ...room(0), limit: 1 })).toEqual(['l1']);
  expect(await claimNames(db, { ...room(1), limit: 2 })).toEqual(['slow0', 'l2']);
  expect(await claimNames(db)).toEqual(names.slice(1, 5));
  expect(await claimNames(db, room(3))).toEqual(names.slice(5, 8));
});

test('a worker whose claim was taken over settles nothing, and renews nothing', async () => {
  await enqueueAll(db, deliveryOf('1'));
  const late = await claimOne(db);
  await letPass(db, 31_000);
  const holder = await claimOne(db);
  expect(await completeDelivery(db, late)).toBe(false);
  expect(await postponeDelivery(db, late, { status: 500, error: 'late', dueAt: new Date() })).toBe(false);
  expect(await returnDelivery(db, late, { dueAt: new Date(), error: 'late', counts: true })).toBe(false);
  await renewDeliveries(db, [late], 3_600);
  await letPass(db, 31_000);
  await renewDeliveries(db, [holder], 30);
  expect(await claimNames(db)).toEqual([]);
  expect(await completeDelivery(db, holder)).toBe(true);
});

test('claims without a result are counted until there is one, tries only when there is', async () => {
  await enqueueAll(db, deliveryOf('1'));
  await claimOne(db);
  await letPass(db, 31_000);
  const second = await claimOne(db);
  expect(second).toMatchObject({ attempts: 2, tries: 0, unanswered: 2 });
  await returnDelivery(db, second, { dueAt: new Date(0), error: 'the database was away', counts: false });
  const third = await claimOne(db);
  expect(third).toMatchObject({ attempts: 3, tries: 0, unanswered: 2, lastError: 'the database was away' });
  await postponeDelivery(db, third, { dueAt: new Date(0), status: 500, error: 'HTTP 500' });
  expect(await claimOne(db)).toMatchObject({ attempts: 4, tries: 1, unanswered: 1 });
});

test('what was claimed repeatedly without a result goes alone among its kind; others go on', async () => {
  await enqueueAll(db, ...to('h', 'a', 'b', 'c'), ...to('i', 'd'));
  for (let n = 0; n < 2; n++) {
    await claim(db);
    await letPass(db, 31_000);
  }
  await enqueueAll(db, ...to('h', 'new'));
  const claimed = await claim(db);
  expect(claimed.filter(isSuspect).map(({ activityId }) => activityId)).toEqual(['a']);
  expect(claimed.map(({ activityId }) => activityId)).toContain('new');
  expect(await claimNames(db, { suspects: false })).toEqual([]);
  // The one that has just cost a process its life comes after those that have not.
  await letPass(db, 31_000);
  expect((await claim(db)).filter(isSuspect).map(({ activityId }) => activityId)).toEqual(['b']);
});
