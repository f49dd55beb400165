import { createHash, randomBytes } from 'node:crypto';
import { chmod, link, mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, isAbsolute, join, resolve } from 'node:path';
import { StartRefusal } from '../start-refusal.ts';
import { type Account, runProgram } from './run.ts';

/** Where root keeps what the database's account cannot reach elsewhere. */
export const SYSTEM_FOLDER = '/var/lib/causeway';

/** In the data directory: the cluster itself, or a file that says where it is. */
const CLUSTER = 'postgres';
const POINTER = 'postgres.location';

/** Others may pass through, to what they may read, but not look around. */
const PASSABLE = 0o711;

/** The folder of the cluster that belongs to a data directory; undefined where there is none yet. */
export const findCluster = async (dataDir: string): Promise<string | undefined> => {
  const pointer = join(resolve(dataDir), POINTER);
  const elsewhere = await readFile(pointer, 'utf8').catch(() => undefined);
  if (elsewhere !== undefined) {
    const folder = elsewhere.trim();
    if (isAbsolute(folder)) return folder;
    throw new StartRefusal(
      `${pointer} should hold the absolute path of the database, and holds "${folder}".`,
    );
  }
  const inside = join(resolve(dataDir), CLUSTER);
  return (await stat(inside).catch(() => undefined))?.isDirectory() === true ? inside : undefined;
};

/**
 * Decides where the cluster of a data directory is to be: in it, or, where the account cannot get there,
 * under the system folder, with a pointer in the data directory. Makes the folders above it.
 */
export const placeCluster = async (options: {
  readonly dataDir: string;
  readonly account: Account | undefined;
  readonly systemFolder: string;
}): Promise<string> => {
  const { account, systemFolder } = options;
  const home = resolve(options.dataDir);
  await makePassable(home);
  const found = await findCluster(home);
  if (found !== undefined) return found;
  if (account === undefined || (await canEnter(home, account))) return join(home, CLUSTER);
  // With a random part: a data directory that was deleted and made again is not to find its old database,
  // whose keys it could not read.
  const hash = createHash('sha256').update(home).digest('hex').slice(0, 12);
  const folder = join(systemFolder, `${hash}-${randomBytes(4).toString('hex')}`);
  await makePassable(systemFolder);
  return writePointer(home, folder);
};

/** Ends what a data directory knows of a cluster elsewhere. */
export const forgetCluster = (dataDir: string): Promise<void> =>
  rm(join(resolve(dataDir), POINTER), { force: true });

/** Two starts at once must agree: the pointer is written once, whole, and then read by both. */
const writePointer = async (home: string, folder: string): Promise<string> => {
  const pointer = join(home, POINTER);
  const draft = `${pointer}.${basename(folder)}`;
  try {
    await writeFile(draft, `${folder}\n`, { mode: 0o644 });
    await link(draft, pointer);
    return folder;
  } catch (error) {
    const other = await findCluster(home);
    if (other === undefined) throw error;
    return other;
  } finally {
    await rm(draft, { force: true });
  }
};

/** Makes a folder, and those above it that are missing, passable whatever the umask. Leaves others alone. */
const makePassable = async (folder: string): Promise<void> => {
  const first = await mkdir(folder, { recursive: true, mode: PASSABLE });
  if (first === undefined) return;
  for (let made = folder; made.startsWith(first); made = dirname(made)) await chmod(made, PASSABLE);
};

/** Tried as the account itself: modes alone do not know of access lists and mounts. */
const canEnter = async (folder: string, account: Account): Promise<boolean> => {
  const { code } = await runProgram('/bin/sh', ['-c', 'cd -- "$1"', 'sh', folder], account);
  return code === 0;
};

/** A finished folder takes its name at once; false when another start was first. */
export const takeName = async (finished: string, name: string): Promise<boolean> => {
  try {
    await rename(finished, name);
    return true;
  } catch (error) {
    const there = await stat(name).catch(() => undefined);
    if (there === undefined) throw error;
    return false;
  }
};
