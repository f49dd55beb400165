import { afterAll, describe, expect, test } from 'vitest';
import { createFuzzer } from './fuzz.ts';
import { LARGE_ACTIVITIES } from './large.ts';
import { mutateBytes, mutateJson } from './mutate.ts';
import { createRandom } from './random.ts';
import { TARGETS } from './targets.ts';

/** Always the same inputs: a failure here is one of the code. `npm run fuzz` looks for new ones. */
const SEED = 20_261_121;

describe('a short run', () => {
  const { fuzz, end } = createFuzzer(new URL('./targets.ts', import.meta.url));
  afterAll(end);

  test.each(TARGETS.map(({ name }) => name))('%s', async (target) => {
    const { problem, input, runs } = await fuzz({ target, seed: SEED, runs: 400, ms: 50_000 });
    expect({ problem, input: input && Buffer.from(input).toString('base64') }).toEqual({});
    expect(runs).toBe(400);
  });
});

describe('what is planted is found', () => {
  const PLANTED = new URL('./planted.ts', import.meta.url);
  const SMALL = { hangMs: 10_000, heapMb: 32, residentMb: 160 };
  const { fuzz, end } = createFuzzer(PLANTED, SMALL);
  const impatient = createFuzzer(PLANTED, { ...SMALL, hangMs: 1_000 });
  afterAll(() => Promise.all([end(), impatient.end()]));

  test.each([
    ['exception', /^Error: a planted exception/u],
    ['slow', /^\d+ ms per KiB$/u],
    ['hang', /^no end after 1 s$/u],
    ['crash', /^the process ended with SIGSEGV/u],
    ['heap', /^the process ended with SIGABRT[\s\S]*heap out of memory/u],
    ['outside', /^\d{3} MiB of memory$/u],
  ])('%s, and at which input', async (target, said) => {
    const by = target === 'hang' ? impatient.fuzz : fuzz;
    const { problem, input, runs } = await by({ target, seed: SEED, runs: 4, ms: 15_000 });
    expect(problem).toMatch(said);
    expect(Buffer.from(input ?? []).toString()).toBe('third');
    expect(runs).toBe(3);
  });

  test('and where nothing is, nothing: the next work has a process again', async () => {
    const { problem, runs } = await fuzz({ target: 'healthy', seed: SEED, runs: 9, ms: 15_000 });
    expect({ problem, runs }).toEqual({ runs: 9 });
  });
});

describe('the changes', () => {
  const input = new TextEncoder().encode('{"a":[1,{"b":"c"}],"d":null}');

  test.each([
    ['bytes', mutateBytes],
    ['JSON', mutateJson],
  ])('%s: the same seed makes the same inputs, another makes others', (_, mutate) => {
    const made = (seed: number): readonly Uint8Array[] => {
      const random = createRandom(seed);
      return Array.from({ length: 50 }, () => mutate(input, random, [input]));
    };
    expect(made(1)).toEqual(made(1));
    expect(made(1)).not.toEqual(made(2));
    expect(new Set(made(1).map((each) => Buffer.from(each).toString('latin1'))).size).toBeGreaterThan(30);
  });

  test('a large input stays large, and within what an inbox takes', () => {
    const random = createRandom(SEED);
    expect(Math.min(...LARGE_ACTIVITIES.map(({ length }) => length))).toBeGreaterThan(700_000);
    const lengths = LARGE_ACTIVITIES.map((each) => mutateJson(each, random, [input]).length);
    expect(Math.min(...lengths)).toBeGreaterThan(700_000);
    expect(Math.max(...lengths)).toBeLessThanOrEqual(1_048_576);
  });
});
