import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createHostSlots } from '../../src/delivery/host-slots.ts';

test('a host that is busy has less room, one that is full has none, an idle one is not named', () => {
  const slots = createHostSlots(2);
  expect(slots.room()).toEqual(new Map());
  slots.begin('a');
  slots.begin('b');
  slots.begin('b');
  slots.begin('b');
  expect(slots.room()).toEqual(
    new Map([
      ['a', 1],
      ['b', 0],
    ]),
  );
  slots.end('a');
  slots.end('b');
  expect(slots.room()).toEqual(new Map([['b', 0]]));
});

test('whatever begins and ends, nothing is left behind and room is cap less what is under way', () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom('a', 'b', 'c')), fc.integer({ min: 1, max: 4 }), (hosts, cap) => {
      const slots = createHostSlots(cap);
      for (const host of hosts) slots.begin(host);
      for (const [host, room] of slots.room())
        expect(room).toBe(Math.max(cap - hosts.filter((each) => each === host).length, 0));
      for (const host of hosts) slots.end(host);
      expect(slots.room().size).toBe(0);
    }),
  );
});
