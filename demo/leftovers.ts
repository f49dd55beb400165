import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { processStart } from '../test/support/hosts.ts';

/** All that a demo starts inherits this variable, and so does all that those start. */
const MARK = 'DEMO_OF_CAUSEWAY';
const GRACE_MS = 5_000;
const LOOK_MS = 50;

export type Marked = {
  readonly pid: number;
  /** The demo that started it. */
  readonly owner: { readonly pid: number; readonly start: string };
};

/** Marks what this process will start as belonging to the demo in `folder`. */
export function markChildren(env: NodeJS.ProcessEnv, folder: string): void {
  env[MARK] = `${process.pid} ${processStart(process.pid) ?? '0'} ${folder}`;
}

/** The running processes that demos in `folder` started, found by the mark in their environment. */
export function findMarked(folder: string, procFolder = '/proc'): Marked[] {
  const pids = readdirSync(procFolder).map(Number).filter(Number.isSafeInteger);
  return pids
    .map((pid) => readMark(`${procFolder}/${pid}/environ`, pid, folder))
    .filter((m) => m !== undefined);
}

function readMark(file: string, pid: number, folder: string): Marked | undefined {
  let environment: string;
  try {
    environment = readFileSync(file, 'utf8');
  } catch {
    // Gone meanwhile, or a part of the system that shows nobody its environment.
    return undefined;
  }
  const entry = environment.split('\0').find((line) => line.startsWith(`${MARK}=`));
  const [, owner, start, where] = /^[A-Z_]+=(\d+) (\d+) (.*)$/su.exec(entry ?? '') ?? [];
  if (owner === undefined || start === undefined || where !== folder) return undefined;
  return { pid, owner: { pid: Number(owner), start } };
}

/**
 * Ends what a killed demo in `folder` left running: SIGTERM, then SIGKILL after 5 seconds. Gives how many processes
 * that were. Throws with one sentence where another demo runs there at this moment.
 */
export async function endLeftovers(folder: string): Promise<number> {
  const asked = new Set<number>();
  const deadline = Date.now() + GRACE_MS;
  for (let found = findRunning(folder); found.length > 0; found = findRunning(folder)) {
    const other = found.find(({ owner }) => processStart(owner.pid) === owner.start);
    if (other !== undefined)
      throw new Error(`Another demo runs already, as process ${other.owner.pid}: stop it first.`);
    for (const { pid } of found) {
      // Once each, because a second signal means "at once" to some; each look may find what was just forked.
      if (Date.now() > deadline) signal(pid, 'SIGKILL');
      else if (!asked.has(pid)) signal(pid, 'SIGTERM');
      asked.add(pid);
    }
    await pause(LOOK_MS);
  }
  return asked.size;
}

/** Without this process, and without zombies, which keep their environment and cannot be ended further. */
function findRunning(folder: string): Marked[] {
  return findMarked(folder).filter(({ pid }) => pid !== process.pid && processStart(pid) !== undefined);
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    const isGone = error instanceof Error && 'code' in error && error.code === 'ESRCH';
    if (!isGone) throw error;
  }
}
