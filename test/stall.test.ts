import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { lookAtBeat, type Stall } from '../src/stall.ts';

const LOOK = 1_000;
const begin: Stall = { stillMs: 0, beat: 0, lookedAt: 0 };

/** Looks at the beat that stands at each of these times. */
const watch = (looks: readonly (readonly [at: number, beat: number])[]): number =>
  looks.reduce((stall, [at, beat]) => lookAtBeat(stall, beat, at, LOOK), begin).stillMs;

describe('how long the beats have stood still', () => {
  test('every beat begins anew', () => {
    expect(
      watch([
        [1_000, 0],
        [2_000, 0],
        [3_000, 1],
      ]),
    ).toBe(0);
  });

  test('without beats the looks add up', () => {
    const looks = Array.from({ length: 20 }, (_, index) => [(index + 1) * LOOK, 0] as const);
    expect(watch(looks)).toBe(20_000);
  });

  test('a watcher that slept as well counts one look, however long it was', () => {
    expect(
      watch([
        [1_000, 0],
        [3_600_000, 0],
      ]),
    ).toBe(2_000);
  });

  test('a beat count that has wrapped round is a beat', () => {
    expect(lookAtBeat({ stillMs: 500, beat: 2 ** 31 - 1, lookedAt: 0 }, -(2 ** 31), 10, LOOK).stillMs).toBe(
      0,
    );
  });

  test('never more than one look is added, never less than nothing', () => {
    fc.assert(
      fc.property(
        fc.nat(1e6),
        fc.nat(1e6),
        fc.integer({ min: -1e6, max: 1e9 }),
        (stillMs, lookedAt, later) => {
          const next = lookAtBeat({ stillMs, beat: 7, lookedAt }, 7, lookedAt + later, LOOK);
          expect(next.stillMs).toBeGreaterThanOrEqual(stillMs);
          expect(next.stillMs).toBeLessThanOrEqual(stillMs + LOOK);
        },
      ),
    );
  });
});
