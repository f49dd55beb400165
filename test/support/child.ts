import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';

/** A program of ours that runs beside this process, in a process group of its own. */
export type Child = {
  readonly pid: number;
  readonly logFile: string;
  /** Resolves with a sentence when the program has ended, wanted or not. */
  readonly ended: Promise<string>;
  /** The last `lines` lines that the program wrote. */
  tail(lines: number): string;
  /** Ends the whole group: SIGTERM, then SIGKILL after `graceMs` milliseconds. Resolves once it has ended. */
  stop(graceMs?: number): Promise<void>;
};

export type ChildOptions = {
  readonly args: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
  readonly cwd?: string;
  /** Both streams go here; an older log is overwritten. */
  readonly logFile: string;
};

/**
 * Starts a program. Its group is killed when this process exits in whatever orderly way; a group, because some
 * programs fork. Rejects where the program cannot be started at all.
 */
export async function startChild(command: string, options: ChildOptions): Promise<Child> {
  mkdirSync(dirname(options.logFile), { recursive: true });
  const log = openSync(options.logFile, 'w');
  const child = spawn(command, options.args, {
    cwd: options.cwd,
    env: options.env ?? process.env,
    stdio: ['ignore', log, log],
    detached: true,
  });
  closeSync(log);
  const killAtExit = () => signalGroup(child.pid, 'SIGKILL');
  const ended = new Promise<string>((resolve) => {
    child.once('exit', (code, signal) => {
      process.off('exit', killAtExit);
      resolve(`${command} ended with ${signal ?? `code ${code}`}`);
    });
  });
  await new Promise<void>((resolve, reject) => {
    child.once('spawn', resolve);
    child.once('error', (error) => reject(new Error(`${command} cannot be started`, { cause: error })));
  });
  process.on('exit', killAtExit);
  return {
    pid: child.pid ?? 0,
    logFile: options.logFile,
    ended,
    tail: (lines) => readFileSync(options.logFile, 'utf8').trimEnd().split('\n').slice(-lines).join('\n'),
    async stop(graceMs = 5_000) {
      signalGroup(child.pid, 'SIGTERM');
      const timer = setTimeout(() => signalGroup(child.pid, 'SIGKILL'), graceMs);
      await ended;
      clearTimeout(timer);
      // What the program itself forked and left behind.
      signalGroup(child.pid, 'SIGKILL');
    },
  };
}

/** Sends a signal to a process group; one that is gone already is no error. */
export function signalGroup(pid: number | undefined, signal: NodeJS.Signals): void {
  // 0 and 1 would mean this process's own group and everything there is.
  if (pid === undefined || pid < 2) return;
  try {
    process.kill(-pid, signal);
  } catch (error) {
    const isGone = error instanceof Error && 'code' in error && error.code === 'ESRCH';
    if (!isGone) throw error;
  }
}
