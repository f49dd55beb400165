import { writeSync } from 'node:fs';
import { Session } from 'node:inspector';
import { workerData } from 'node:worker_threads';
import { lookAtBeat, type Stall } from './stall.ts';
import type { WatchdogOrder } from './watchdog.ts';

/** For the main thread to end by itself, where it runs JavaScript at all. */
const LAST_WORDS_MS = 1_000;

/** Standard error, whatever state the logger of the main thread is in; a closed one is no obstacle. */
const report = (stillMs: number): void => {
  const time = new Date().toISOString();
  const line = { level: 'error', time, event: 'event-loop-stalled', milliseconds: Math.round(stillMs) };
  try {
    writeSync(2, `${JSON.stringify(line)}\n`);
  } catch {
    // Nobody reads it.
  }
};

/**
 * A thread cannot end its process with a code of its choice, but it can make the main thread do so: the inspector
 * interrupts running JavaScript. A main thread that stands in a system call hears nothing: SIGKILL.
 */
const endProcess = (beats: Int32Array, exitCode: number): void => {
  try {
    const session = new Session();
    session.connectToMainThread();
    session.post('Runtime.evaluate', { expression: `process.reallyExit(${exitCode})` });
    Atomics.wait(beats, 1, 0, LAST_WORDS_MS);
  } finally {
    process.kill(process.pid, 'SIGKILL');
  }
};

/** Blocks this thread, which has no event loop to serve, until the other one stands still or all is over. */
const watch = ({ beats: shared, limitMs, lookMs, exitCode }: WatchdogOrder): void => {
  const beats = new Int32Array(shared);
  let stall: Stall = { stillMs: 0, beat: Atomics.load(beats, 0), lookedAt: performance.now() };
  while (stall.stillMs < limitMs) {
    // The second number changes when the watch is over.
    if (Atomics.wait(beats, 1, 0, lookMs) !== 'timed-out') return;
    stall = lookAtBeat(stall, Atomics.load(beats, 0), performance.now(), lookMs);
  }
  report(stall.stillMs);
  endProcess(beats, exitCode);
};

// NOTE: the entry of a thread: this is the one file that works when it is loaded. Our own code sends the order.
watch(workerData as WatchdogOrder);
