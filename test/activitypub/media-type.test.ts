import { expect, test } from 'vitest';
import { ACCEPT_ACTIVITY, isActivityType, isPlainJsonType } from '../../src/activitypub/media-type.ts';

const PROFILE = 'https://www.w3.org/ns/activitystreams';

test.each([
  'application/activity+json',
  'application/activity+json; charset=utf-8',
  'Application/Activity+JSON;charset=UTF-8',
  `application/ld+json; profile="${PROFILE}"`,
  `application/ld+json;profile=${PROFILE}`,
  `application/ld+json; charset=utf-8; Profile="${PROFILE}"`,
  `application/ld+json; profile="https://other.example/ns ${PROFILE}"`,
])('%s speaks ActivityPub', (type) => {
  expect(isActivityType(type)).toBe(true);
});

test.each([
  '',
  'application/json',
  'application/ld+json',
  'application/ld+json; profile="https://other.example/ns"',
  `application/ld+json; profile="${PROFILE}x"`,
  'text/html',
  'text/plain; application/activity+json',
  'application/activity+json-seq',
  `application/ld+json; x="; profile=${PROFILE}x"`,
])('%j does not', (type) => {
  expect(isActivityType(type)).toBe(false);
});

test('plain JSON is JSON or a JRD', () => {
  const types = [
    'application/jrd+json; charset=utf-8',
    'application/json',
    'text/plain',
    'application/xrd+xml',
  ];
  expect(types.map(isPlainJsonType)).toEqual([true, true, false, false]);
});

test('what we ask for is what we take', () => {
  expect(ACCEPT_ACTIVITY.split(', ').every(isActivityType)).toBe(true);
});
