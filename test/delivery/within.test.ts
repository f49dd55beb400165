import { expect, test } from 'vitest';
import { within } from '../../src/delivery/within.ts';

test('what ends in time ends as it does', async () => {
  expect(await within(60_000, Promise.resolve(7))).toBe(7);
  await expect(within(60_000, Promise.reject(new Error('bug')))).rejects.toThrow('bug');
});

test('what hangs is left, and how it ends later is nobody’s', async () => {
  const work = Promise.withResolvers<void>();
  await expect(within(1, work.promise)).rejects.toThrow('no end after 0.001 s');
  // Unheard, this would fail the run.
  work.reject(new Error('late'));
  await new Promise(setImmediate);
});
