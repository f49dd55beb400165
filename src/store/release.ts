import type { Db } from './database.ts';

/** The number of the attempt tells this claim from a later one of the same row. */
type Claim = { readonly id: number; readonly attempts: number };

const COUNTER = { deliveries: 'unanswered', inbox: 'attempts' } as const;

/**
 * Gives back what was claimed and not worked, as a process does that stops: the next claim, of whichever
 * process, takes it at once instead of when the lease ends. The attempt is taken back too, so that a restart
 * costs no try. Of deliveries the number of the attempt stays, because it tells an old claim from a new one: they
 * count their tries and
 * their claims without a result beside it. A row that was settled meanwhile, that waits for its next time or that
 * another process has claimed since, is not touched.
 */
const release = async (db: Db, table: 'deliveries' | 'inbox', claims: readonly Claim[]): Promise<void> => {
  if (claims.length === 0) return;
  await db.query(
    `with held as (
       select ${table}.id from ${table}
       join unnest($1::bigint[], $2::int[]) as claim (id, attempts)
         on claim.id = ${table}.id and claim.attempts = ${table}.attempts
       where lease_until is not null order by ${table}.id for update of ${table}
     )
     update ${table} set lease_until = null, ${COUNTER[table]} = greatest(${COUNTER[table]} - 1, 0)
     where id = any (array(select id from held))`,
    [claims.map(({ id }) => id), claims.map(({ attempts }) => attempts)],
  );
};

/** Deliveries whose try was not finished. The peer may have them: the next try sends the same activity. */
export const releaseDeliveries = (db: Db, claims: readonly Claim[]): Promise<void> =>
  release(db, 'deliveries', claims);

/** Accepted activities that are not carried yet. */
export const releaseActivities = (db: Db, claims: readonly Claim[]): Promise<void> =>
  release(db, 'inbox', claims);

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
