import type { Db } from './database.ts';

/**
 * Gives back what was claimed and not worked, as a process does that stops: the next claim, of whichever
 * process, takes it at once instead of when the lease ends. The attempt is taken back too, so that a restart
 * costs no try. A row that was settled meanwhile, or that waits for its next time, is not touched.
 */
const release = async (db: Db, table: 'deliveries' | 'inbox', ids: readonly number[]): Promise<void> => {
  if (ids.length === 0) return;
  await db.query(
    `with held as (
       select id from ${table} where id = any ($1) and lease_until is not null order by id for update
     )
     update ${table} set lease_until = null, attempts = greatest(attempts - 1, 0)
     where id = any (array(select id from held))`,
    [ids],
  );
};

/** Deliveries whose try was not finished. The peer may have them: the next try sends the same activity. */
export const releaseDeliveries = (db: Db, ids: readonly number[]): Promise<void> =>
  release(db, 'deliveries', ids);

/** Accepted activities that are not carried yet. */
export const releaseActivities = (db: Db, ids: readonly number[]): Promise<void> => release(db, 'inbox', ids);

/**
 * Takes over what another process has claimed of the outbox. For the holder of the stream only, when it begins:
 * whoever held it before writes no more, so nobody has to wait for the end of a lease. What that one had written
 * without hearing that it was taken goes again, with the same stanza ids. Returns how many there were.
 */
export const takeOverStanzas = async (db: Db): Promise<number> => {
  const { rowCount } = await db.query(
    `with held as (select id from stanzas where state = 'due' and lease_until is not null order by id for update)
     update stanzas set lease_until = null where id = any (array(select id from held))`,
  );
  return rowCount;
};
