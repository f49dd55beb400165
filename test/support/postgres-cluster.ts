import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { openDatabase } from '../../src/store/database.ts';
import type { Binaries } from '../../src/store/embedded/binaries.ts';
import { type Embedded, removeEmbedded, startEmbedded } from '../../src/store/embedded.ts';
import { migrate } from '../../src/store/migrate.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** URL of the maintenance database of the cluster of this test run. */
    postgresUrl: string;
  }
}

/** The migrated database of which every test file gets a copy. */
export const TEMPLATE = 'causeway_template';

/** Nothing here outlives the run, so nothing needs to reach the disk. */
const NOT_DURABLE = {
  fsync: 'off',
  synchronous_commit: 'off',
  full_page_writes: 'off',
  max_connections: '200',
};

/** A cluster of its own in a temporary folder; `remove` ends it and leaves nothing. */
export const startTestCluster = async (
  binaries?: Binaries,
): Promise<{ url: string; remove: () => Promise<void> }> => {
  const folder = join(tmpdir(), `causeway-test-${process.pid}-${performance.now().toString(36).slice(-6)}`);
  const server: Embedded = await startEmbedded({
    dataDir: folder,
    log: () => undefined,
    settings: NOT_DURABLE,
    ...(binaries !== undefined && { binaries }),
  });
  return {
    url: server.url,
    remove: async () => {
      await server.stop();
      await removeEmbedded({ dataDir: folder });
      await rm(folder, { recursive: true, force: true });
    },
  };
};

/** The same server, another database. */
export const urlOfDatabase = (url: string, name: string): string => {
  const other = new URL(url);
  other.pathname = `/${name}`;
  return other.href;
};

/** Runs once before all integration tests (vitest's globalSetup), and its result after them. */
export const setup = async (project: TestProject): Promise<() => Promise<void>> => {
  const cluster = await startTestCluster();
  const db = openDatabase({ url: cluster.url, onError: () => undefined });
  await db.query(`create database ${TEMPLATE}`);
  await db.close();
  await migrate(urlOfDatabase(cluster.url, TEMPLATE));
  project.provide('postgresUrl', cluster.url);
  return cluster.remove;
};
