import type { ReportTo } from '../bridge/report.ts';
import type { Db } from './database.ts';
import { storableError, storableJson, storableText } from './plain.ts';
import { purgeInBatches } from './purge.ts';

/** An activity on its way to a remote inbox. */
export type Delivery = {
  readonly activityId: string;
  /** A user's id, or `instance`: whose key signs. */
  readonly sender: string;
  readonly inbox: string;
  readonly host: string;
  /** Deliveries of a lane go out in order: one user and one correspondent. */
  readonly lane: string;
  /** The document: every try sends the same bytes. */
  readonly body: string;
  readonly noteId: string | undefined;
  /** Undefined where nobody waits to hear how it ended. */
  readonly reportTo: ReportTo | undefined;
};

export type ClaimedDelivery = Delivery & {
  readonly id: number;
  /** This claim included: one that ends the process is counted too. */
  readonly attempts: number;
  readonly createdAt: Date;
};

/** Puts a delivery at the end of its lane; false when this activity goes, or went in vain, to this inbox. */
export const enqueueDelivery = async (db: Db, delivery: Delivery): Promise<boolean> => {
  const { rowCount } = await db.query(
    `insert into deliveries (activity_id, sender, inbox, host, lane, body, note_id, report_to)
     values ($1, $2, $3, $4, $5, $6, $7, $8) on conflict (activity_id, inbox) do nothing`,
    [
      delivery.activityId,
      delivery.sender,
      delivery.inbox,
      delivery.host,
      delivery.lane,
      storableText(delivery.body),
      delivery.noteId,
      delivery.reportTo && storableJson(delivery.reportTo),
    ],
  );
  return rowCount === 1;
};

type Row = {
  id: number;
  activity_id: string;
  sender: string;
  inbox: string;
  host: string;
  lane: string;
  body: string;
  note_id: string | null;
  report_to: ReportTo | null;
  attempts: number;
  created_at: Date;
};

const rowToClaimed = (row: Row): ClaimedDelivery => ({
  id: row.id,
  activityId: row.activity_id,
  sender: row.sender,
  inbox: row.inbox,
  host: row.host,
  lane: row.lane,
  body: row.body,
  noteId: row.note_id ?? undefined,
  reportTo: row.report_to === null ? undefined : readReportTo(row.report_to),
  attempts: row.attempts,
  createdAt: row.created_at,
});

/** JSON dropped the members that were undefined. */
const readReportTo = (to: ReportTo): ReportTo =>
  to.kind === 'follow' ? to : { ...to, stanzaId: to.stanzaId, lang: to.lang };

/**
 * Takes deliveries to send, for the time of the lease: the head of each lane and nothing behind it. One
 * whose lease ran out is taken again.
 */
export const claimDeliveries = async (
  db: Db,
  options: { readonly limit: number; readonly leaseSeconds: number },
): Promise<readonly ClaimedDelivery[]> => {
  const { rows } = await db.query<Row>(
    `with free as (
       select id from deliveries
       where head and due_at <= now() and (lease_until is null or lease_until <= now())
       order by due_at, id limit $1 for update skip locked
     ), claimed as (
       update deliveries set attempts = attempts + 1, lease_until = now() + make_interval(secs => $2)
       where id = any (array(select id from free))
       returning id, activity_id, sender, inbox, host, lane, body, note_id, report_to, attempts, created_at
     )
     select * from claimed order by id`,
    [options.limit, options.leaseSeconds],
  );
  return rows.map(rowToClaimed);
};

/** The inbox has it. */
export const completeDelivery = async (db: Db, id: number): Promise<void> => {
  await db.query('delete from deliveries where id = $1', [id]);
};

type Trouble = {
  /** The HTTP status of the answer, where there was one. */
  readonly status: number | undefined;
  readonly error: string;
};

/** Again at `dueAt`; the rest of the lane waits. */
export const postponeDelivery = async (
  db: Db,
  id: number,
  trouble: Trouble & { readonly dueAt: Date },
): Promise<void> => {
  await db.query(
    `update deliveries set due_at = $2, lease_until = null, last_status = $3, last_error = $4
     where id = $1 and state = 'due'`,
    [id, trouble.dueAt, trouble.status, storableError(trouble.error)],
  );
};

/** Gives up: the body goes, the row stays for the admin, the lane goes on. */
export const failDelivery = async (db: Db, id: number, trouble: Trouble): Promise<void> => {
  await db.query(
    `update deliveries set state = 'failed', body = null, head = false, lease_until = null,
       last_status = $2, last_error = $3
     where id = $1 and state = 'due'`,
    [id, trouble.status, storableError(trouble.error)],
  );
};

/** How many are on their way and how many were given up. Reads the whole table. */
export const countDeliveries = async (db: Db): Promise<{ readonly due: number; readonly failed: number }> => {
  const { rows } = await db.query<{ due: number; failed: number }>(
    `select count(*) filter (where state = 'due') as due, count(*) filter (where state = 'failed') as failed
     from deliveries`,
  );
  return { due: rows[0]?.due ?? 0, failed: rows[0]?.failed ?? 0 };
};

/** Forgets deliveries that failed and were made before then; returns how many. */
export const purgeFailedDeliveries = (db: Db, before: Date): Promise<number> =>
  purgeInBatches(
    db,
    `delete from deliveries where id = any (array(
       select id from deliveries where state = 'failed' and created_at < $1 limit $2))`,
    before,
  );
