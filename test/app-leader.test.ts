import { expect, test, vi } from 'vitest';
import { createLeader } from '../src/app-leader.ts';

/** An office whose end takes until the test says so. */
const begin = () => {
  const happened: string[] = [];
  const ends: (() => void)[] = [];
  const errors: unknown[] = [];
  const leader = createLeader(
    {
      start: () => void happened.push('start'),
      stop: () => {
        happened.push('stop');
        return new Promise<void>((resolve) => {
          ends.push(() => {
            happened.push('stopped');
            resolve();
          });
        });
      },
    },
    (error) => errors.push(error),
  );
  const lock = {
    stop: () => {
      happened.push('free');
      return Promise.resolve();
    },
  };
  return { happened, ends, errors, leader, lock };
};
const settled = () => new Promise((resolve) => setImmediate(resolve));

test('works while the lock is held and only then', async () => {
  const { happened, ends, leader } = begin();
  leader.onLock('waiting');
  await settled();
  expect(happened).toEqual([]);
  leader.onLock('held');
  await settled();
  leader.onLock('unreachable');
  await settled();
  expect(happened).toEqual(['start', 'stop']);
  ends[0]?.();
  await settled();
  expect(happened).toEqual(['start', 'stop', 'stopped']);
});

test('a lock that is won again while the end is under way waits for it', async () => {
  const { happened, ends, leader } = begin();
  for (const state of ['held', 'unreachable'] as const) {
    leader.onLock(state);
    await settled();
  }
  leader.onLock('held');
  await settled();
  expect(happened).toEqual(['start', 'stop']);
  ends[0]?.();
  await settled();
  expect(happened).toEqual(['start', 'stop', 'stopped', 'start']);
});

test('at the end the lock is freed after the work, and winning it again begins nothing', async () => {
  const { happened, ends, leader, lock } = begin();
  leader.onLock('held');
  await settled();
  const stopped = leader.stop(lock);
  await settled();
  expect(happened).toEqual(['start', 'stop']);
  leader.onLock('held');
  ends[0]?.();
  await stopped;
  await settled();
  expect(happened).toEqual(['start', 'stop', 'stopped', 'free']);
});

test('a standby that stops has nothing to end', async () => {
  const { happened, leader, lock } = begin();
  leader.onLock('waiting');
  await leader.stop(lock);
  expect(happened).toEqual(['free']);
});

test('an end that fails is reported, and the next term begins all the same', async () => {
  const onError = vi.fn();
  const start = vi.fn();
  const leader = createLeader({ start, stop: () => Promise.reject(new Error('stuck')) }, onError);
  for (const state of ['held', 'waiting', 'held'] as const) {
    leader.onLock(state);
    await settled();
  }
  expect(start).toHaveBeenCalledTimes(2);
  expect(onError).toHaveBeenCalledTimes(1);
});
