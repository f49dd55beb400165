import type { OutgoingStanza } from '../bridge/stanza.ts';
import type { Db } from './database.ts';
import { storableError, storableJson } from './plain.ts';
import { purgeInBatches } from './purge.ts';

export type ClaimedStanza = {
  readonly id: number;
  readonly stanza: OutgoingStanza;
  /** This claim included: one that ends the stream is counted too. */
  readonly attempts: number;
  readonly createdAt: Date;
};

/** So that one recipient with many waiting does not fill a whole claim. */
const PER_RECIPIENT = 20;

/** Puts a stanza at the end of the queue of its recipient (all resources together). */
export const enqueueStanza = async (db: Db, stanza: OutgoingStanza): Promise<void> => {
  await db.query('insert into stanzas (recipient, stanza) values ($1, $2)', [
    stanza.to.split('/', 1)[0],
    storableJson(stanza),
  ]);
};

/** Puts stanzas at the ends of the queues of their recipients, in this order: a hundred or so at a time. */
export const enqueueStanzas = async (db: Db, stanzas: readonly OutgoingStanza[]): Promise<void> => {
  await db.query(
    `insert into stanzas (recipient, stanza)
     select recipient, stanza from unnest($1::text[], $2::jsonb[]) with ordinality as put (recipient, stanza, place)
     order by place`,
    [stanzas.map(({ to }) => to.split('/', 1)[0]), stanzas.map(storableJson)],
  );
};

/**
 * Takes stanzas to write, for the time of the lease, in the order in which they are to be written: of each
 * recipient the oldest that wait. While somebody holds the head of a recipient nobody else gets any.
 */
export const claimStanzas = async (
  db: Db,
  options: { readonly limit: number; readonly leaseSeconds: number },
): Promise<readonly ClaimedStanza[]> => {
  const { rows } = await db.query<{
    id: number;
    stanza: OutgoingStanza;
    attempts: number;
    created_at: Date;
  }>(
    // From the oldest of a lane, which need not be its head: a writer that got its id first may have entered
    // second, and what came back is older than all. Cut off by id: what is left of each recipient is then still
    // a beginning of its queue. `between` and the order by recipient leave the planner no index but that of the
    // lane: by equality it would, where one recipient has most rows, read them all by id.
    `with heads as (
       select id, recipient from stanzas
       where head and (lease_until is null or lease_until <= now())
       order by id limit $1 for update skip locked
     ), wanted as (
       select waiting.id from heads cross join lateral (
         select id from stanzas
         where recipient between heads.recipient and heads.recipient and state = 'due'
         order by recipient, id limit $3
       ) as waiting
       order by waiting.id limit $1
     ), claimed as (
       update stanzas set attempts = attempts + 1, lease_until = now() + make_interval(secs => $2)
       where id = any (array(select id from wanted)) and state = 'due'
       returning id, stanza, attempts, created_at
     )
     select * from claimed order by id`,
    [options.limit, options.leaseSeconds, PER_RECIPIENT],
  );
  return rows.map(({ id, stanza, attempts, created_at: createdAt }) => ({ id, stanza, attempts, createdAt }));
};

/**
 * The server has taken these. Those that may come back, and that are worth sending again, are kept for
 * `purgeStanzas`: messages and requests for a subscription. One that came back meanwhile stays as it is.
 */
export const takenStanzas = async (db: Db, ids: readonly number[]): Promise<void> => {
  await db.query(
    // Locked in the order in which a claim locks them, so that neither can wait for the other in a ring.
    `with done as (
       select id, stanza ->> 'kind' = 'message' or stanza ->> 'type' is not distinct from 'subscribe' as kept
       from stanzas
       where id = any ($1) and state = 'due' order by id for update
     ), kept as (
       update stanzas set state = 'sent', sent_at = now(), head = false, lease_until = null
       where id = any (array(select id from done where kept))
     )
     delete from stanzas where id = any (array(select id from done where not kept))`,
    [ids],
  );
};

/** These were not taken, the stream broke: free for the next claim. The attempt stays counted. */
export const releaseStanzas = async (db: Db, ids: readonly number[]): Promise<void> => {
  await db.query(
    `with held as (select id from stanzas where id = any ($1) order by id for update)
     update stanzas set lease_until = null where id = any (array(select id from held))`,
    [ids],
  );
};

/** This one will never arrive: its text goes, what is behind it goes on. */
export const failStanza = async (db: Db, id: number, error: string): Promise<void> => {
  await db.query(
    `update stanzas set state = 'failed', stanza = null, head = false, lease_until = null, last_error = $2
     where id = $1 and state in ('due', 'sent')`,
    [id, storableError(error)],
  );
};

/** Forgets stanzas that were taken before then, and those that failed before then; returns how many. */
export const purgeStanzas = async (
  db: Db,
  before: { readonly sent: Date; readonly failed: Date },
): Promise<number> => {
  const sent = await purgeInBatches(
    db,
    `delete from stanzas where id = any (array(
       select id from stanzas where state = 'sent' and sent_at < $1 limit $2))`,
    before.sent,
  );
  const failed = await purgeInBatches(
    db,
    `delete from stanzas where id = any (array(
       select id from stanzas where state = 'failed' and created_at < $1 limit $2))`,
    before.failed,
  );
  return sent + failed;
};

/** How many are on their way (those that wait to go again too) and how many were given up. Reads the whole table. */
export const countStanzas = async (db: Db): Promise<{ readonly due: number; readonly failed: number }> => {
  const { rows } = await db.query<{ due: number; failed: number }>(
    `select count(*) filter (where state in ('due', 'waiting')) as due,
       count(*) filter (where state = 'failed') as failed
     from stanzas`,
  );
  return { due: rows[0]?.due ?? 0, failed: rows[0]?.failed ?? 0 };
};
