import { afterEach, beforeAll, expect, test, vi } from 'vitest';
import { type AdvisoryLock, createAdvisoryLock, type LockState } from '../../src/store/advisory-lock.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { createUndoStack } from '../support/undo.ts';

/** Long enough that a machine which is busy loses no lock by it: what is to be lost in a test is taken away. */
const TIMING = { look: 50, answer: 10_000, silence: 20_000 };
const PATIENCE = { timeout: 20_000, interval: 10 };
const KEY = 42;

const undo = createUndoStack();
let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
  return database.drop;
});
afterEach(() => undo.run());

type Contender = { readonly lock: AdvisoryLock; readonly states: LockState[]; readonly errors: unknown[] };

const contend = (url = database.url, clock = (): number => performance.now()): Contender => {
  const states: LockState[] = [];
  const errors: unknown[] = [];
  const lock = createAdvisoryLock({
    url,
    key: KEY,
    timing: TIMING,
    clock,
    onState: (state) => void states.push(state),
    onError: (error) => void errors.push(error),
  });
  lock.start();
  undo.add(lock.stop);
  return { lock, states, errors };
};

const until = (contender: Contender, state: LockState) =>
  vi.waitFor(() => expect(contender.lock.state()).toBe(state), PATIENCE);

test('of two contenders one holds it, the other waits, and takes over when the first lets go', async () => {
  const first = contend();
  await until(first, 'held');
  const second = contend();
  await until(second, 'waiting');
  expect(first.lock.state()).toBe('held');
  await first.lock.stop();
  expect(first.states).toEqual(['held', 'unreachable']);
  await until(second, 'held');
  expect(second.states).toEqual(['waiting', 'held']);
});

test('twenty at once: never two hold it, and each gets its turn', async () => {
  const holders = new Set<AdvisoryLock>();
  const turns = new Set<AdvisoryLock>();
  let atMost = 0;
  const contenders = Array.from({ length: 20 }, () => {
    const lock: AdvisoryLock = createAdvisoryLock({
      url: database.url,
      key: KEY,
      timing: TIMING,
      clock: () => performance.now(),
      onState: (state) => {
        if (state !== 'held') return void holders.delete(lock);
        holders.add(lock);
        turns.add(lock);
        atMost = Math.max(atMost, holders.size);
        void lock.stop();
      },
      onError: () => undefined,
    });
    return lock;
  });
  for (const lock of contenders) {
    lock.start();
    undo.add(lock.stop);
  }
  await vi.waitFor(() => expect(turns.size).toBe(contenders.length), { timeout: 50_000 });
  expect(atMost).toBe(1);
});

test('a session that is terminated is noticed at once and replaced', async () => {
  const contender = contend();
  await until(contender, 'held');
  const terminated = performance.now();
  await database.db.query(
    "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'causeway lock' and datname = current_database()",
  );
  await vi.waitFor(() => expect(contender.states.slice(0, 2)).toEqual(['held', 'unreachable']), PATIENCE);
  expect(performance.now() - terminated).toBeLessThan(TIMING.answer);
  // The state comes first, the error when the connection is closed.
  await vi.waitFor(() => expect(contender.errors).toHaveLength(1), PATIENCE);
  await until(contender, 'held');
});

test('the server takes the lock from a holder that asks nothing: a process that hangs', async () => {
  // A holder that never looks again is what a stopped process is to the server. It holds for as long as the other one
  // takes to come.
  const hung = createAdvisoryLock({
    url: database.url,
    key: KEY,
    timing: { ...TIMING, look: 60_000, silence: 2_500 },
    clock: () => performance.now(),
    onState: () => undefined,
    onError: () => undefined,
  });
  hung.start();
  undo.add(hung.stop);
  await vi.waitFor(() => expect(hung.state()).toBe('held'), PATIENCE);
  const other = contend();
  await until(other, 'waiting');
  await until(other, 'held');
  expect(hung.state()).not.toBe('held');
});

test('a process that stood still does not believe in its lock until it has asked again', async () => {
  let now = 0;
  const contender = contend(database.url, () => now);
  await until(contender, 'held');
  now += TIMING.silence;
  expect(contender.lock.state()).toBe('unreachable');
  await until(contender, 'held');
});

test('without a database nobody holds it, and it is tried again', async () => {
  const contender = contend('postgres://nobody@127.0.0.1:1/nothing');
  await vi.waitFor(() => expect(contender.errors.length).toBeGreaterThan(2), PATIENCE);
  expect(contender.states).toEqual([]);
  expect(contender.lock.state()).toBe('unreachable');
});

test('stopping twice, and before a start, is harmless', async () => {
  const contender = contend();
  await until(contender, 'held');
  await Promise.all([contender.lock.stop(), contender.lock.stop()]);
  contender.lock.start();
  await until(contender, 'held');
});
