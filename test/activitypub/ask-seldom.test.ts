import { expect, test } from 'vitest';
import { askSeldom } from '../../src/activitypub/ask-seldom.ts';

const setUp = () => {
  const state = { time: 0, asked: 0, fails: false };
  const ask = askSeldom(
    async () => {
      state.asked += 1;
      if (state.fails) throw new Error('away');
      return state.asked;
    },
    { everyMs: 100, now: () => state.time },
  );
  return { state, ask };
};

test('a thousand questions are one, until the time is over', async () => {
  const { state, ask } = setUp();
  const answers = await Promise.all(Array.from({ length: 1000 }, ask));
  expect(new Set(answers)).toEqual(new Set([1]));
  state.time = 99;
  expect(await ask()).toBe(1);
  state.time = 100;
  expect(await ask()).toBe(2);
  expect(state.asked).toBe(2);
});

test('a failure is told to all who waited, and not kept', async () => {
  const { state, ask } = setUp();
  state.fails = true;
  const answers = await Promise.allSettled([ask(), ask()]);
  expect(answers.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  state.fails = false;
  expect(await ask()).toBe(2);
});
