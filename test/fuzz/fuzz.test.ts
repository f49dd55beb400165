import { describe, expect, test } from 'vitest';
import { fuzz } from './fuzz.ts';
import { mutateBytes, mutateJson } from './mutate.ts';
import { createRandom } from './random.ts';
import { TARGETS } from './targets.ts';

/** Always the same inputs: a failure here is one of the code. `npm run fuzz` looks for new ones. */
const SEED = 20_261_121;

describe('a short run', () => {
  test.each(TARGETS.map(({ name }) => name))('%s', async (target) => {
    const { problem, input, runs } = await fuzz({ target, seed: SEED, runs: 400, ms: 15_000 });
    expect({ problem, input: input && Buffer.from(input).toString('base64') }).toEqual({});
    expect(runs).toBe(400);
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
});
