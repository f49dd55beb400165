import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { anyString, anyUrl } from './any-string.ts';

const SOME = { seed: 20_261_121, numRuns: 1_000 };

test('any character comes but half of one, and names that mean something to JavaScript', () => {
  const texts = fc.sample(anyString({ maxLength: 20 }), SOME);
  expect(texts.filter((text) => !text.isWellFormed() || [...text].length > 20)).toEqual([]);
  for (const kind of [
    /^$/u,
    /\p{Cc}/u,
    /[a-z]/u,
    /[\u{e000}-\u{f8ff}]/u,
    /[\u{100000}-\u{10ffff}]/u,
    /__proto__/u,
  ])
    expect(texts.some((text) => kind.test(text))).toBe(true);
});

test('any URL is one, of both schemes, with and without path and query', () => {
  const urls = fc.sample(anyUrl(), SOME);
  expect(urls.filter((url) => !URL.canParse(url))).toEqual([]);
  for (const kind of [
    /^http:/u,
    /^https:/u,
    /^[^?]*[^/]\/[a-z]/u,
    /\?./u,
    /%[0-9a-f]{2}/iu,
    /^https:\/\/[^/]+$/u,
  ])
    expect(urls.some((url) => kind.test(url))).toBe(true);
});

test('no test says it the slow way', () => {
  const root = join(import.meta.dirname, '..');
  const slow = /unit: '[b]inary'|fc\.web(?:Url|Path|Segment|QueryParameters|Fragments)\(/u;
  const files = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((file) =>
    file.endsWith('.test.ts'),
  );
  expect(files.filter((file) => slow.test(readFileSync(join(root, file), 'utf8')))).toEqual([]);
});
