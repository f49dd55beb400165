import { expect, test } from 'vitest';
import { settlePatiently } from '../../src/delivery/settle.ts';

const away = (): Error => Object.assign(new Error('refused'), { code: 'ECONNREFUSED' });

const counting = (failures: number, error: () => Error) => {
  const calls = { settled: 0, paused: 0 };
  const run = settlePatiently(
    async (ms) => {
      calls.paused += ms;
    },
    async () => {
      calls.settled += 1;
      if (calls.settled <= failures) throw error();
      return 'settled';
    },
  );
  return { calls, run };
};

test('a database that is away for a moment is waited for', async () => {
  const { calls, run } = counting(4, away);
  expect(await run).toBe('settled');
  expect(calls).toEqual({ settled: 5, paused: 100 + 300 + 700 + 1500 });
});

test('one that stays away is told after eight seconds', async () => {
  const { calls, run } = counting(100, away);
  await expect(run).rejects.toThrow('refused');
  expect(calls).toEqual({ settled: 7, paused: 8_100 });
});

test('a mistake is told at once', async () => {
  const { calls, run } = counting(1, () => new Error('bug'));
  await expect(run).rejects.toThrow('bug');
  expect(calls).toEqual({ settled: 1, paused: 0 });
});
