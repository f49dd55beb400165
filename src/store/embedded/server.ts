import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { open, readFile, stat, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Binaries } from './binaries.ts';
import { pgdataOf } from './initialise.ts';
import { ownerSetting, readPidFile } from './postmaster.ts';
import { type Account, bareEnvironment } from './run.ts';

export type ServerOptions = {
  readonly cluster: string;
  readonly binaries: Binaries;
  readonly account: Account | undefined;
  /** Name of the process that answers for the server, see `nameProcess`. */
  readonly owner: string;
  /** Further settings of postgresql.conf. */
  readonly settings: Readonly<Record<string, string>>;
};

export type Launch =
  | { readonly kind: 'ready'; readonly child: ChildProcess; readonly pid: number }
  | { readonly kind: 'ended'; readonly portTaken: boolean; readonly lastWords: string };

const LOOK_EVERY_MS = 20;
const LOG_BYTES = 5_000_000;

export const logOf = (cluster: string): string => join(cluster, 'postgres.log');

/**
 * Starts the server on a port of 127.0.0.1 and waits until it takes connections or has ended. Recovery
 * after a crash may take long and is waited for.
 */
export const launchServer = async (options: ServerOptions, port: number): Promise<Launch> => {
  const pgdata = pgdataOf(options.cluster);
  const path = logOf(options.cluster);
  const before = await shortenLog(path);
  // A file and no pipe: the server outlives a crash of this process, and must be able to write.
  const log = await open(path, 'a', 0o600);
  const child = spawn(join(options.binaries.folder, 'bin/postgres'), serverArguments(options, pgdata, port), {
    ...options.account,
    cwd: '/',
    env: bareEnvironment(),
    stdio: ['ignore', log.fd, log.fd],
    // Ctrl-C goes to all processes of the terminal's group: the server is to stop last.
    detached: true,
  });
  const ended = new Promise<true>((resolve) => {
    child.once('error', () => resolve(true));
    child.once('exit', () => resolve(true));
  });
  await Promise.race([once(child, 'spawn'), ended]);
  await log.close();
  for (;;) {
    if (child.pid !== undefined && child.exitCode === null && child.signalCode === null) {
      const file = await readPidFile(pgdata);
      if (file?.pid === child.pid && file.ready) return { kind: 'ready', child, pid: child.pid };
    }
    if ((await Promise.race([ended, pause(LOOK_EVERY_MS)])) === true) {
      const lastWords = (await readFile(path, 'utf8')).slice(before).trim();
      return {
        kind: 'ended',
        lastWords,
        portTaken: /could not bind|could not create any TCP/u.test(lastWords),
      };
    }
  }
};

const serverArguments = (options: ServerOptions, pgdata: string, port: number): readonly string[] => {
  const settings = {
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    max_connections: '60',
    // The log is for the admin and holds nothing of what people wrote: no statements, no row contents.
    log_error_verbosity: 'terse',
    log_min_error_statement: 'panic',
    ...options.settings,
  };
  const pairs = [
    ownerSetting(options.owner),
    ...Object.entries(settings).map(([key, value]) => `${key}=${value}`),
  ];
  return ['-D', pgdata, '-p', String(port), ...pairs.flatMap((pair) => ['-c', pair])];
};

/** Keeps the log from growing for ever; returns its length. */
const shortenLog = async (path: string): Promise<number> => {
  const size = (await stat(path).catch(() => undefined))?.size ?? 0;
  if (size <= LOG_BYTES) return size;
  await truncate(path);
  return 0;
};

/** Ways to end the server, and how long each may take: fast shutdown, an immediate one, none at all. */
const SIGNALS = [
  ['SIGINT', 20_000],
  ['SIGQUIT', 10_000],
  ['SIGKILL', 10_000],
] as const;

/** Ends a server that this process started, and waits until it has. */
export const stopServer = async (child: ChildProcess): Promise<void> => {
  for (const [signal, patience] of SIGNALS) {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'exit', { signal: AbortSignal.timeout(patience) });
    child.kill(signal);
    await gone.catch(() => undefined);
  }
};
