import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { runProgram } from './run.ts';

/** The words with which a process was started; undefined when there is no such process. */
export const readCommand = async (pid: number): Promise<readonly string[] | undefined> => {
  if (!isAlive(pid)) return undefined;
  const raw = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => undefined);
  if (raw !== undefined) return raw.split('\0').slice(0, -1);
  // No /proc (macOS). Words cannot be told apart there: good enough for paths without spaces.
  const { code, output } = await runProgram('ps', ['-o', 'command=', '-p', String(pid)]);
  return code === 0 ? output.trim().split(' ') : undefined;
};

/** Whether this is the server of exactly this data directory. A pid alone says nothing: it may be reused. */
export const isServerOf = (command: readonly string[], pgdata: string): boolean =>
  basename(command[0] ?? '') === 'postgres' && command[command.indexOf('-D') + 1] === pgdata;

/** Whether a process of this id runs, whoever owns it. */
export const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
};

/** A process, told apart from a later one of the same id by when it started (where /proc says so). */
export type ProcessName = `${number}-${string}`;

export const nameProcess = async (pid: number): Promise<ProcessName> =>
  `${pid}-${(await readStartTime(pid)) ?? '0'}`;

/** Whether the very process of this name still runs. */
export const isNamedAlive = async (name: string): Promise<boolean> => {
  const [id = '', started = ''] = name.split('-', 2);
  const pid = Number(id);
  if (!Number.isSafeInteger(pid) || pid <= 0 || !isAlive(pid)) return false;
  return started === '0' || started === (await readStartTime(pid));
};

/** Field 22 of proc(5) stat, in clock ticks since boot; the name in field 2 may hold anything. */
const readStartTime = async (pid: number): Promise<string | undefined> => {
  const raw = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined);
  return raw?.slice(raw.lastIndexOf(')') + 2).split(' ')[19];
};
