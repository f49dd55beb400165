import { expect, test } from 'vitest';
import { createWorkLoop } from '../../src/delivery/work-loop.ts';

/** A promise with its handles outside. */
const deferred = () => Promise.withResolvers<void>();

const rowsOf = (count: number) => Array.from({ length: count }, (_, index) => index);

test('works every row once and never more at a time than allowed', async () => {
  const backlog = rowsOf(50);
  const worked: number[] = [];
  let atOnce = 0;
  let most = 0;
  const all = deferred();
  const loop = createWorkLoop<number>({
    claim: async (limit) => backlog.splice(0, limit),
    work: async (row) => {
      atOnce += 1;
      most = Math.max(most, atOnce);
      await new Promise(setImmediate);
      atOnce -= 1;
      worked.push(row);
      if (worked.length === 50) all.resolve();
    },
    concurrency: 4,
    pollMs: 60_000,
    onError: (error) => all.reject(error),
  });
  loop.start();
  await all.promise;
  await loop.stop();
  expect(worked.toSorted((a, b) => a - b)).toEqual(rowsOf(50));
  expect(most).toBe(4);
});

test('a slow row holds up nobody', async () => {
  const backlog = rowsOf(10);
  const slow = deferred();
  const others = deferred();
  const worked: number[] = [];
  const loop = createWorkLoop<number>({
    claim: async (limit) => backlog.splice(0, limit),
    work: async (row) => {
      if (row === 0) return await slow.promise;
      worked.push(row);
      if (worked.length === 9) others.resolve();
    },
    concurrency: 2,
    pollMs: 60_000,
    onError: (error) => others.reject(error),
  });
  loop.start();
  await others.promise;
  expect(worked).toEqual(rowsOf(10).slice(1));
  slow.resolve();
  await loop.stop();
});

test('wake() looks at once, not at the next poll', async () => {
  const backlog: number[] = [];
  const looked = deferred();
  const worked = deferred();
  const loop = createWorkLoop<number>({
    claim: async (limit) => {
      looked.resolve();
      return backlog.splice(0, limit);
    },
    work: async () => worked.resolve(),
    concurrency: 2,
    pollMs: 60_000,
    onError: (error) => worked.reject(error),
  });
  loop.start();
  await looked.promise;
  backlog.push(1);
  loop.wake();
  await worked.promise;
  await loop.stop();
});

test('a failing claim and a throwing row are told and do not end the loop', async () => {
  const errors: unknown[] = [];
  let calls = 0;
  const worked = deferred();
  const loop = createWorkLoop<number>({
    claim: async () => {
      calls += 1;
      if (calls === 1) throw new Error('database away');
      return calls <= 3 ? [calls] : [];
    },
    work: async (row) => {
      if (row === 2) throw new Error('bug');
      worked.resolve();
    },
    concurrency: 1,
    pollMs: 1,
    onError: (error) => errors.push(error),
  });
  loop.start();
  await worked.promise;
  await loop.stop();
  expect(errors.map(String)).toEqual(['Error: database away', 'Error: bug']);
});

test('stop() waits for what was claimed and claims nothing more', async () => {
  const release = deferred();
  const begun = deferred();
  let claims = 0;
  let finished = false;
  const loop = createWorkLoop<number>({
    claim: async () => {
      claims += 1;
      return claims === 1 ? [1] : [];
    },
    work: async () => {
      begun.resolve();
      await release.promise;
      finished = true;
    },
    concurrency: 1,
    pollMs: 60_000,
    onError: () => {},
  });
  loop.start();
  await begun.promise;
  const stopped = loop.stop();
  const before = claims;
  release.resolve();
  await stopped;
  expect(finished).toBe(true);
  expect(claims).toBe(before);
});

test('what is under way is renewed until it ends, and nothing else is', async () => {
  const renewed: (readonly number[])[] = [];
  const twice = deferred();
  const release = deferred();
  const backlog = [1, 2];
  const loop = createWorkLoop<number>({
    claim: async (limit) => backlog.splice(0, limit),
    work: async (row) => {
      if (row === 1) await release.promise;
    },
    renewal: {
      renew: async (rows) => {
        renewed.push(rows);
        if (renewed.length === 2) twice.resolve();
      },
      everyMs: 1,
    },
    concurrency: 2,
    pollMs: 60_000,
    onError: (error) => twice.reject(error),
  });
  loop.start();
  await twice.promise;
  const stopped = loop.stop();
  release.resolve();
  await stopped;
  const count = renewed.length;
  expect(new Set(renewed.flat())).toEqual(new Set([1]));
  await new Promise((resolve) => setTimeout(resolve, 5));
  expect(renewed).toHaveLength(count);
});
