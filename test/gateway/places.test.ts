import { expect, test } from 'vitest';
import { createPlaces } from '../../src/gateway/places.ts';

test('each asker has so many places, all together so many more, and one that is left is free again', () => {
  const places = createPlaces({ perSender: 2, total: 3 });
  expect(['a', 'a', 'a'].map(places.enter)).toEqual([true, true, false]);
  expect(['b', 'b', 'c'].map(places.enter)).toEqual([true, false, false]);
  places.leave('a');
  expect(['c', 'a', 'b'].map(places.enter)).toEqual([true, false, false]);
  for (const sender of ['a', 'b', 'c']) places.leave(sender);
  expect(['a', 'a', 'b', 'c'].map(places.enter)).toEqual([true, true, true, false]);
});
