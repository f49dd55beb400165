import { parseArgs } from 'node:util';
import { createFuzzer } from './fuzz.ts';
import { TARGETS } from './targets.ts';

const USAGE = `usage: npm run fuzz [-- [--seconds N] [--seed N] [${TARGETS.map(({ name }) => name).join('] [')}]]
Feeds the readers of what strangers send with changed inputs, each for N seconds (60), and ends with 1 and the
input in base64 where one throws, hangs, costs more than 50 ms a KiB or fills the memory.
`;

const readNumber = (text: string | undefined, otherwise: number): number =>
  text === undefined ? otherwise : Number(text);

const run = async (): Promise<number> => {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { seconds: { type: 'string' }, seed: { type: 'string' } },
  });
  const seconds = readNumber(values.seconds, 60);
  const seed = readNumber(values.seed, Date.now() % 1_000_000);
  const names = positionals.length === 0 ? TARGETS.map(({ name }) => name) : positionals;
  if (
    !(seconds > 0) ||
    !Number.isSafeInteger(seed) ||
    !names.every((name) => TARGETS.some((each) => each.name === name))
  ) {
    process.stderr.write(USAGE);
    return 64;
  }
  let status = 0;
  for (const target of names) {
    const fuzzer = createFuzzer(new URL('./targets.ts', import.meta.url));
    const work = { target, seed, runs: Number.MAX_SAFE_INTEGER, ms: seconds * 1000 };
    const { runs, slowest, problem, input } = await fuzzer.fuzz(work);
    await fuzzer.end();
    process.stdout.write(
      `${target}: ${runs} inputs, at most ${slowest.toFixed(1)} ms a KiB (seed ${seed})\n`,
    );
    if (problem === undefined) continue;
    status = 1;
    process.stdout.write(`${problem}\ninput: ${Buffer.from(input ?? []).toString('base64')}\n`);
  }
  return status;
};

try {
  process.exitCode = await run();
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n${USAGE}`);
  process.exitCode = 64;
}
