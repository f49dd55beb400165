import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createRate } from '../../src/gateway/rate.ts';

/** A rate of so many per minute on a clock that the test moves. */
const rateAt = (perMinute: number) => {
  const clock = { ms: 0 };
  const allow = createRate({ perMinute, now: () => clock.ms });
  const count = (key: string, tries: number): number =>
    Array.from({ length: tries }, () => allow(key)).filter(Boolean).length;
  return { clock, count };
};

test('a burst of five minutes’ worth, then none', () => {
  const { count } = rateAt(120);
  expect(count('a', 1_000)).toBe(600);
  expect(count('a', 10)).toBe(0);
});

test('nought is no limit', () => {
  expect(rateAt(0).count('a', 10_000)).toBe(10_000);
});

test('what is used up comes back with time, and no more than a burst of it', () => {
  const { clock, count } = rateAt(60);
  expect(count('a', 300)).toBe(300);
  clock.ms += 1_000;
  expect(count('a', 10)).toBe(1);
  clock.ms += 30_000;
  expect(count('a', 100)).toBe(30);
  clock.ms += 3_600_000;
  expect(count('a', 1_000)).toBe(300);
});

test('one does not use up what is another’s', () => {
  const { count } = rateAt(1);
  expect(count('a', 9)).toBe(5);
  expect(count('b', 9)).toBe(5);
});

test('whatever comes when, no more passes than a burst and the rate allow', () => {
  const steps = fc.array(fc.record({ wait: fc.nat(120_000), tries: fc.nat(50) }), { maxLength: 40 });
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 30 }), steps, (perMinute, visits) => {
      const { clock, count } = rateAt(perMinute);
      let passed = 0;
      for (const { wait, tries } of visits) {
        clock.ms += wait;
        passed += count('a', tries);
        expect(passed).toBeLessThanOrEqual(5 * perMinute + (clock.ms / 60_000) * perMinute + 1e-6);
      }
    }),
  );
});
