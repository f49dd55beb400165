import type { ReportTo } from '../bridge/report.ts';
import type { Db } from './database.ts';
import { KEY_NEWS_PAUSE_MS } from './key-times.ts';
import { storableError, storableJson, storableText } from './plain.ts';
import { purgeInBatches } from './purge.ts';

/** An activity on its way to a remote inbox. */
export type Delivery = {
  readonly activityId: string;
  /** A user's id, or `instance`: whose key signs. */
  readonly sender: string;
  /**
   * The id of an older key of the sender, which signs this: it tells of the new one, once what was sent before is
   * surely settled there. Nothing else of the sender goes to the host, or to `recipient`, before it was taken.
   */
  readonly oldKey?: number | undefined;
  readonly inbox: string;
  /** The actor whose inbox it is, where it is one actor's. */
  readonly recipient?: string | undefined;
  readonly host: string;
  /** Deliveries of a lane go out in order: one user and one correspondent. */
  readonly lane: string;
  /** The document: every try sends the same bytes. */
  readonly body: string;
  readonly noteId: string | undefined;
  /** Undefined where nobody waits to hear how it ended. */
  readonly reportTo: ReportTo | undefined;
};

/** Who holds a delivery: a settlement with the number of an older claim changes nothing. */
export type DeliveryClaim = {
  readonly id: number;
  /** Claims so far, this one included: one that ends the process is counted too. */
  readonly attempts: number;
};

export type ClaimedDelivery = Delivery &
  DeliveryClaim & {
    /** Tries that had a result. */
    readonly tries: number;
    /** Claims since the last result, this one included. */
    readonly unanswered: number;
    readonly createdAt: Date;
    readonly lastError: string | undefined;
    /** Its author has heard that it is late. */
    readonly toldLate: boolean;
    /** Of its host: well; in trouble, so that a success is worth noting; or dead, so that nothing is sent. */
    readonly hostHealth: 'well' | 'troubled' | 'dead';
    /** Its last answer was a success and it was postponed all the same: what is left is to complete it. */
    readonly taken: boolean;
  };

/** Puts a delivery at the end of its lane; false when this activity goes, or went in vain, to this inbox. */
export const enqueueDelivery = async (db: Db, delivery: Delivery): Promise<boolean> => {
  const { rowCount } = await db.query(
    `insert into deliveries
       (activity_id, sender, inbox, recipient, host, lane, body, note_id, report_to, old_key, due_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, now() + make_interval(secs => $11))
     on conflict (activity_id, inbox) do nothing`,
    [
      delivery.activityId,
      delivery.sender,
      delivery.inbox,
      delivery.recipient,
      delivery.host,
      delivery.lane,
      storableText(delivery.body),
      delivery.noteId,
      delivery.reportTo && storableJson(delivery.reportTo),
      delivery.oldKey,
      delivery.oldKey === undefined ? 0 : KEY_NEWS_PAUSE_MS / 1000,
    ],
  );
  return rowCount === 1;
};

/**
 * The columns of a claimed delivery, but for its host's health. Its author was told that it is late where the next
 * look at it is no longer that of its first minutes.
 */
export const CLAIMED_COLUMNS = `id, activity_id, sender, inbox, recipient, host, lane, body, note_id, report_to,
  attempts, tries, unanswered, created_at, last_error, old_key,
  coalesce(last_status between 200 and 299, false) as taken,
  review_at > created_at + interval '1 hour' as told_late`;

export type ClaimedRow = {
  id: number;
  activity_id: string;
  sender: string;
  inbox: string;
  recipient: string | null;
  host: string;
  lane: string;
  body: string;
  note_id: string | null;
  report_to: ReportTo | null;
  attempts: number;
  tries: number;
  unanswered: number;
  created_at: Date;
  last_error: string | null;
  old_key: number | null;
  taken: boolean;
  told_late: boolean;
  health: ClaimedDelivery['hostHealth'];
};

