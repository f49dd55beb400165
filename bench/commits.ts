import { createHash } from 'node:crypto';
import type { Database } from '../src/store/database.ts';
import { rememberStanza } from '../src/store/seen-stanzas.ts';

/** As many as the gateway's pool has connections. */
const AT_ONCE = 10;

/** Single-row commits a second, each on the disk before it counts: how fast this disk is at this moment. */
export const measureCommits = async (db: Database, count: number): Promise<number> => {
  let next = 0;
  const begun = performance.now();
  const work = async (): Promise<void> => {
    while (next < count) {
      next += 1;
      await rememberStanza(db, createHash('sha256').update(`commit ${next}`).digest());
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return count / ((performance.now() - begun) / 1_000);
};
