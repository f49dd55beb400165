import { expect, test } from 'vitest';
import { releaseMemory } from '../src/release-memory.ts';

const MIB = 1_048_576;

test('what nobody holds any more is gone, at once', async () => {
  await releaseMemory();
  const before = process.memoryUsage().heapUsed;
  let held: string[][] = Array.from({ length: 200 }, (_, n) =>
    Array.from({ length: 10_000 }, (_, m) => `${n}-${m}`),
  );
  expect(process.memoryUsage().heapUsed - before).toBeGreaterThan(40 * MIB);
  await releaseMemory();
  expect(process.memoryUsage().heapUsed - before).toBeGreaterThan(40 * MIB);
  expect(held).toHaveLength(200);
  held = [];
  await releaseMemory();
  expect(process.memoryUsage().heapUsed - before).toBeLessThan(10 * MIB);
});
