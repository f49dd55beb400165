import fc from 'fast-check';
import { expect, test } from 'vitest';
import { didYouMean, editDistance, suggest } from '../src/suggest.ts';

const KNOWN = ['domain', 'xmpp.server', 'xmpp.secret', 'http.listen', 'roles'];

test.each([
  ['', '', 0],
  ['', 'abc', 3],
  ['kitten', 'sitting', 3],
  ['domain', 'domian', 1],
  ['ab', 'ba', 1],
  ['ab', '', 2],
  ['a', 'b', 1],
])('%j is %j after %i steps', (left, right, steps) => {
  expect(editDistance(left, right)).toBe(steps);
});

test('the distance is zero for equals only, the same both ways, and never over the longer word', () => {
  const word = fc.string({ maxLength: 12, unit: fc.constantFrom('a', 'b', 'c', '.') });
  fc.assert(
    fc.property(word, word, (one, two) => {
      const distance = editDistance(one, two);
      expect(distance === 0).toBe(one === two);
      expect(distance).toBe(editDistance(two, one));
      expect(distance).toBeGreaterThanOrEqual(Math.abs(one.length - two.length));
      expect(distance).toBeLessThanOrEqual(Math.max(one.length, two.length));
    }),
  );
});

test('one slip of the finger costs one', () => {
  const word = fc.string({ minLength: 2, maxLength: 12, unit: fc.constantFrom('a', 'b', 'c') });
  fc.assert(
    fc.property(word, fc.nat({ max: 10 }), (right, place) => {
      const at = place % (right.length - 1);
      const exchanged = `${right.slice(0, at)}${right[at + 1]}${right[at]}${right.slice(at + 2)}`;
      expect(editDistance(right, exchanged)).toBe(right === exchanged ? 0 : 1);
      expect(editDistance(right, right.slice(0, at) + right.slice(at + 1))).toBe(1);
    }),
  );
});

test.each([
  ['domian', 'domain'],
  ['DOMAIN', 'domain'],
  ['xmpp.sercet', 'xmpp.secret'],
  ['xmpp.servr', 'xmpp.server'],
  ['listen', undefined],
  ['completely-else', undefined],
  ['x'.repeat(100_000), undefined],
])('%.20s suggests %s', (word, nearest) => {
  expect(suggest(word, KNOWN)).toBe(nearest);
});

test('the sentence is empty where nothing is near', () => {
  expect(didYouMean('role', KNOWN)).toBe(' Did you mean "roles"?');
  expect(didYouMean('zzzzzz', KNOWN)).toBe('');
});
