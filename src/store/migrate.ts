import { join } from 'node:path';
import { runner } from 'node-pg-migrate';
import { Client } from 'pg';
import { explainConnectProblem, lacksRight } from './connect-problem.ts';

/** The SQL files, beside `src` and beside `dist`. */
const MIGRATIONS = join(import.meta.dirname, '../../migrations');
/** Every file but the numbered ones: the dump of the schema lies in the same folder. */
const NOT_NUMBERED = '(?!\\d{4}_.*\\.sql$).*';
/** Ours alone, so that another program's migrations on the same server do not wait for us. */
const LOCK = 2_718_281_828;
const CONNECT_MS = 5_000;

/**
 * Brings the database to the newest schema and returns the names of the migrations that ran. All of them
 * are one transaction, under an advisory lock: of several processes that start together one migrates, the
 * others wait and find nothing to do. Throws where a migration fails; the database is then as before. Throws a
 * sentence for the admin where the database cannot be reached, or the user may not create tables.
 */
export const migrate = async (url: string, folder = MIGRATIONS): Promise<readonly string[]> => {
  // No statement timeout here: a migration may take its time, and so may the wait for the lock.
  const client = new Client({
    connectionString: url,
    application_name: 'causeway migrate',
    connectionTimeoutMillis: CONNECT_MS,
  });
  // The query in flight rejects as well; unheard, the event would end the process.
  client.on('error', () => undefined);
  try {
    await client.connect().catch((error: unknown) => {
      throw explainConnectProblem(error);
    });
    const done = await runner({
      dbClient: client,
      dir: folder,
      ignorePattern: NOT_NUMBERED,
      direction: 'up',
      migrationsTable: 'migrations',
      singleTransaction: true,
      lockValue: LOCK,
      advisoryLockMode: 'wait',
      log: () => undefined,
    });
    return done.map(({ name }) => name);
  } catch (error) {
    throw lacksRight(error) ? explainConnectProblem(error) : error;
  } finally {
    await client.end();
  }
};
