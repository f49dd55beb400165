import type { Target } from './target.ts';

/** Each breaks its promise at the third input: the fuzzer has to say so, and with which. */
const SEEDS = ['first', 'second', 'third', 'fourth'].map((each) => new TextEncoder().encode(each));

const planted = (name: string, harm: () => void): Target => ({
  name,
  seeds: SEEDS,
  mutate: (input) => input,
  run: (input) => {
    if (new TextDecoder().decode(input) === 'third') harm();
  },
});

const spin = (ms: number): void => {
  const { user, system } = process.threadCpuUsage();
  const used = (): number => {
    const now = process.threadCpuUsage();
    return now.user + now.system - user - system;
  };
  while (used() < ms * 1000);
};

const kept: unknown[] = [];

export const TARGETS: readonly Target[] = [
  planted('healthy', () => undefined),
  planted('exception', () => {
    throw new Error('a planted exception');
  }),
  planted('crash', () => process.kill(process.pid, 'SIGSEGV')),
  // Should nobody end it, it ends itself.
  planted('hang', () => spin(60_000)),
  planted('slow', () => spin(80)),
  planted('heap', () => {
    for (;;) kept.push(Array.from({ length: 100_000 }, () => 0.5));
  }),
  planted('outside', () => kept.push(Buffer.alloc(128 * 1_048_576, 1))),
];
