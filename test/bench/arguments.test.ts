import { expect, test } from 'vitest';
import { PARTS, parseArguments, USAGE } from '../../bench/arguments.ts';

test('without a word it is everything, at length', () => {
  expect(parseArguments([])).toEqual({ quick: false, only: PARTS });
});

test('parts are named, in any place of the line', () => {
  expect(parseArguments(['xmpp', '--quick', 'inbound'])).toEqual({ quick: true, only: ['xmpp', 'inbound'] });
  expect(parseArguments(['--quick'])).toEqual({ quick: true, only: PARTS });
});

test.each([['--fast'], ['Inbound'], [''], ['toString']])('%j is not understood', (word) => {
  expect(parseArguments(['inbound', word])).toBeUndefined();
});

test('the usage names every part', () => {
  for (const part of PARTS) expect(USAGE).toContain(`[${part}]`);
});
