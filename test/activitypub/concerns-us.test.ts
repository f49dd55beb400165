import { expect, test } from 'vitest';
import { concernsUs } from '../../src/activitypub/concerns-us.ts';

const ORIGIN = 'https://ap.example';

test.each([
  { to: 'https://ap.example/u/1' },
  { object: { to: ['https://other.example/x'], cc: ['https://ap.example/u/1'] } },
  { object: { inReplyTo: 'https://ap.example/n/1' } },
  { object: { tag: [{ type: 'Mention', href: 'https://ap.example/@alice' }] } },
])('%j', (json) => {
  expect(concernsUs(json, ORIGIN)).toBe(true);
});

test.each([
  {},
  null,
  'https://ap.example',
  { to: 'https://ap.example.evil.example/u/1' },
  { object: { content: 'see https://ap.example/u/1' } },
  { 'https://ap.example/u/1': true },
])('not %j', (json) => {
  expect(concernsUs(json, ORIGIN)).toBe(false);
});

test('a wide document is walked in a moment', () => {
  const wide = { to: Array.from({ length: 100_000 }, (_, i) => `https://other.example/${i}`) };
  expect(concernsUs(wide, ORIGIN)).toBe(false);
});
