import { Worker } from 'node:worker_threads';
import { MAX_BYTES } from './mutate.ts';
import type { Report, Work } from './work.ts';

/** One input that is worked on for so long hangs. */
const HANG_MS = 10_000;
/** All that a reader of at most 64 KiB may ever need, and the programs themselves. */
const MAX_HEAP_MB = 192;

export type Finding = Report & {
  /** What was being read when the problem showed. */
  readonly input?: Uint8Array;
};

/**
 * Feeds one target with changed inputs on a thread of its own: an exception, an input that costs more than
 * 50 ms a KiB, one that never ends and one that fills the memory all come back as a `problem` with the input.
 */
export const fuzz = async (work: Omit<Work, 'input' | 'state'>): Promise<Finding> => {
  const input = new SharedArrayBuffer(MAX_BYTES);
  const state = new Int32Array(new SharedArrayBuffer(8));
  const underWork = (): Uint8Array => new Uint8Array(input).slice(0, Atomics.load(state, 1));
  const worker = new Worker(new URL('./worker.ts', import.meta.url), {
    workerData: { ...work, input, state: state.buffer },
    resourceLimits: { maxOldGenerationSizeMb: MAX_HEAP_MB },
  });
  const { promise, resolve } = Promise.withResolvers<Report>();
  const fail = (problem: string): void =>
    resolve({ name: work.target, runs: Atomics.load(state, 0), slowest: 0, problem });
  worker.on('message', (report: Report) => resolve(report));
  worker.on('error', (error: unknown) => fail(error instanceof Error ? error.message : String(error)));
  worker.on('exit', (code) => fail(`the thread ended with ${code}`));
  let last = 0;
  const watch = setInterval(() => {
    const begun = Atomics.load(state, 0);
    if (begun > 0 && begun === last) fail(`no end after ${HANG_MS / 1000} s`);
    last = begun;
  }, HANG_MS);
  try {
    const report = await promise;
    return report.problem === undefined ? report : { ...report, input: underWork() };
  } finally {
    clearInterval(watch);
    await worker.terminate();
  }
};
