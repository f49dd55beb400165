import { Pool, type PoolClient, types } from 'pg';

/** Something that runs SQL: the pool, or the one connection of a transaction. */
export type Db = {
  /**
   * Runs one statement; values go as parameters only. `T` describes the columns that the statement
   * selects and is the promise of the function that wrote it. int8 comes as a number, timestamptz as Date.
   */
  readonly query: <T>(text: string, values?: readonly unknown[]) => Promise<QueryResult<T>>;
};

export type QueryResult<T> = { readonly rows: T[]; readonly rowCount: number };

export type Database = Db & {
  /** Commits what `work` did, or nothing of it when `work` throws. Read committed; do not nest. */
  readonly transaction: <T>(work: (tx: Db) => Promise<T>) => Promise<T>;
  /** Waits for the connections in use, then closes all. Later calls do nothing. */
  readonly close: () => Promise<void>;
  /** Connections now: open, of these idle, and callers that wait for one. */
  readonly stats: () => { readonly total: number; readonly idle: number; readonly waiting: number };
};

export type DatabaseOptions = {
  readonly url: string;
  /** Connections at most. */
  readonly max?: number;
  /** As shown in pg_stat_activity. */
  readonly applicationName?: string;
  /** Hears of every connection that broke; the pool replaces it by itself. */
  readonly onError: (error: Error) => void;
};

const CONNECT_MS = 5_000;
const STATEMENT_MS = 30_000;
/** The server should have cancelled by then: no answer means that the connection is dead. */
const NO_ANSWER_MS = STATEMENT_MS + 5_000;
const IDLE_IN_TRANSACTION_MS = 60_000;

const INT8 = 20;
const numbersForInt8 = {
  getTypeParser: (oid: number, format?: 'text' | 'binary') =>
    oid === INT8 ? Number : types.getTypeParser(oid, format),
};

/** Opens a pool. Connects at the first query, so it never fails itself. */
export const openDatabase = (options: DatabaseOptions): Database => {
  const pool = new Pool({
    connectionString: options.url,
    max: options.max ?? 10,
    application_name: options.applicationName ?? 'causeway',
    connectionTimeoutMillis: CONNECT_MS,
    statement_timeout: STATEMENT_MS,
    query_timeout: NO_ANSWER_MS,
    idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_MS,
    keepAlive: true,
    types: numbersForInt8,
  });
  // A connection that breaks emits 'error'; unheard, that ends the process. The pool listens only while
  // the client is idle, so each client gets a listener for life, and the pool's own repeat is dropped.
  let closing: Promise<void> | undefined;
  const report = (error: Error): void => {
    // While all are being closed it does not matter how each of them ends.
    if (closing === undefined) options.onError(error);
  };
  pool.on('connect', (client) => client.on('error', report));
  pool.on('error', () => undefined);

  return {
    query: async (text, values) => rowsOf(await pool.query(text, [...(values ?? [])])),
    transaction: (work) => runTransaction(pool, work),
    close: () => {
      closing ??= pool.end();
      return closing;
    },
    stats: () => ({ total: pool.totalCount, idle: pool.idleCount, waiting: pool.waitingCount }),
  };
};

const rowsOf = <T>(result: { rows: unknown[]; rowCount: number | null }): QueryResult<T> => ({
  // The one place where rows get the type that their statement promises.
  rows: result.rows as T[],
  rowCount: result.rowCount ?? 0,
});

const runTransaction = async <T>(pool: Pool, work: (tx: Db) => Promise<T>): Promise<T> => {
  const client = await pool.connect();
  const tx: Db = { query: async (text, values) => rowsOf(await client.query(text, [...(values ?? [])])) };
  try {
    await client.query('begin');
    const result = await work(tx);
    const ended = await client.query('commit');
    // A statement failed and `work` swallowed it: the server then answers "rollback", without an error.
    if (ended.command !== 'COMMIT') throw new Error('the transaction had failed and was rolled back');
    client.release();
    return result;
  } catch (error) {
    await undo(client, error);
    throw error;
  }
};

const undo = async (client: PoolClient, error: unknown): Promise<void> => {
  // On a dead connection `rollback` would wait for an answer that never comes.
  const usable = !isDatabaseAway(error) && (await client.query('rollback').then(yes, no));
  client.release(!usable);
};

const yes = (): boolean => true;
const no = (): boolean => false;

/** Of libpq's and the system's errors: the ones that say "not here, or not now". */
const AWAY_CODES: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EMFILE', // no descriptor free for a connection, in this process or on this machine
  'ENFILE',
  '25006', // read-only: a standby, just after a failover
  '40001', // serialization failure
  '40P01', // deadlock: one of the two may go again
  '57014', // cancelled by the statement timeout
]);
/** Classes of SQLSTATE: connection exception, insufficient resources, operator intervention, system error. */
const AWAY_CLASSES = ['08', '53', '57P', '58'];
/** `pg` gives these no code. */
const AWAY_MESSAGES = [
  'Connection terminated',
  'timeout exceeded when trying to connect',
  'Query read timeout',
  'Client has encountered a connection error',
  'Client was closed',
  'Cannot use a pool after calling end',
];

/**
 * Whether an error says that the database is away or cannot answer now: the same call may succeed later,
 * and a stranger is told 503. False for mistakes in a statement and for broken constraints.
 */
export const isDatabaseAway = (error: unknown): boolean => {
  if (!(error instanceof Error)) return false;
  if ('code' in error && typeof error.code === 'string') {
    const code = error.code;
    // The socket of a server on this machine is not there.
    if (code === 'ENOENT' && 'syscall' in error && error.syscall === 'connect') return true;
    if (AWAY_CODES.has(code) || AWAY_CLASSES.some((start) => code.startsWith(start))) return true;
  }
  return AWAY_MESSAGES.some((start) => error.message.startsWith(start)) || isDatabaseAway(error.cause);
};
