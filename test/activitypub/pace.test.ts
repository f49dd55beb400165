import { expect, test } from 'vitest';
import { createPace } from '../../src/activitypub/pace.ts';

const setUp = () => {
  const clock = { now: 5_000 };
  const pauses: number[] = [];
  const pause = async (ms: number) => void pauses.push(Math.round(ms));
  const pace = createPace({ perSecond: 100, burst: 3, longestMs: 50, now: () => clock.now, pause });
  return { clock, pauses, pace };
};

test('a few go on at once, the others each ten milliseconds after the one before', async () => {
  const { pauses, pace } = setUp();
  for (let n = 0; n < 6; n += 1) await pace();
  expect(pauses).toEqual([10, 20, 30]);
});

test('who comes slowly never waits, and rest makes room for a burst, not for more', async () => {
  const { clock, pauses, pace } = setUp();
  for (let n = 0; n < 20; n += 1) {
    await pace();
    clock.now += 10;
  }
  expect(pauses).toEqual([]);
  clock.now += 60_000;
  for (let n = 0; n < 4; n += 1) await pace();
  expect(pauses).toEqual([10]);
});

test('who would have to wait too long does not, and makes nobody else wait', async () => {
  const { clock, pauses, pace } = setUp();
  const answers: boolean[] = [];
  for (let n = 0; n < 12; n += 1) answers.push(await pace());
  expect(answers).toEqual([...Array<boolean>(8).fill(true), ...Array<boolean>(4).fill(false)]);
  expect(Math.max(...pauses)).toBe(50);
  clock.now += 10;
  expect(await pace()).toBe(true);
  expect(pauses.at(-1)).toBe(50);
});
