import type { Db } from './database.ts';

/** Notes that something of this user goes to a server: to its shared inbox where it has one. */
export const noteReached = async (
  db: Db,
  { userId, inbox }: { readonly userId: string; readonly inbox: string },
): Promise<void> => {
  await db.query('insert into reached (user_id, inbox) values ($1, $2) on conflict do nothing', [
    userId,
    inbox,
  ]);
};

/**
 * Notes that a server knows this user although nothing may ever have gone there: somebody of it asked to follow the
 * user, wrote to, blocked or reported them. One inbox is enough for a host: what strangers do makes no more rows than
 * they have servers.
 */
export const noteKnownThere = async (
  db: Db,
  { userId, inbox }: { readonly userId: string; readonly inbox: string },
): Promise<void> => {
  await db.query(
    `insert into reached (user_id, inbox) select $1, $2
     where not exists (select from reached where user_id = $1 and starts_with(inbox, $3))
     on conflict do nothing`,
    [userId, inbox, `${new URL(inbox).origin}/`],
  );
};

/** The actors that a user has to do with now, by way of a follow or a chat. */
const RELATED = `select actor_id from chats where user_id = $1
  union select actor_id from follows where user_id = $1`;

const INBOX = `coalesce(profile ->> 'sharedInbox', profile ->> 'inbox')`;

export type RelatedInbox = {
  readonly inbox: string;
  /** The actor whose inbox it is; undefined for one that all of a server share. */
  readonly recipient: string | undefined;
  /**
   * Where nobody behind it follows the user: the one who wrote or was written to last. One at most, so that nobody
   * learns from it who else has to do with the user; and nobody with whom the user has nothing to do any more.
   */
  readonly named: readonly string[];
};

/** One inbox for each server with a follower, a contact or a correspondent of the user; personal ones where it has no shared one. */
export const findRelatedInboxes = async (db: Db, userId: string): Promise<readonly RelatedInbox[]> => {
  const { rows } = await db.query<{ inbox: string; recipient: string | null; named: readonly string[] }>(
    `select ${INBOX} as inbox,
       case when bool_and(profile ->> 'sharedInbox' is null) then min(id) end as recipient,
       case when bool_or(follower.actor_id is not null) then '{}' else coalesce(
         (array_agg(id order by chats.updated_at desc nulls last, id) filter (where blocked.actor_id is null))[:1],
         '{}') end as named
     from remote_actors
     left join chats on chats.user_id = $1 and chats.actor_id = remote_actors.id
     left join (select distinct actor_id from blocks where user_id = $1) as blocked
       on blocked.actor_id = remote_actors.id
     left join follows as follower on follower.user_id = $1 and follower.actor_id = remote_actors.id
       and follower.direction = 'in' and follower.state = 'accepted'
     where gone_at is null and id in (${RELATED}) group by 1 order by 1`,
    [userId],
  );
  return rows.map(({ recipient, ...row }) => ({ ...row, recipient: recipient ?? undefined }));
};

/** The same inboxes, and every one to which something of the user ever went, or where the user is known otherwise. */
export const findReachedInboxes = async (db: Db, userId: string): Promise<readonly string[]> => {
  const { rows } = await db.query<{ inbox: string }>(
    `select ${INBOX} as inbox from remote_actors where gone_at is null and id in (${RELATED})
     union select inbox from reached where user_id = $1 order by 1`,
    [userId],
  );
  return rows.map(({ inbox }) => inbox);
};

/** Forgets where the user was known. */
export const forgetReached = async (db: Db, userId: string): Promise<void> => {
  await db.query('delete from reached where user_id = $1', [userId]);
};
