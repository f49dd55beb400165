import { expect, test } from 'vitest';
import { rememberBriefly } from '../../src/activitypub/remember-briefly.ts';

const watch = (answers: Readonly<Record<string, string | undefined>> = {}) => {
  const asked: string[] = [];
  let now = 1;
  const ask = rememberBriefly(
    async (key) => {
      asked.push(key);
      return key in answers ? answers[key] : `${key}!`;
    },
    { max: 2, keepMs: 2_000, now: () => now },
  );
  return { ask, asked, pass: (ms: number) => (now += ms) };
};

test('an answer stands for its time, and not a moment longer', async () => {
  const { ask, asked, pass } = watch();
  expect(await ask('a')).toBe('a!');
  pass(1_999);
  expect(await ask('a')).toBe('a!');
  expect(asked).toEqual(['a']);
  pass(2);
  await ask('a');
  expect(asked).toEqual(['a', 'a']);
});

test('a "no" is remembered like a "yes"', async () => {
  let asked = 0;
  const isBlocked = rememberBriefly(
    async () => {
      asked += 1;
      return false;
    },
    { max: 10, keepMs: 1_000, now: () => 1 },
  );
  expect([await isBlocked('host'), await isBlocked('host')]).toEqual([false, false]);
  expect(asked).toBe(1);
});

test('who is not there yet is asked for again: he may come at any moment', async () => {
  const { ask, asked } = watch({ nobody: undefined });
  expect([await ask('nobody'), await ask('nobody')]).toEqual([undefined, undefined]);
  expect(asked).toEqual(['nobody', 'nobody']);
});

test('all who ask at once share one question', async () => {
  const { ask, asked } = watch();
  expect(await Promise.all([ask('a'), ask('a'), ask('a')])).toEqual(['a!', 'a!', 'a!']);
  expect(asked).toEqual(['a']);
});

test('more keys at once than it remembers all get their answer', async () => {
  const { ask } = watch();
  const keys = ['a', 'b', 'c', 'd', 'e'];
  expect(await Promise.all(keys.map(ask))).toEqual(keys.map((key) => `${key}!`));
});

test('trouble is passed on, and the next one asks anew', async () => {
  let isAway = true;
  const ask = rememberBriefly(
    async () => {
      if (isAway) throw new Error('away');
      return 'here';
    },
    { max: 10, keepMs: 1_000, now: () => 1 },
  );
  await expect(ask('a')).rejects.toThrow('away');
  isAway = false;
  expect(await ask('a')).toBe('here');
});