export const rowToClaimed = (row: ClaimedRow): ClaimedDelivery => ({
  id: row.id,
  activityId: row.activity_id,
  sender: row.sender,
  inbox: row.inbox,
  ...(row.recipient === null ? {} : { recipient: row.recipient }),
  host: row.host,
  lane: row.lane,
  body: row.body,
  noteId: row.note_id ?? undefined,
  reportTo: row.report_to === null ? undefined : readReportTo(row.report_to),
  attempts: row.attempts,
  tries: row.tries,
  unanswered: row.unanswered,
  createdAt: row.created_at,
  lastError: row.last_error ?? undefined,
  ...(row.old_key === null ? {} : { oldKey: row.old_key }),
  taken: row.taken,
  toldLate: row.told_late,
  hostHealth: row.health,
});

/** JSON dropped the members that were undefined. */
export const readReportTo = (to: ReportTo): ReportTo =>
  to.kind === 'follow' ? to : { ...to, stanzaId: to.stanzaId, lang: to.lang };

/**
 * Calls off what waits in a lane of activities whose ids begin so, also what is just being sent: then it is not tried
 * again.
 */
export const callOffDeliveries = async (
  tx: Db,
  { lane, idsFrom }: { readonly lane: string; readonly idsFrom: string },
): Promise<void> => {
  await tx.query(
    `delete from deliveries where id = any (array(
       select id from deliveries where lane = $1 and state = 'due' and starts_with(activity_id, $2)
       order by id for update))`,
    [lane, idsFrom],
  );
};

/** The inbox has it. False when somebody else holds it by now. */
export const completeDelivery = async (db: Db, claim: DeliveryClaim): Promise<boolean> => {
  const { rowCount } = await db.query('delete from deliveries where id = $1 and attempts = $2', [
    claim.id,
    claim.attempts,
  ]);
  return rowCount === 1;
};

export type Trouble = {
  /** The HTTP status of the answer, where there was one. */
  readonly status: number | undefined;
  readonly error: string;
};

/**
 * It had a result that is not the last: again at `dueAt`, the rest of the lane waits. `patient`: the peer
 * named that time, so it holds even when the host comes back sooner. False when somebody else holds it by now.
 */
export const postponeDelivery = async (
  db: Db,
  claim: DeliveryClaim,
  trouble: Trouble & { readonly dueAt: Date; readonly patient?: boolean },
): Promise<boolean> => {
  const { rowCount } = await db.query(
    `update deliveries set due_at = $3, patient = $4, tries = tries + 1, unanswered = 0, lease_until = null,
       last_status = $5, last_error = $6
     where id = $1 and attempts = $2 and state = 'due'`,
    [
      claim.id,
      claim.attempts,
      trouble.dueAt,
      trouble.patient ?? false,
      trouble.status,
      storableError(trouble.error),
    ],
  );
  return rowCount === 1;
};

/**
 * It had no result: free for the next claim at `dueAt`. `counts`: the claim stays counted among those without
 * a result, because the delivery itself may be the cause. False when somebody else holds it by now.
 */
export const returnDelivery = async (
  db: Db,
  claim: DeliveryClaim,
  how: { readonly dueAt: Date; readonly error: string; readonly counts: boolean },
): Promise<boolean> => {
  const { rowCount } = await db.query(
    `update deliveries set due_at = $3, lease_until = null, last_error = $4,
       unanswered = unanswered - case when $5 then 0 else 1 end
     where id = $1 and attempts = $2 and state = 'due'`,
    [claim.id, claim.attempts, how.dueAt, storableError(how.error), how.counts],
  );
  return rowCount === 1;
};

/** Gives up: the body goes, the row stays for the admin, the lane goes on. False when somebody else holds it. */
export const failDelivery = async (db: Db, claim: DeliveryClaim, trouble: Trouble): Promise<boolean> => {
  const { rowCount } = await db.query(
    `update deliveries set state = 'failed', body = null, head = false, lease_until = null,
       last_status = $3, last_error = $4
     where id = $1 and attempts = $2 and state = 'due'`,
    [claim.id, claim.attempts, trouble.status, storableError(trouble.error)],
  );
  return rowCount === 1;
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
