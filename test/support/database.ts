import { randomBytes } from 'node:crypto';
import { inject } from 'vitest';
import { type Database, openDatabase } from '../../src/store/database.ts';
import { TEMPLATE, urlOfDatabase } from './postgres-cluster.ts';

export type TestDatabase = {
  readonly url: string;
  readonly db: Database;
  /** Closes `db` and deletes the database, whoever is connected to it. */
  readonly drop: () => Promise<void>;
};

/** A migrated, empty database of its own, for one test file. */
export const createTestDatabase = async (
  options: { readonly template?: string; readonly max?: number } = {},
): Promise<TestDatabase> => {
  const maintenanceUrl = inject('postgresUrl');
  const name = `test_${randomBytes(6).toString('hex')}`;
  await runOnce(maintenanceUrl, `create database ${name} template ${options.template ?? TEMPLATE}`);
  const url = urlOfDatabase(maintenanceUrl, name);
  const db = openDatabase({
    url,
    ...(options.max !== undefined && { max: options.max }),
    applicationName: 'test',
    onError: () => undefined,
  });
  return {
    url,
    db,
    drop: async () => {
      await db.close();
      await runOnce(maintenanceUrl, `drop database ${name} with (force)`);
    },
  };
};

const runOnce = async (url: string, statement: string): Promise<void> => {
  const db = openDatabase({ url, max: 1, applicationName: 'test', onError: () => undefined });
  try {
    await db.query(statement);
  } finally {
    await db.close();
  }
};

/** Resolves once so many transactions of this database wait for what another one holds. */
export const somebodyWaits = async (db: Database, count = 1): Promise<void> => {
  const waits = `select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`;
  while ((await db.query(waits)).rowCount !== count);
};
