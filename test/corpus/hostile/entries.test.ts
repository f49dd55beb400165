import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { ATTACKS as GROUPS } from './attacks.ts';
import { ENTRIES } from './entries.ts';

const ATTACKS = Object.values(GROUPS).flat();
const numbers = Object.keys(ENTRIES).map(Number);

test('the list has no gap, and each attack has its place in it', () => {
  expect(numbers).toEqual(Array.from({ length: 87 }, (_, index) => index + 1));
  expect(ATTACKS.filter(({ entry }) => ENTRIES[entry] === undefined)).toEqual([]);
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
      const text = readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8');
      expect(text.includes(title), `${file} has no test “${title}”`).toBe(true);
    }
  },
);
