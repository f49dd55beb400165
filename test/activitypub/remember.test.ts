import { expect, test } from 'vitest';
import { rememberOutcomes } from '../../src/activitypub/remember.ts';
import { done, type Outcome, refuse } from '../../src/bridge/outcome.ts';

const TIMES = { max: 2, keepMs: 1000, keepRefusalMs: 300, keepTroubleMs: 100 };

const setUp = (answer: (key: string) => Outcome<number>) => {
  const state = { time: 1_000_000, loads: 0 };
  const ask = rememberOutcomes({ now: () => new Date(state.time), times: TIMES }, async (key) => {
    state.loads += 1;
    return answer(key);
  });
  return { state, ask };
};

test('an outcome is loaded once in its time', async () => {
  const { state, ask } = setUp(() => done(7));
  expect(await ask('a')).toEqual(done(7));
  state.time += 999;
  await ask('a');
  expect(state.loads).toBe(1);
  state.time += 2;
  await ask('a');
  expect(state.loads).toBe(2);
});

test('that it was asked too often is not remembered, and pushes nothing out', async () => {
  const { state, ask } = setUp((key) => (key === 'a' ? refuse('not-found') : refuse('over-limit')));
  await ask('a');
  for (const key of ['b', 'c', 'd', 'b']) expect(await ask(key)).toEqual(refuse('over-limit'));
  expect(state.loads).toBe(5);
  await ask('a');
  expect(state.loads).toBe(5);
});

test.each([
  ['not-found', 300],
  ['gone', 300],
  ['policy', 300],
  ['host-unreachable', 100],
  ['internal', 100],
] as const)('a refusal with %s stands for %i ms', async (reason, life) => {
  const { state, ask } = setUp(() => refuse(reason));
  await ask('a');
  state.time += life - 1;
  await ask('a');
  expect(state.loads).toBe(1);
  state.time += 2;
  await ask('a');
  expect(state.loads).toBe(2);
});

test('who asks while a look-up is under way waits for that one', async () => {
  const { state, ask } = setUp(() => done(1));
  await Promise.all([ask('a'), ask('a'), ask('b'), ask('a')]);
  expect(state.loads).toBe(2);
});

test('the number is bounded', async () => {
  const { state, ask } = setUp(() => done(1));
  for (const key of ['a', 'b', 'c', 'a']) await ask(key);
  expect(state.loads).toBe(4);
});

test('what is thrown is passed on to all who wait, and not remembered', async () => {
  let fail = true;
  const { state, ask } = setUp(() => {
    if (fail) throw new Error('database away');
    return done(1);
  });
  const both = await Promise.allSettled([ask('a'), ask('a')]);
  expect(both.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  fail = false;
  expect(await ask('a')).toEqual(done(1));
  expect(state.loads).toBe(2);
});
