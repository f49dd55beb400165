import { expect, test } from 'vitest';
import { createTurnstile } from '../../src/activitypub/turnstile.ts';

const setUp = (perTurn: number) => {
  const turns: (() => void)[] = [];
  const entered: number[] = [];
  const turnstile = createTurnstile(perTurn, (turn) => turns.push(turn));
  return {
    entered,
    come: (...names: number[]) => {
      for (const name of names) turnstile(() => entered.push(name));
    },
    /** False when nobody asked for a turn. */
    turn: (): boolean => {
      const turn = turns.shift();
      turn?.();
      return turn !== undefined;
    },
    again: turnstile,
  };
};

test('so many in one turn, the others in the next ones, in order', () => {
  const { come, entered, turn } = setUp(2);
  come(1, 2, 3, 4, 5);
  expect(entered).toEqual([1, 2]);
  turn();
  expect(entered).toEqual([1, 2, 3, 4]);
  come(6);
  turn();
  expect(entered).toEqual([1, 2, 3, 4, 5, 6]);
});

test('who comes alone does not wait', () => {
  const { come, entered, turn } = setUp(1);
  for (const name of [1, 2, 3]) {
    come(name);
    expect(entered.at(-1)).toBe(name);
    turn();
  }
});

test('nobody overtakes', () => {
  const { come, entered, turn } = setUp(1);
  come(1, 2, 3);
  turn();
  come(4);
  while (turn());
  expect(entered).toEqual([1, 2, 3, 4]);
});

test('when all have entered, no turn is asked for any more', () => {
  const { come, turn } = setUp(1);
  come(1, 2);
  let turns = 0;
  while (turn()) turns += 1;
  expect(turns).toBeLessThanOrEqual(3);
});

test('one that fails takes its place and nobody else’s', () => {
  const { again, come, entered, turn } = setUp(1);
  come(1);
  again(() => {
    throw new Error('bad');
  });
  come(2);
  expect(turn).toThrow('bad');
  while (turn());
  expect(entered).toEqual([1, 2]);
});
