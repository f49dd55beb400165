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
};

const HOLDS_MS = 1_000;

/**
 * Takes some room and gives it back. Only asked after a write has failed, until one succeeds: with a full
 * disk questions are answered, and small changes fit into pages that are there already.
 */
const PROBE =
  "create temp table causeway_probe on commit drop as select repeat('x', 1000) from generate_series(1, 1000)";

/** Watches the database as the gateway uses it: whether it answers, and after a failed write, whether it writes. */
export const watchDatabase = ({ db, clock, holdsMs = HOLDS_MS }: HealthOptions): DatabaseHealth => {
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
  let asked: { readonly at: number; readonly answer: Promise<string | undefined> } | undefined;
  const watched: Database = {
    ...db,
    query: <T>(...args: Parameters<Db['query']>) => db.query<T>(...args).catch(notice),
    transaction: (work) => db.transaction(work).catch(notice),
  };
  return {
    db: watched,
    problem: () => {
      if (asked === undefined || clock() - asked.at >= holdsMs) asked = { at: clock(), answer: look() };
      return asked.answer;
    },
  };
};
