import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createMemoryBudget } from '../../src/activitypub/memory-budget.ts';

test('one key gets its share, all together the whole, and what is released can be had again', () => {
  const budget = createMemoryBudget({ total: 10, perKey: 6 });
  const [first, second, third] = ['a', 'a', 'b'].map(budget.reserve);
  expect(first?.take(4)).toBe(true);
  expect(second?.take(3)).toBe(false);
  expect(second?.take(2)).toBe(true);
  expect(third?.take(5)).toBe(false);
  expect(third?.take(4)).toBe(true);
  first?.release();
  first?.release();
  expect(third?.take(2)).toBe(true);
  expect(second?.take(3)).toBe(false);
  expect(second?.take(2)).toBe(true);
});

test('never more than the limits, and nothing is left when all is released', () => {
  const steps = fc.array(fc.tuple(fc.constantFrom('a', 'b', 'c'), fc.nat(9)), { maxLength: 40 });
  fc.assert(
    fc.property(steps, (takes) => {
      const budget = createMemoryBudget({ total: 20, perKey: 8 });
      const held = new Map<string, number>();
      const rooms = takes.map(([key, bytes]) => {
        const room = budget.reserve(key);
        if (room.take(bytes)) held.set(key, (held.get(key) ?? 0) + bytes);
        return room;
      });
      expect(Math.max(0, ...held.values())).toBeLessThanOrEqual(8);
      expect([...held.values()].reduce((sum, each) => sum + each, 0)).toBeLessThanOrEqual(20);
      for (const room of rooms) room.release();
      expect(['a', 'b'].map((key) => budget.reserve(key).take(8))).toEqual([true, true]);
    }),
  );
});
