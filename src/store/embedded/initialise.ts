import { randomBytes } from 'node:crypto';
import { chmod, chown, mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { StartRefusal } from '../start-refusal.ts';
import type { Binaries } from './binaries.ts';
import { takeName } from './place.ts';
import { isNamedAlive, nameProcess } from './process.ts';
import { type Account, runProgram } from './run.ts';

/** The superuser of an embedded cluster, and the only one. */
export const DATABASE_USER = 'causeway';

export const pgdataOf = (cluster: string): string => join(cluster, 'pgdata');
const passwordOf = (cluster: string): string => join(cluster, 'password');

/** The words that stand before the process that makes a cluster, in the name of its unfinished folder. */
const UNFINISHED = '.unfinished-';

/**
 * Makes the cluster where there is none. It is made under another name, which says by whom, and gets its
 * own when it is whole: an end half-way leaves a folder that the next start removes.
 */
export const initialiseCluster = async (
  cluster: string,
  binaries: Binaries,
  account: Account | undefined,
): Promise<void> => {
  await removeUnfinished(cluster);
  if ((await stat(cluster).catch(() => undefined)) !== undefined) return checkVersion(cluster, binaries);
  const draft = `${cluster}${UNFINISHED}${await nameProcess(process.pid)}-${randomBytes(4).toString('hex')}`;
  try {
    await mkdir(pgdataOf(draft), { recursive: true, mode: 0o700 });
    await chmod(draft, 0o711);
    await writeFile(passwordOf(draft), randomBytes(24).toString('hex'), { mode: 0o600 });
    // initdb reads the password as the account.
    if (account !== undefined) {
      for (const path of [pgdataOf(draft), passwordOf(draft)]) await chown(path, account.uid, account.gid);
    }
    await runInitdb(draft, binaries, account);
    await takeName(draft, cluster);
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
};

const runInitdb = async (draft: string, binaries: Binaries, account: Account | undefined): Promise<void> => {
  const { code, output } = await runProgram(
    join(binaries.folder, 'bin/initdb'),
    [
      '-D',
      pgdataOf(draft),
      `--username=${DATABASE_USER}`,
      `--pwfile=${passwordOf(draft)}`,
      '--auth=scram-sha-256',
      '--encoding=UTF8',
      '--locale=C',
      '--no-instructions',
    ],
    account,
  );
  if (code !== 0) throw new Error(`the database could not be made: ${output.trim()}`);
};

const removeUnfinished = async (cluster: string): Promise<void> => {
  const prefix = `${basename(cluster)}${UNFINISHED}`;
  for (const name of await readdir(dirname(cluster))) {
    if (!name.startsWith(prefix) || (await isNamedAlive(name.slice(prefix.length)))) continue;
    await rm(join(dirname(cluster), name), { recursive: true, force: true });
  }
};

const checkVersion = async (cluster: string, binaries: Binaries): Promise<void> => {
  const made = await readFile(join(pgdataOf(cluster), 'PG_VERSION'), 'utf8').then(
    (text) => text.trim(),
    () => undefined,
  );
  if (made === undefined) {
    throw new StartRefusal(
      `${cluster} should hold the database and does not, or this user may not read it. ` +
        'Start as the user who made it, or restore it from a backup.',
    );
  }
  const major = binaries.version.split('.', 1)[0] ?? '';
  if (made !== major) {
    throw new StartRefusal(
      `${cluster} was made by PostgreSQL ${made}, and this is PostgreSQL ${major}. ` +
        `Move the data with pg_dump of version ${made}, or go back to the release that made it.`,
    );
  }
};

/** As whom a cluster is run: whoever owns it. Undefined where that is this process itself. */
export const findOwner = async (cluster: string): Promise<Account | undefined> => {
  const { uid, gid } = await stat(pgdataOf(cluster));
  const self = process.getuid?.();
  if (self === undefined || self === uid) return undefined;
  if (self === 0) return { uid, gid };
  throw new StartRefusal(
    `${cluster} belongs to the user with id ${uid}, and this process runs as ${self}. Start it as that user or as root.`,
  );
};

/** Where to connect; undefined when this user may not read the password. */
export const readUrl = async (cluster: string, port: number): Promise<string | undefined> => {
  const password = await readFile(passwordOf(cluster), 'utf8').catch(() => undefined);
  if (password === undefined) return undefined;
  return `postgres://${DATABASE_USER}:${password.trim()}@127.0.0.1:${port}/postgres`;
};
