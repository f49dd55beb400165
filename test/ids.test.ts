import fc from 'fast-check';
import { expect, test } from 'vitest';
import { localNoteId, localUserId, urlsOf } from '../src/bridge/urls.ts';
import { newId } from '../src/ids.ts';

const instant = fc.integer({ min: 0, max: 4_000_000_000_000 });

test('an id is 26 characters that a URL takes as they are', () => {
  fc.assert(
    fc.property(instant, fc.uint8Array({ minLength: 16, maxLength: 16 }), (now, random) => {
      expect(newId(now, random)).toMatch(/^[0-9a-hjkmnp-tv-z]{26}$/u);
    }),
  );
});

test('ids of later milliseconds sort behind', () => {
  fc.assert(
    fc.property(instant, fc.integer({ min: 1, max: 1_000_000 }), (now, later) => {
      expect(newId(now) < newId(now + later)).toBe(true);
    }),
  );
});

test('ten thousand ids of one millisecond differ', () => {
  expect(new Set(Array.from({ length: 10_000 }, () => newId(1))).size).toBe(10_000);
});

test('the URL of an actor or a note gives its id back, and nothing else does', () => {
  const urls = urlsOf('https://ap.example');
  const id = newId();
  expect(localUserId(urls.origin, urls.actor(id))).toBe(id);
  expect(localUserId(urls.origin, `${urls.actor(id)}#main-key`)).toBe(id);
  expect(localNoteId(urls.origin, urls.note(id))).toBe(id);
  for (const other of [
    urls.inbox(id),
    urls.note(id),
    'https://ap.example.evil/u/x',
    'https://ap.example/u/',
    'https://ap.example/u/../actor',
    'http://ap.example/u/x',
  ])
    expect(localUserId(urls.origin, other)).toBeUndefined();
  expect(localNoteId(urls.origin, urls.create(id))).toBeUndefined();
});
