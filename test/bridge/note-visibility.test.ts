import { expect, test } from 'vitest';
import { visibilityOf } from '../../src/bridge/note-visibility.ts';

const PUBLIC = 'https://www.w3.org/ns/activitystreams#Public';
const FOLLOWERS = 'https://m.example/users/bob/followers';
const ALICE = 'https://ap.example/u/alice1';

test.each([
  ['public', [PUBLIC], [FOLLOWERS, ALICE]],
  ['public', ['as:Public'], []],
  ['public', ['Public'], []],
  ['unlisted', [FOLLOWERS, ALICE], [PUBLIC]],
  ['followers', [FOLLOWERS], [ALICE]],
  ['followers', [ALICE], [FOLLOWERS]],
  ['direct', [ALICE], []],
  ['direct', [ALICE, 'https://o.example/users/carol'], ['https://o.example/users/dave']],
  ['direct', [], []],
])('%s: to %j, cc %j', (visibility, to, cc) => {
  expect(visibilityOf({ to, cc }, FOLLOWERS)).toBe(visibility);
  expect(visibilityOf({ to, cc })).toBe(visibility);
});

test('another collection of followers is not the author’s, where that is known', () => {
  const others = 'https://o.example/users/carol/followers';
  expect(visibilityOf({ to: [others], cc: [] }, FOLLOWERS)).toBe('direct');
  expect(visibilityOf({ to: [others], cc: [] })).toBe('followers');
});
