import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openDatabase } from '../../src/store/database.ts';
import { pgdataOf } from '../../src/store/embedded/initialise.ts';
import { findCluster } from '../../src/store/embedded/place.ts';
import { findPostmaster } from '../../src/store/embedded/postmaster.ts';
import { removeEmbedded, startEmbedded } from '../../src/store/embedded.ts';
import { migrate } from '../../src/store/migrate.ts';
import type { TestDatabase } from './database.ts';
import type { UndoStack } from './undo.ts';

/** A PostgreSQL that a test may kill: durable, and its keeper starts it again on the same port. */
export type OwnCluster = Pick<TestDatabase, 'db' | 'url'> & {
  /** The data directory that PostgreSQL runs on. */
  readonly dataDir: string;
  /** SIGINT is a fast shutdown, SIGQUIT an immediate one, SIGKILL a crash. Resolves once the signal is sent. */
  signal(signal: NodeJS.Signals): Promise<void>;
};

/** Starts one, migrated unless told otherwise. */
export const startOwnCluster = async (
  undo: UndoStack,
  options: { readonly settings?: Readonly<Record<string, string>>; readonly empty?: boolean } = {},
): Promise<OwnCluster> => {
  const dataDir = join(tmpdir(), `causeway-own-${process.pid}-${performance.now().toFixed(0)}`);
  const server = await startEmbedded({ dataDir, log: () => undefined, settings: options.settings ?? {} });
  undo.add(async () => {
    await server.stop();
    await removeEmbedded({ dataDir });
  });
  if (options.empty !== true) await migrate(server.url);
  const db = openDatabase({ url: server.url, max: 4, applicationName: 'test', onError: () => undefined });
  undo.add(() => db.close());
  return {
    db,
    url: server.url,
    dataDir,
    signal: async (signal) => {
      const cluster = await findCluster(dataDir);
      const postmaster = cluster === undefined ? undefined : await findPostmaster(pgdataOf(cluster));
      if (postmaster === undefined) throw new Error('no postmaster runs');
      process.kill(postmaster.pid, signal);
    },
  };
};
