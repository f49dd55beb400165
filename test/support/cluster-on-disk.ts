import { execFile } from 'node:child_process';
import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type Database, openDatabase } from '../../src/store/database.ts';
import { removeEmbedded, startEmbedded } from '../../src/store/embedded.ts';
import { migrate } from '../../src/store/migrate.ts';
import type { UndoStack } from './undo.ts';

const run = promisify(execFile);

/** A PostgreSQL of a test's own, which it may hurt. Its keeper starts it again when it ends. */
export type DiskCluster = {
  readonly url: string;
  readonly db: Database;
  /** Everything of it lies below this folder. */
  readonly folder: string;
  /** To the postmaster: SIGINT is `restart -m fast`, SIGQUIT `-m immediate`, SIGKILL a crash. */
  readonly signal: (signal: NodeJS.Signals) => Promise<void>;
};

/**
 * Starts one. What is committed survives a crash of the server, though not of the machine. With `diskMegabytes`
 * it lies on a disk of its own of that size (tmpfs, which only root can mount).
 */
export const startDiskCluster = async (
  undo: UndoStack,
  { diskMegabytes }: { readonly diskMegabytes?: number } = {},
): Promise<DiskCluster> => {
  const folder = await mkdtemp(join(tmpdir(), 'causeway-cluster-'));
  undo.add(() => rm(folder, { recursive: true, force: true }));
  if (diskMegabytes !== undefined) {
    await run('mount', ['-t', 'tmpfs', '-o', `size=${diskMegabytes}m`, 'causeway-test', folder]);
    undo.add(async () => {
      await run('umount', ['--lazy', folder]);
    });
  }
  await chmod(folder, 0o755);
  const dataDir = join(folder, 'data');
  const server = await startEmbedded({
    dataDir,
    log: () => undefined,
    settings: { fsync: 'off', full_page_writes: 'off', max_wal_size: '32MB', min_wal_size: '32MB' },
  });
  undo.add(async () => {
    await server.stop();
    await removeEmbedded({ dataDir });
  });
  await migrate(server.url);
  const db = openDatabase({ url: server.url, max: 2, applicationName: 'test', onError: () => undefined });
  undo.add(() => db.close());
  const { rows } = await db.query<{ data_directory: string }>('show data_directory');
  const pidFile = join(rows[0]?.data_directory ?? '', 'postmaster.pid');
  return {
    url: server.url,
    db,
    folder,
    signal: async (signal) => {
      const [pid = ''] = (await readFile(pidFile, 'utf8')).split('\n', 1);
      process.kill(Number(pid), signal);
    },
  };
};
