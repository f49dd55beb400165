import type { Database, Db } from './database.ts';
import { cannotWrite, describeDatabaseTrouble } from './database-trouble.ts';

export type DatabaseHealth = {
  /** The same database; what goes wrong in it is noticed here. */
  readonly db: Database;
  /** What keeps it from working, in words without addresses; undefined when it works. Never rejects. */
  readonly problem: () => Promise<string | undefined>;
};

export type HealthOptions = {
  readonly db: Database;
  /** Milliseconds that never go back. */
  readonly clock: () => number;
  /** Milliseconds for which an answer holds: the question is public, the database is not to be asked by all. */
  readonly holdsMs?: number;
  /** Milliseconds after which no answer is the answer: whoever asks gives up soon. */
  readonly patienceMs?: number;
};

const HOLDS_MS = 1_000;
const PATIENCE_MS = 2_000;

/**
 * Takes some room and gives it back. Only asked after a write has failed, until one succeeds: with a full
 * disk questions are answered, and small changes fit into pages that are there already.
 */
const PROBE =
  "create temp table causeway_probe on commit drop as select repeat('x', 1000) from generate_series(1, 1000)";

const NO_ANSWER = 'The database does not answer.';

/** Watches the database as the gateway uses it: whether it answers, and after a failed write, whether it writes. */
export const watchDatabase = (options: HealthOptions): DatabaseHealth => {
  const { db, clock, holdsMs = HOLDS_MS, patienceMs = PATIENCE_MS } = options;
  let mayNotWrite = false;
  const notice = (error: unknown): never => {
    if (cannotWrite(error)) mayNotWrite = true;
    throw error;
  };
  const look = async (): Promise<string | undefined> => {
    try {
      if (mayNotWrite) await db.transaction((tx) => tx.query(PROBE));
      else await db.query('select');
      mayNotWrite = false;
      return undefined;
    } catch (error) {
      return describeDatabaseTrouble(error);
    }
  };
  /** One question at a time, and its answer for a while. */
  let asked: { readonly answer: Promise<string | undefined>; answeredAt: number | undefined } | undefined;
  const ask = (): Promise<string | undefined> => {
    const isFresh =
      asked !== undefined && (asked.answeredAt === undefined || clock() - asked.answeredAt < holdsMs);
    if (asked !== undefined && isFresh) return asked.answer;
    const asking: NonNullable<typeof asked> = { answer: look(), answeredAt: undefined };
    void asking.answer.then(() => {
      asking.answeredAt = clock();
    });
    asked = asking;
    return asking.answer;
  };
  const watched: Database = {
    ...db,
    query: <T>(...args: Parameters<Db['query']>) => db.query<T>(...args).catch(notice),
    transaction: (work) => db.transaction(work).catch(notice),
  };
  return { db: watched, problem: () => answerWithin(patienceMs, ask()) };
};

const answerWithin = async (ms: number, answer: Promise<string | undefined>): Promise<string | undefined> => {
  const { promise, resolve } = Promise.withResolvers<string>();
  const timer = setTimeout(() => resolve(NO_ANSWER), ms);
  try {
    return await Promise.race([answer, promise]);
  } finally {
    clearTimeout(timer);
  }
};
