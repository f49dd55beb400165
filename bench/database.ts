import { readdir, readFile } from 'node:fs/promises';
import { type Database, openDatabase } from '../src/store/database.ts';
import { removeEmbedded, startEmbedded } from '../src/store/embedded.ts';
import { migrate } from '../src/store/migrate.ts';
import { urlOfDatabase } from '../test/support/postgres-cluster.ts';
import type { UndoStack } from '../test/support/undo.ts';

export type BenchDatabase = { readonly url: string; readonly db: Database };

export type Cluster = {
  /** A new database with all tables. */
  readonly create: (name: string) => Promise<BenchDatabase>;
  /** What the whole server has used of the processors so far, in milliseconds. Linux only. */
  readonly cpuMs: () => Promise<number>;
};

/** The embedded PostgreSQL as a gateway runs it: every commit reaches the disk before it is one. */
export const startCluster = async (folder: string, undo: UndoStack): Promise<Cluster> => {
  undo.add(() => removeEmbedded({ dataDir: folder }));
  const server = await startEmbedded({ dataDir: folder, log: () => undefined });
  undo.add(server.stop);
  const admin = openDatabase({ url: server.url, max: 1, onError: () => undefined });
  undo.add(admin.close);
  const { rows } = await admin.query<{ pid: number }>('select pg_backend_pid() as pid');
  const postmaster = (await readUsage(rows[0]?.pid ?? 0))?.parent ?? 0;
  return {
    create: async (name) => {
      await admin.query(`create database ${name}`);
      const url = urlOfDatabase(server.url, name);
      await migrate(url);
      const db = openDatabase({ url, applicationName: 'bench', onError: () => undefined });
      undo.add(db.close);
      return { url, db };
    },
    cpuMs: () => measureFamily(postmaster),
  };
};

type Usage = { readonly parent: number; readonly own: number; readonly ofEnded: number };

/** Linux gives processor times in hundredths of a second (USER_HZ), whatever the kernel's own clock is. */
const TICK_MS = 10;

/** The fields behind the name of /proc/PID/stat (proc_pid_stat(5)): 4 ppid, 14 to 17 the processor times. */
const readUsage = async (pid: number): Promise<Usage | undefined> => {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  // The name is in parentheses and may itself hold some.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const numberAt = (field: number): number => Number(fields[field - 3] ?? 0);
  return {
    parent: numberAt(4),
    own: (numberAt(14) + numberAt(15)) * TICK_MS,
    ofEnded: (numberAt(16) + numberAt(17)) * TICK_MS,
  };
};

/** A process, its living children and those that have ended. */
const measureFamily = async (parent: number): Promise<number> => {
  const pids = (await readdir('/proc')).map(Number).filter((pid) => pid > 1);
  const usages = await Promise.all(pids.map(readUsage));
  const self = await readUsage(parent);
  return usages
    .filter((usage) => usage?.parent === parent)
    .reduce((sum, usage) => sum + (usage?.own ?? 0), (self?.own ?? 0) + (self?.ofEnded ?? 0));
};
