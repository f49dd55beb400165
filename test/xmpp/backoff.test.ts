import fc from 'fast-check';
import { expect, test } from 'vitest';
import { backoffDelay } from '../../src/xmpp/backoff.ts';

const BACKOFF = { firstMs: 1_000, maxMs: 30_000 };

test('doubles from one second', () => {
  expect([0, 1, 2, 3, 4, 5, 99].map((attempt) => backoffDelay(attempt, BACKOFF, 0.5))).toEqual([
    1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000,
  ]);
});

test('is spread by a quarter, and never above the maximum', () => {
  fc.assert(
    fc.property(fc.nat(), fc.double({ min: 0, max: 0.999, noNaN: true }), (attempt, random) => {
      const delay = backoffDelay(attempt, BACKOFF, random);
      const middle = backoffDelay(attempt, { ...BACKOFF, maxMs: Number.POSITIVE_INFINITY }, 0.5);
      expect(delay).toBeGreaterThanOrEqual(Math.min(BACKOFF.maxMs, middle * 0.75));
      expect(delay).toBeLessThanOrEqual(Math.min(BACKOFF.maxMs, middle * 1.25));
    }),
  );
});
