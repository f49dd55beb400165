import { waitAtMost } from './abandon.ts';
import { INSTANCE } from './bridge/urls.ts';
import type { Config } from './config.ts';
import type { Log } from './log.ts';
import { type Database, openDatabase } from './store/database.ts';
import { type DatabaseHealth, watchDatabase } from './store/database-health.ts';
import { attachEmbedded, startEmbedded } from './store/embedded.ts';
import { createKeyPool, type KeyPool } from './store/key-pool.ts';
import { createKeyring, type Keyring } from './store/keyring.ts';
import { migrate } from './store/migrate.ts';
import { loadSecretKey } from './store/secret-key.ts';

/** For connections in use; one on which the database does not answer is not waited for. Milliseconds. */
const CLOSE_MS = 2_000;

export type OpenStore = {
  readonly db: Database;
  /** What keeps the database from working, in words for whoever watches. */
  readonly problem: DatabaseHealth['problem'];
  readonly url: string;
  readonly close: () => Promise<void>;
};

export type Store = OpenStore & { readonly keyring: Keyring; readonly keyPool: KeyPool };

const toUrl = async (config: Config, log: Log, share: boolean) => {
  const { databaseUrl } = config.secrets;
  if (databaseUrl !== undefined) return { url: databaseUrl, stop: async () => {} };
  const running = share ? await attachEmbedded({ dataDir: config.dataDir }) : undefined;
  if (running !== undefined) return { url: running.url, stop: async () => {} };
  return await startEmbedded({
    dataDir: config.dataDir,
    log: (line) => log.info('embedded-database', { message: line }),
  });
};

/**
 * The configured database, else the embedded one; its tables are brought up to date first. With `share` a
 * running embedded database is used as it is (commands beside a running gateway).
 */
export const openStore = async (
  config: Config,
  log: Log,
  { share }: { readonly share: boolean },
): Promise<OpenStore & { readonly migrated: readonly string[] }> => {
  const { url, stop } = await toUrl(config, log, share);
  try {
    const migrated = await migrate(url);
    if (migrated.length > 0) log.info('migrated', { migrations: migrated });
    const opened = openDatabase({ url, onError: (error) => log.warn('database-connection-lost', { error }) });
    const { db, problem } = watchDatabase({ db: opened, clock: () => performance.now() });
    return {
      db,
      problem,
      url,
      migrated,
      close: async () => {
        await waitAtMost(CLOSE_MS, db.close());
        await stop();
      },
    };
  } catch (error) {
    await stop();
    throw error;
  }
};

/** New key pairs that lie ready in a running gateway, so that a first message waits for none. */
const SPARE_KEYS = 2;

/** The store with its keys: what `run` needs, and with `share` a command that signs. */
export const openStoreWithKeys = async (
  config: Config,
  log: Log,
  { share }: { readonly share: boolean },
): Promise<Store> => {
  const store = await openStore(config, log, { share });
  try {
    const secretKey = await loadSecretKey({
      db: store.db,
      dataDir: config.dataDir,
      configured: config.secrets.secretKey,
    });
    const keyring = createKeyring({ db: store.db, secretKey });
    const keyPool = createKeyPool({ size: share ? 0 : SPARE_KEYS });
    if ((await keyring.publicPemOf(INSTANCE)) === undefined)
      await keyring.add(store.db, INSTANCE, await keyPool.take());
    return {
      ...store,
      keyring,
      keyPool,
      close: async () => {
        await keyPool.stop();
        await store.close();
      },
    };
  } catch (error) {
    await store.close();
    throw error;
  }
};
