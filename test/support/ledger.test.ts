import fc from 'fast-check';
import { expect, test } from 'vitest';
import { balance, NOTHING_WRONG } from './ledger.ts';

const sent = ['a1', 'b1', 'a2', 'b2', 'a3'].map((id) => ({ id, lane: id.slice(0, 1) }));
const ids = (...list: readonly string[]): ReadonlySet<string> => new Set(list);
const arrive = (...list: readonly string[]) => list.map((id) => ({ id, shownAs: `shown-${id}` }));

test('all that was acknowledged arrived, each lane in order: nothing is wrong', () => {
  const result = balance({
    sent,
    acknowledged: ids('a1', 'a2', 'b1', 'b2'),
    failed: ids('a3'),
    arrived: arrive('b1', 'b2', 'a1', 'a2'),
  });
  expect(result).toEqual({ ...NOTHING_WRONG, untold: [], repeats: 0 });
});

test('an acknowledged message that never arrived is lost; one without a word is untold', () => {
  const result = balance({ sent, acknowledged: ids('a1', 'a2'), failed: ids(), arrived: arrive('a1') });
  expect(result.lost).toEqual(['a2']);
  expect(result.untold).toEqual(['b1', 'b2', 'a3']);
});

test('the same id again is a repeat, another id is shown twice', () => {
  const arrived = [...arrive('a1', 'a1'), { id: 'a1', shownAs: 'another' }];
  const result = balance({ sent, acknowledged: ids(), failed: ids(), arrived });
  expect(result.repeats).toBe(1);
  expect(result.twice).toEqual(['a1']);
});

test('what overtakes is seen, and only within its lane; a late repeat overtakes nothing', () => {
  const order = (...list: readonly string[]) =>
    balance({ sent, acknowledged: ids(), failed: ids(), arrived: arrive(...list) }).outOfOrder;
  expect(order('a2', 'b1', 'a1', 'a3')).toEqual(['a1']);
  expect(order('b1', 'b2', 'a1', 'a2', 'a3')).toEqual([]);
  expect(order('a1', 'a2', 'a1', 'a3')).toEqual([]);
});

test('a failure told of what arrived, and an arrival that nobody sent', () => {
  const result = balance({
    sent,
    acknowledged: ids(),
    failed: ids('a1', 'b1'),
    arrived: arrive('a1', 'ghost'),
  });
  expect(result.wronglyFailed).toEqual(['a1']);
  expect(result.unknown).toEqual(['ghost']);
});

test('whatever subset is dropped, the lost ones are the acknowledged ones of it', () => {
  const numbers = fc.uniqueArray(fc.nat({ max: 50 }), { maxLength: 30 });
  fc.assert(
    fc.property(numbers, fc.func(fc.boolean()), fc.func(fc.boolean()), (all, isTold, isDropped) => {
      const list = all.map((number) => ({ id: `m${number}`, lane: 'one' }));
      const told = list.filter(({ id }) => isTold(id)).map(({ id }) => id);
      const arrived = list.filter(({ id }) => !isDropped(id)).map(({ id }) => ({ id, shownAs: id }));
      const result = balance({ sent: list, acknowledged: new Set(told), failed: new Set(), arrived });
      expect(result.lost).toEqual(told.filter((id) => isDropped(id)));
      expect(result.outOfOrder).toEqual([]);
    }),
  );
});
