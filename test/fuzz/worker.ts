import { parentPort, workerData } from 'node:worker_threads';
import { MAX_BYTES } from './mutate.ts';
import { createRandom } from './random.ts';
import { TARGETS, type Target } from './targets.ts';
import { isWork, type Report } from './work.ts';

/** The promise: no input costs more than this, for each KiB that it has or has begun. */
const MS_PER_KIB = 50;
/** A seldom pause of the collector is no finding: the same input has to be slow each time. */
const TRIES = 3;

const work: unknown = workerData;
if (!isWork(work)) throw new TypeError('worker.ts is started by fuzz.ts');
const view = new Uint8Array(work.input);
const state = new Int32Array(work.state);

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

/** The input is left where the watcher finds it, should this thread never come back. */
const leave = (input: Uint8Array): void => {
  view.set(input.subarray(0, MAX_BYTES));
  Atomics.store(state, 1, input.length);
  Atomics.add(state, 0, 1);
};

const fuzz = (target: Target): Report => {
  const random = createRandom(work.seed);
  const until = performance.now() + work.ms;
  const inputs = [...target.seeds];
  let slowest = 0;
  let runs = 0;
  while (runs < work.runs && performance.now() < until) {
    const input =
      runs < target.seeds.length
        ? (inputs[runs] ?? new Uint8Array())
        : target.mutate(random.pick(target.seeds), random, inputs);
    runs += 1;
    leave(input);
    try {
      const cost = costPerKib(target, input);
      slowest = Math.max(slowest, cost);
      if (cost > MS_PER_KIB) {
        return { name: target.name, runs, slowest, problem: `${Math.round(cost)} ms per KiB` };
      }
    } catch (error) {
      const problem = error instanceof Error ? (error.stack ?? error.message) : String(error);
      return { name: target.name, runs, slowest, problem };
    }
  }
  return { name: target.name, runs, slowest };
};

const target = TARGETS.find(({ name }) => name === work.target);
if (target === undefined) throw new RangeError(`no target ${work.target}`);
parentPort?.postMessage(fuzz(target));
