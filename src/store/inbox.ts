import type { Db } from './database.ts';
import { storableError, storableText } from './plain.ts';
import { purgeInBatches } from './purge.ts';

/** A verified activity, written before 202 is answered. `body` is the JSON as it came. */
export type AcceptedActivity = {
  readonly activityId: string;
  readonly actorId: string;
  readonly body: string;
  /**
   * It says how things stand between two (Follow, Block, Undo) and may be said again under the same id, as Misskey
   * does: a repeat is a repeat only for a while.
   */
  readonly saysState?: boolean;
};

/** What comes again so soon after it was worked is a copy (the other inbox, a lost answer), not said anew. */
export const COPY_SECONDS = 120;

/** Who holds an activity: a settlement with the number of an older claim changes nothing. */
export type ActivityClaim = {
  readonly id: number;
  /** Claims so far, this one included: one that ends the process is counted too. */
  readonly attempts: number;
};

export type ClaimedActivity = AcceptedActivity & ActivityClaim & { readonly receivedAt: Date };

/**
 * Keeps activities, in order, in one statement and so in one commit: give it what many requests brought, a
 * few hundred at most. One that is known already, of the same actor, is passed over, and the peer that
 * repeats it gets the same answer.
 */
export const acceptActivities = async (db: Db, activities: readonly AcceptedActivity[]): Promise<void> => {
  if (activities.length === 0) return;
  const states = activities.filter(({ saysState }) => saysState === true);
  // In a commit of its own: where the second fails the peer comes again, and nothing is missing meanwhile.
  if (states.length > 0) await forgetStates(db, states);
  await insertActivities(db, activities);
};

/** Those that were worked a while ago make way for what is said now. */
const forgetStates = async (db: Db, states: readonly AcceptedActivity[]): Promise<void> => {
  await db.query(
    `delete from inbox using unnest($1::text[], $2::text[]) as said (activity_id, actor_id)
     where inbox.activity_id = said.activity_id and inbox.actor_id = said.actor_id
       and done_at < now() - make_interval(secs => $3)`,
    [
      states.map(({ activityId }) => storableText(activityId)),
      states.map(({ actorId }) => storableText(actorId)),
      COPY_SECONDS,
    ],
  );
};

const insertActivities = async (db: Db, activities: readonly AcceptedActivity[]): Promise<void> => {
  // Sorted by actor, so that two of these cannot each wait for a lane that the other has locked.
  await db.query(
    `insert into inbox (activity_id, actor_id, body)
     select activity_id, actor_id, body
     from unnest($1::text[], $2::text[], $3::text[]) with ordinality as new (activity_id, actor_id, body, place)
     order by actor_id, place
     on conflict (activity_id, actor_id) do nothing`,
    [
      activities.map((activity) => storableText(activity.activityId)),
      activities.map((activity) => storableText(activity.actorId)),
      activities.map((activity) => storableText(activity.body)),
    ],
  );
};

/** Whether this actor's activity was worked before now. */
export const wasWorked = async (
  tx: Db,
  { activityId, actorId }: { readonly activityId: string; readonly actorId: string },
): Promise<boolean> => {
  const { rows } = await tx.query(
    'select from inbox where activity_id = $1 and actor_id = $2 and done_at is not null',
    [storableText(activityId), actorId],
  );
  return rows.length > 0;
};

type Row = {
  id: number;
  activity_id: string;
  actor_id: string;
  body: string;
  attempts: number;
  received_at: Date;
};

/**
 * Takes activities to work on, for the time of the lease. Of each actor only the oldest unfinished one is
 * ever taken, so an actor's activities are worked in the order in which they came. One whose lease ran out
 * is taken again.
 */
export const claimActivities = async (
  db: Db,
  options: { readonly limit: number; readonly leaseSeconds: number },
): Promise<readonly ClaimedActivity[]> => {
  const { rows } = await db.query<Row>(
    `with free as (
       select id from inbox
       where head and due_at <= now() and (lease_until is null or lease_until <= now())
       order by due_at, id limit $1 for update skip locked
     ), claimed as (
       update inbox set attempts = attempts + 1, lease_until = now() + make_interval(secs => $2)
       where id = any (array(select id from free))
       returning id, activity_id, actor_id, body, attempts, received_at
     )
     select * from claimed order by id`,
    [options.limit, options.leaseSeconds],
  );
  return rows.map((row) => ({
    id: row.id,
    activityId: row.activity_id,
    actorId: row.actor_id,
    body: row.body,
    attempts: row.attempts,
    receivedAt: row.received_at,
  }));
};

/** The activity is worked: its body goes, its id stays, so that a repeat is recognised. */
export const finishActivity = async (db: Db, { id, attempts }: ActivityClaim): Promise<void> => {
  await db.query(
    `update inbox set done_at = now(), body = null, head = false, lease_until = null, last_error = null
     where id = $1 and attempts = $2 and done_at is null`,
    [id, attempts],
  );
};

/** The activity did not work out: again at `dueAt`. What else came from its actor waits. */
export const postponeActivity = async (
  db: Db,
  { id, attempts }: ActivityClaim,
  dueAt: Date,
  error: string,
): Promise<void> => {
  await db.query(
    `update inbox set due_at = $3, lease_until = null, last_error = $4
     where id = $1 and attempts = $2 and done_at is null`,
    [id, attempts, dueAt, storableError(error)],
  );
};

/** Holds on to activities that are still worked; one that somebody else holds by now stays with them. */
export const renewActivities = async (
  db: Db,
  claims: readonly ActivityClaim[],
  leaseSeconds: number,
): Promise<void> => {
  await db.query(
    `update inbox set lease_until = now() + make_interval(secs => $3)
     from unnest($1::bigint[], $2::int[]) as held (held_id, held_attempts)
     where id = held_id and attempts = held_attempts and lease_until is not null`,
    [claims.map(({ id }) => id), claims.map(({ attempts }) => attempts), leaseSeconds],
  );
};

/** The activity will never work out: as finished, but the error stays with it. */
export const abandonActivity = async (
  db: Db,
  { id, attempts }: ActivityClaim,
  error: string,
): Promise<void> => {
  await db.query(
    `update inbox set done_at = now(), body = null, head = false, lease_until = null, last_error = $3
     where id = $1 and attempts = $2 and done_at is null`,
    [id, attempts, storableError(error)],
  );
};

/** Forgets activities finished before then (eight days ago or longer); returns how many. */
export const purgeInbox = (db: Db, before: Date): Promise<number> =>
  purgeInBatches(
    db,
    'delete from inbox where id = any (array(select id from inbox where done_at < $1 limit $2))',
    before,
  );

/** How many accepted activities are not carried yet. */
export const countActivities = async (db: Db): Promise<{ readonly due: number }> => {
  const { rows } = await db.query<{ due: number }>('select count(*) as due from inbox where done_at is null');
  return { due: rows[0]?.due ?? 0 };
};
