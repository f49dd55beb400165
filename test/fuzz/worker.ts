import { writeSync } from 'node:fs';
import { createRandom } from './random.ts';
import type { Target } from './target.ts';
import { HEAD_BYTES, INPUT_FD, isWork, type Report, renderHead, type Work } from './work.ts';

/** The promise: no input costs more than this, for each KiB that it has or has begun. */
const MS_PER_KIB = 50;
/** A seldom pause of the collector is no finding: the same input has to be slow each time. */
const TRIES = 3;
/** One input in so many is one of the large ones: each costs as much as a hundred of the others. */
const LARGE_IN = 50;

const [module, residentMb] = process.argv.slice(2);
if (module === undefined || process.send === undefined) throw new TypeError('fuzz.ts starts this');
const maxResidentMb = Number(residentMb);

/** CPU time of this thread in milliseconds: what others do on the machine does not count. */
const cpuMs = (): number => {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
};

const timed = (target: Target, input: Uint8Array): number => {
  const start = cpuMs();
  target.run(input);
  return cpuMs() - start;
};

const costPerKib = (target: Target, input: Uint8Array): number => {
  const kib = Math.ceil(Math.max(1, input.length) / 1024);
  let least = timed(target, input) / kib;
  for (let tries = 1; tries < TRIES && least > MS_PER_KIB; tries += 1) {
    least = Math.min(least, timed(target, input) / kib);
  }
  return least;
};

/** The input is left where the watcher finds it, should this process never come back. */
const leave = (runs: number, input: Uint8Array): void => {
  writeSync(INPUT_FD, input, 0, input.length, HEAD_BYTES);
  writeSync(INPUT_FD, renderHead(runs, input.length), 0, HEAD_BYTES, 0);
};

/** First every seed as it is, then changed ones. */
const inputsOf = (target: Target, seed: number): ((run: number) => Uint8Array) => {
  const random = createRandom(seed);
  const { seeds, large = [] } = target;
  const all = [...seeds, ...large];
  return (run) => {
    const untouched = all[run];
    if (untouched !== undefined) return untouched;
    const from = large.length > 0 && random.below(LARGE_IN) === 0 ? large : seeds;
    return target.mutate(random.pick(from), random, all);
  };
};

const problemOf = (cost: number): string | undefined => {
  const resident = process.memoryUsage.rss() / 1_048_576;
  if (resident > maxResidentMb) return `${Math.round(resident)} MiB of memory`;
  return cost > MS_PER_KIB ? `${Math.round(cost)} ms per KiB` : undefined;
};

const fuzz = (target: Target, work: Work): Report => {
  const inputOf = inputsOf(target, work.seed);
  const until = performance.now() + work.ms;
  let slowest = 0;
  let runs = 0;
  while (runs < work.runs && performance.now() < until) {
    const input = inputOf(runs);
    runs += 1;
    leave(runs, input);
    try {
      const cost = costPerKib(target, input);
      slowest = Math.max(slowest, cost);
      const problem = problemOf(cost);
      if (problem !== undefined) return { name: target.name, runs, slowest, problem };
    } catch (error) {
      const problem = error instanceof Error ? (error.stack ?? error.message) : String(error);
      return { name: target.name, runs, slowest, problem };
    }
  }
  return { name: target.name, runs, slowest };
};

const { TARGETS }: { readonly TARGETS: readonly Target[] } = await import(module);
process.on('message', (work: unknown) => {
  if (!isWork(work)) throw new TypeError('no work');
  const target = TARGETS.find(({ name }) => name === work.target);
  if (target === undefined) throw new RangeError(`no target ${work.target}`);
  process.send?.(fuzz(target, work));
});
