import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { ATTACKS as GROUPS } from './attacks.ts';
import { ENTRIES } from './entries.ts';
import { hasTest } from './titles.ts';

const ATTACKS = Object.values(GROUPS).flat();
const numbers = Object.keys(ENTRIES).map(Number);

test('the list has no gap, and each attack has its place in it', () => {
  expect(numbers).toEqual(Array.from({ length: 87 }, (_, index) => index + 1));
  expect(ATTACKS.filter(({ entry }) => ENTRIES[entry] === undefined)).toEqual([]);
});

const sourceOf = (file: string): string => readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8');

test('what the list counts is what is run', () => {
  const runner = sourceOf('integration/hostile-requests.test.ts');
  expect(runner).toContain('\ndescribe.each(Object.entries(ATTACKS))(');
  expect(hasTest(runner, '%s > %s')).toBe(true);
});

test('no two attacks have one name', () => {
  const names = ATTACKS.map(({ entry, name }) => `${entry}. ${name}`);
  expect(names.filter((name, index) => names.indexOf(name) < index)).toEqual([]);
});

test.each(numbers.map((number) => [number, ENTRIES[number]?.name] as const))(
  '%i, %s: somebody proves that it leads to nothing',
  (number) => {
    const witnesses = ENTRIES[number]?.witnesses ?? [];
    const attacks = ATTACKS.filter(({ entry }) => entry === number);
    expect(attacks.length + witnesses.length).toBeGreaterThan(0);
    for (const [file, title] of witnesses) {
      expect(hasTest(sourceOf(file), title), `${file} has no test “${title}”`).toBe(true);
    }
  },
);
