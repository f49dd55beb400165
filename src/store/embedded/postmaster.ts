import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { isAlive, isServerOf, readCommand } from './process.ts';

/** A running server of one data directory. */
export type Postmaster = {
  readonly pid: number;
  readonly port: number;
  /** It takes connections. */
  readonly ready: boolean;
  /** The process that started it, as `nameProcess` says it; undefined when it was started by hand. */
  readonly owner: string | undefined;
};

type PidFile = { readonly pid: number; readonly port: number; readonly ready: boolean };

/** The lines of postmaster.pid: pid, data directory, start, port, sockets, address, memory, status. */
export const parsePidFile = (text: string): PidFile | undefined => {
  const lines = text.split('\n', 9);
  const pid = Number(lines[0]);
  if (!Number.isSafeInteger(pid) || pid <= 1) return undefined;
  return { pid, port: Number(lines[3] ?? 0), ready: lines[7]?.trim() === 'ready' };
};

export const readPidFile = async (pgdata: string): Promise<PidFile | undefined> => {
  const text = await readFile(join(pgdata, 'postmaster.pid'), 'utf8').catch(() => undefined);
  return text === undefined ? undefined : parsePidFile(text);
};

const OWNER = 'cluster_name=causeway-';

/** The argument that tells a later start whose server this is. */
export const ownerSetting = (owner: string): string => `${OWNER}${owner}`;

/** The server that runs on this data directory. A pid file without its process is no server. */
export const findPostmaster = async (pgdata: string): Promise<Postmaster | undefined> => {
  const file = await readPidFile(pgdata);
  if (file === undefined) return undefined;
  const command = await readCommand(file.pid);
  if (command === undefined || !isServerOf(command, pgdata)) return undefined;
  const owner = command.find((word) => word.startsWith(OWNER))?.slice(OWNER.length);
  return { ...file, owner };
};

/**
 * Removes a pid file whose pid is now another program's: PostgreSQL, which cannot tell, would refuse to
 * start. Where no process has the pid it finds out by itself.
 */
export const removeStalePidFile = async (pgdata: string): Promise<void> => {
  const file = await readPidFile(pgdata);
  if (file === undefined || !isAlive(file.pid) || (await findPostmaster(pgdata)) !== undefined) return;
  const again = await readPidFile(pgdata);
  if (again?.pid === file.pid) await rm(join(pgdata, 'postmaster.pid'), { force: true });
};

const LOOK_EVERY_MS = 25;
/** How long each way to end a server may take: fast shutdown, then an immediate one. */
const SIGNALS = [
  ['SIGINT', 20_000],
  ['SIGQUIT', 10_000],
] as const;

/** Ends a server that is not a child of ours, and waits until it is gone. */
export const stopPostmaster = async (pgdata: string, pid: number): Promise<void> => {
  for (const [signal, patience] of SIGNALS) {
    const deadline = performance.now() + patience;
    // Looked at each time, so that a pid that was given to another program is never signalled.
    if ((await findPostmaster(pgdata))?.pid !== pid) return;
    signalIfThere(pid, signal);
    while (performance.now() < deadline) {
      const command = await readCommand(pid);
      if (command === undefined || !isServerOf(command, pgdata)) return;
      await pause(LOOK_EVERY_MS);
    }
  }
  throw new Error(`the database server with process id ${pid} does not stop`);
};

const signalIfThere = (pid: number, signal: NodeJS.Signals): void => {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if (isAlive(pid)) throw error;
  }
};
