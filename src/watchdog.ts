import { once } from 'node:events';
import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';

/** What the thread gets: shared memory whose first number the event loop counts up, and its limits. */
export type WatchdogOrder = {
  readonly beats: SharedArrayBuffer;
  /** Milliseconds without a beat after which the process ends. */
  readonly limitMs: number;
  /** Milliseconds between two looks. */
  readonly lookMs: number;
  /** How the process ends. */
  readonly exitCode: number;
};

export type WatchdogOptions = Pick<WatchdogOrder, 'limitMs' | 'exitCode'>;

/** Beats and looks in the time of one limit. */
const LOOKS = 20;

/**
 * Starts a thread that ends this process when its event loop stands still for `limitMs`: an endless loop, a call
 * that never comes back. XEP-0114 knows no acknowledgements, so what the XMPP server writes to a process that
 * hangs is lost; the sooner it ends, the sooner the server tells the senders (and a supervisor starts it again).
 * Resolves when the thread watches; returns what ends the watch. The thread does not keep the process alive.
 */
export const startWatchdog = async ({ limitMs, exitCode }: WatchdogOptions): Promise<() => Promise<void>> => {
  const lookMs = limitMs / LOOKS;
  const order: WatchdogOrder = { beats: new SharedArrayBuffer(8), limitMs, lookMs, exitCode };
  const beats = new Int32Array(order.beats);
  // Run from source it is a .ts file, built a .js one.
  const file = new URL(`./watchdog-thread${extname(import.meta.filename)}`, import.meta.url);
  // Of the environment nothing but where compiled code is kept: a thread that has to strip types first holds 16 MiB.
  const { NODE_COMPILE_CACHE } = process.env;
  const env = NODE_COMPILE_CACHE === undefined ? {} : { NODE_COMPILE_CACHE };
  const thread = new Worker(file, { workerData: order, env, name: 'watchdog' });
  await once(thread, 'online');
  thread.unref();
  const timer = setInterval(() => Atomics.add(beats, 0, 1), lookMs).unref();
  // Without the thread there is no watch; that is no reason to stop working.
  thread.on('error', () => clearInterval(timer));
  return async () => {
    clearInterval(timer);
    Atomics.store(beats, 1, 1);
    Atomics.notify(beats, 1);
    await thread.terminate();
  };
};
