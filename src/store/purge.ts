import type { Db } from './database.ts';

/** Rows per statement: a long clean-up locks little at a time and stays under the statement timeout. */
const BATCH = 5_000;

/**
 * Runs a statement that changes at most `$2` rows older than `$1` until nothing is left, and returns how
 * many it changed. Outside a transaction each batch commits by itself.
 */
export const purgeInBatches = async (
  db: Db,
  statement: string,
  before: Date,
  batch = BATCH,
): Promise<number> => {
  let total = 0;
  for (;;) {
    const { rowCount } = await db.query(statement, [before, batch]);
    total += rowCount;
    if (rowCount < batch) return total;
  }
};
