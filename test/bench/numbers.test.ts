import fc from 'fast-check';
import { expect, test } from 'vitest';
import { median, percentile, renderNumber, renderShare } from '../../bench/numbers.ts';

const values = fc.array(fc.integer({ min: -1_000, max: 1_000 }), { minLength: 1, maxLength: 50 });

test.each([
  [[5], 0.5, 5],
  [[3, 1, 2], 0.5, 2],
  [[4, 3, 2, 1], 0.5, 2],
  [[4, 3, 2, 1], 0.95, 4],
  [[4, 3, 2, 1], 0, 1],
  [Array.from({ length: 100 }, (_, n) => n + 1), 0.95, 95],
])('of %j the share %d lies below %d', (list, share, expected) => {
  expect(percentile(list, share)).toBe(expected);
});

test('a percentile is one of the values, and no more than the share lies below it', () => {
  fc.assert(
    fc.property(values, fc.double({ min: 0, max: 1, noNaN: true }), (list, share) => {
      const found = percentile(list, share);
      expect(list).toContain(found);
      expect(list.filter((value) => value < found).length).toBeLessThanOrEqual(share * list.length);
    }),
  );
});

test.each([
  [[7], 7],
  [[1, 2], 1.5],
  [[9, 1, 5], 5],
  [[4, 1, 3, 2], 2.5],
])('the middle of %j is %d', (list, expected) => {
  expect(median(list)).toBe(expected);
});

test('as many values lie above the middle as below it', () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.integer(), { minLength: 1, maxLength: 40 }), (list) => {
      const middle = median(list);
      expect(list.filter((value) => value < middle)).toHaveLength(Math.floor(list.length / 2));
      expect(list.filter((value) => value > middle)).toHaveLength(Math.floor(list.length / 2));
    }),
  );
});

test('without values there is nothing to say', () => {
  expect(() => percentile([], 0.5)).toThrow('no values');
  expect(() => median([])).toThrow('no values');
});

test.each([
  [14_472.4, '14472'],
  [123.4, '123'],
  [12.345, '12.3'],
  [0.012345, '0.0123'],
  [0, '0'],
  [Number.NaN, '-'],
  [Number.POSITIVE_INFINITY, '-'],
])('%d is written %s', (value, text) => {
  expect(renderNumber(value)).toBe(text);
});

test('shares are percentages', () => {
  expect(renderShare(0.4567)).toBe('45.7 %');
  expect(renderShare(1 / 0)).toBe('-');
});
