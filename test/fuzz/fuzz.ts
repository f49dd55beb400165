import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdtempSync, openSync, readSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { HEAD_BYTES, isReport, parseHead, type Report, type Work } from './work.ts';

export type Limits = {
  /** One input that is worked on for so long hangs. */
  readonly hangMs: number;
  /** All that a reader of at most 1 MiB may ever need, and the programs themselves. */
  readonly heapMb: number;
  /** With what lies outside the heap, of which V8 has no limit. */
  readonly residentMb: number;
};

const LIMITS: Limits = { hangMs: 10_000, heapMb: 192, residentMb: 384 };
/** Of what a dying process says, the end. */
const LAST_WORDS = 8_000;

export type Finding = Report & {
  /** What was being read when the problem showed. */
  readonly input?: Uint8Array;
};

export type Fuzzer = {
  /** Feeds one target; one call after the other. */
  readonly fuzz: (work: Work) => Promise<Finding>;
  readonly end: () => Promise<void>;
};

/** A file without a name: nothing is left of it, however this process ends. */
const openNameless = (): number => {
  const folder = mkdtempSync(join(tmpdir(), 'fuzz-'));
  const descriptor = openSync(join(folder, 'input'), 'w+');
  rmSync(folder, { recursive: true });
  return descriptor;
};

const readAt = (descriptor: number, position: number, length: number): Uint8Array => {
  const bytes = new Uint8Array(length);
  return bytes.subarray(0, readSync(descriptor, bytes, 0, length, position));
};

/** The file is its fifth descriptor, `INPUT_FD`. */
const startWorker = (targets: URL, limits: Limits, inputFd: number): ChildProcess =>
  fork(fileURLToPath(new URL('./worker.ts', import.meta.url)), [targets.href, `${limits.residentMb}`], {
    execArgv: [`--max-old-space-size=${limits.heapMb}`],
    stdio: ['ignore', 'ignore', 'pipe', 'ipc', inputFd],
  });

const isOver = ({ exitCode, signalCode }: ChildProcess): boolean => exitCode !== null || signalCode !== null;

const kill = async (worker: ChildProcess): Promise<void> => {
  if (isOver(worker)) return;
  const gone = once(worker, 'exit');
  worker.kill('SIGKILL');
  await gone;
};

/** What the worker says of the work, or how it ends with it. A worker that hangs is still there afterwards. */
const watch = async (
  worker: ChildProcess,
  { work, hangMs, begun }: { readonly work: Work; readonly hangMs: number; readonly begun: () => number },
): Promise<Report> => {
  const { promise, resolve } = Promise.withResolvers<Report>();
  const fail = (problem: string): void => resolve({ name: work.target, runs: begun(), slowest: 0, problem });
  let words = '';
  const hear = (chunk: Buffer): void => {
    words = (words + chunk.toString()).slice(-LAST_WORDS);
  };
  const take = (report: unknown): void => {
    if (isReport(report)) resolve(report);
  };
  const bury = (code: number | null, signal: string | null): void =>
    fail(`the process ended with ${code ?? signal}\n${words}`);
  worker.stderr?.on('data', hear);
  worker.on('message', take);
  worker.once('close', bury);
  let last = 0;
  const clock = setInterval(() => {
    const now = begun();
    if (now > 0 && now === last) fail(`no end after ${hangMs / 1000} s`);
    last = now;
  }, hangMs);
  try {
    worker.send(work);
    return await promise;
  } finally {
    clearInterval(clock);
    worker.stderr?.off('data', hear);
    worker.off('message', take);
    worker.off('close', bury);
  }
};

/**
 * Feeds the targets of one module with changed inputs, in a process of its own, so that what brings Node down does
 * not bring this one down: an exception, a crash, an input that costs more than 50 ms a KiB, one that never ends
 * and one that fills the memory all come back as a `problem` with the input. After a problem the next work gets a
 * new process.
 */
export const createFuzzer = (targets: URL, limits: Limits = LIMITS): Fuzzer => {
  const inputFd = openNameless();
  const begun = (): number => parseHead(readAt(inputFd, 0, HEAD_BYTES)).runs;
  const underWork = (): Uint8Array =>
    readAt(inputFd, HEAD_BYTES, parseHead(readAt(inputFd, 0, HEAD_BYTES)).length);
  let worker: ChildProcess | undefined;
  const stop = async (): Promise<void> => {
    if (worker !== undefined) await kill(worker);
    worker = undefined;
  };
  return {
    fuzz: async (work) => {
      writeSync(inputFd, new Uint8Array(HEAD_BYTES), 0, HEAD_BYTES, 0);
      worker ??= startWorker(targets, limits, inputFd);
      const report = await watch(worker, { work, hangMs: limits.hangMs, begun });
      if (report.problem === undefined) return report;
      await stop();
      return { ...report, input: underWork() };
    },
    end: async () => {
      await stop();
      closeSync(inputFd);
    },
  };
};
