import type { Db } from './database.ts';
import { purgeInBatches } from './purge.ts';

/** What is known of a host that made trouble. */
export type HostState = {
  /** Times of the last failures that count, oldest first. */
  readonly recentFailures: readonly Date[];
  /** How often the breaker opened since the last success. */
  readonly openings: number;
  /** Nothing is sent before then, afterwards one probe at a time; undefined while the breaker is closed. */
  readonly openUntil: Date | undefined;
  /** The last day with a failure, YYYY-MM-DD (UTC). */
  readonly failedOn: string | undefined;
  /** Distinct days with failures and no success since. */
  readonly failedDays: number;
  /** `silent`: it failed for days. `gone`: it said so. */
  readonly dead: 'silent' | 'gone' | undefined;
};

/** As good as never: within what a Date and a timestamptz can hold. */
const NEVER = new Date('9999-01-01T00:00:00Z');
/** A request from a host brings a probe forward at most this often: it may send and still not receive. */
const SPOKE_SECONDS = 300;

type Row = {
  recent_failures: Date[];
  openings: number;
  open_until: Date | null;
  failed_on: string | null;
  failed_days: number;
  dead: HostState['dead'] | null;
};

const rowToState = (row: Row): HostState => ({
  recentFailures: row.recent_failures,
  openings: row.openings,
  openUntil: row.open_until ?? undefined,
  failedOn: row.failed_on ?? undefined,
  failedDays: row.failed_days,
  dead: row.dead ?? undefined,
});

const COLUMNS = `recent_failures, openings, open_until, failed_on::text, failed_days, dead`;

/** What is known of a host; undefined for one that is well. */
export const findHost = async (db: Db, host: string): Promise<HostState | undefined> => {
  const { rows } = await db.query<Row>(`select ${COLUMNS} from hosts where host = $1`, [host]);
  return rows[0] && rowToState(rows[0]);
};

/**
 * Changes what is known of a host after a failure; whoever changes the same host at once waits. Whatever
 * probe was under way has ended with it. Call it in a transaction.
 */
export const changeHost = async (
  tx: Db,
  host: string,
  change: (state: HostState) => HostState,
): Promise<void> => {
  await tx.query('insert into hosts (host) values ($1) on conflict do nothing', [host]);
  const { rows } = await tx.query<Row>(`select ${COLUMNS} from hosts where host = $1 for update`, [host]);
  const [row] = rows;
  if (row === undefined) return;
  const next = change(rowToState(row));
  await tx.query(
    `update hosts set recent_failures = $2, openings = $3, open_until = $4, failed_on = $5, failed_days = $6,
       dead = $7, probe_until = null, updated_at = now()
     where host = $1`,
    [host, next.recentFailures, next.openings, next.openUntil, next.failedOn, next.failedDays, next.dead],
  );
};

/**
 * The host took something: its breaker closes, its days are forgotten, and where the breaker was open, what
 * was postponed is brought forward (by `bringForward`).
 */
export const closeHost = async (db: Db, host: string): Promise<void> => {
  await db.query(
    `update hosts set recent_failures = '{}', openings = 0, open_until = null, probe_until = null,
       failed_on = null, failed_days = 0, dead = null, release = release or open_until is not null,
       updated_at = now()
     where host = $1`,
    [host],
  );
};

/** The host said for itself that it is no more (410 on the inbox that all its actors share). */
export const markHostGone = async (db: Db, host: string): Promise<void> => {
  await db.query(
    `insert into hosts (host, dead, open_until) values ($1, 'gone', $2)
     on conflict (host) do update set dead = 'gone', open_until = $2, probe_until = null, updated_at = now()`,
    [host, NEVER],
  );
};

/**
 * These hosts sent something that was proven to be theirs: one that is dead is no more, and where a breaker
 * is open a probe goes out at once, for which the delivery that is due first is brought forward. Cheap where
 * all is well: no row is found.
 */
export const hostsSpoke = async (db: Db, hosts: readonly string[]): Promise<void> => {
  if (hosts.length === 0) return;
  await db.query(
    `with spoke as (
       update hosts set dead = null, failed_days = 0, failed_on = null, open_until = now(), spoke_at = now(),
         updated_at = now()
       where host = any (array(
         select host from hosts
         where host = any ($1) and open_until > now()
           and (spoke_at is null or spoke_at < now() - make_interval(secs => $2))
         order by host for update))
       returning host
     )
     update deliveries set due_at = now() where id in (
       select first.id from spoke cross join lateral (
         select id from deliveries where head and host = spoke.host order by due_at, id limit 1
       ) as first) and due_at > now() and not patient`,
    [hosts, SPOKE_SECONDS],
  );
};

/** `hostsSpoke` for one. */
export const hostSpoke = (db: Db, host: string): Promise<void> => hostsSpoke(db, [host]);

/**
 * Brings forward what was postponed for a host that lives again, at most `limit` deliveries of one host, but
 * not those for which the peer named a time. Returns how many; call it until that is nought.
 */
export const bringForward = async (db: Db, limit: number): Promise<number> => {
  const { rows } = await db.query<{ released: number }>(
    `with freed as (
       select host from hosts where release order by host limit 1 for update skip locked
     ), released as (
       update deliveries set due_at = now() where id = any (array(
         select id from deliveries
         where head and host = (select host from freed) and due_at > now() and not patient
         order by due_at, id limit $1 for update skip locked))
       returning id
     ), rest as (
       update hosts set release = false
       where host = (select host from freed) and (select count(*) from released) < $1
     )
     select count(*) as released from released`,
    [limit],
  );
  return rows[0]?.released ?? 0;
};

/** Forgets hosts of which nothing was heard or tried since then; returns how many. */
export const purgeHosts = (db: Db, before: Date): Promise<number> =>
  purgeInBatches(
    db,
    'delete from hosts where host = any (array(select host from hosts where updated_at < $1 limit $2))',
    before,
  );
