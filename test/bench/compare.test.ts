import { expect, test } from 'vitest';
import { compare } from '../../bench/compare.ts';

const run = (rate: number, cpuEach: number) => ({ count: 100, seconds: 100 / rate, cpuMs: 100 * cpuEach });

test('the sides take turns, the floor first', async () => {
  const turns: string[] = [];
  await compare(2, {
    floor: async (round) => {
      turns.push(`floor ${round}`);
      return run(1, 1);
    },
    ours: async (round) => {
      turns.push(`ours ${round}`);
      return run(1, 1);
    },
  });
  expect(turns).toEqual(['floor 0', 'ours 0', 'floor 1', 'ours 1']);
});

test('ratios are made within a round: a slow machine for one round changes none', async () => {
  const machine = [1, 0.25, 1];
  const speed = (round: number): number => machine[round] ?? 1;
  const compared = await compare(3, {
    floor: async (round) => run(4_000 * speed(round), 0.2),
    ours: async (round) => run(1_000 * speed(round), 0.5),
  });
  expect(compared.rateRatio).toBeCloseTo(0.25);
  expect(compared.cpuRatio).toBeCloseTo(2.5);
  expect(compared.floor.rate).toBeCloseTo(4_000);
  expect(compared.ours.rate).toBeCloseTo(1_000);
  expect(compared.ours.cpuMs).toBeCloseTo(0.5);
});

test('one odd round does not count', async () => {
  const rates = [900, 10, 1_000];
  const compared = await compare(3, {
    floor: async () => run(2_000, 0.1),
    ours: async (round) => run(rates[round] ?? 0, 0.1),
  });
  expect(compared.ours.rate).toBeCloseTo(900);
  expect(compared.rateRatio).toBeCloseTo(0.45);
});
