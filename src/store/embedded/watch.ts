import type { ChildProcess } from 'node:child_process';
import { setTimeout as pause } from 'node:timers/promises';
import { type Launch, stopServer } from './server.ts';

const FIRST_PAUSE_MS = 200;
const LONGEST_PAUSE_MS = 30_000;

/**
 * Watches over a server that runs: starts it again when it ends by itself (killed for memory, say), and
 * asks it to stop when this process exits without having done so. Returns what stops both.
 */
export const keepRunning = (options: {
  readonly child: ChildProcess;
  readonly relaunch: () => Promise<Launch>;
  readonly log: (line: string) => void;
}): (() => Promise<void>) => {
  let child = options.child;
  let relaunching: Promise<void> | undefined;
  const stopping = new AbortController();

  const watch = (): void => {
    // The server must not keep this process alive.
    child.unref();
    child.once('exit', (code, signal) => {
      if (stopping.signal.aborted) return;
      options.log(`the database ended by itself (${signal ?? `code ${code}`}): starting it again`);
      relaunching = relaunch();
    });
  };
  const relaunch = async (): Promise<void> => {
    for (let wait = FIRST_PAUSE_MS; ; wait = Math.min(wait * 2, LONGEST_PAUSE_MS)) {
      await pause(wait, undefined, { signal: stopping.signal, ref: false }).catch(() => undefined);
      if (stopping.signal.aborted) return;
      const launch = await options.relaunch().catch(endedBecause);
      if (launch.kind === 'ready') {
        child = launch.child;
        options.log('the database runs again');
        return watch();
      }
      options.log(`the database does not start: ${launch.lastWords}`);
    }
  };
  // No wait is possible here: the server stops while this process is already gone.
  const onExit = (): void => {
    child.kill('SIGINT');
  };

  process.once('exit', onExit);
  watch();
  return async () => {
    stopping.abort();
    await relaunching;
    child.ref();
    await stopServer(child);
    process.off('exit', onExit);
  };
};

const endedBecause = (error: unknown): Launch & { readonly kind: 'ended' } => ({
  kind: 'ended',
  portTaken: false,
  lastWords: error instanceof Error ? error.message : String(error),
});
