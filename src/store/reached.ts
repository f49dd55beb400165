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

/** The actors that a user has to do with now, by way of a follow or a chat. */
const RELATED = `select actor_id from chats where user_id = $1
  union select actor_id from follows where user_id = $1`;

const INBOXES = `select coalesce(profile ->> 'sharedInbox', profile ->> 'inbox') as inbox from remote_actors
  where gone_at is null and id in (${RELATED})`;

const inboxesOf = async (db: Db, statement: string, userId: string): Promise<readonly string[]> => {
  const { rows } = await db.query<{ inbox: string }>(statement, [userId]);
  return rows.map(({ inbox }) => inbox);
};

/** One inbox for each server with a follower, a contact or a correspondent of the user; personal ones where it has no shared one. */
export const findRelatedInboxes = (db: Db, userId: string): Promise<readonly string[]> =>
  inboxesOf(db, `${INBOXES} group by 1 order by 1`, userId);

/** The same, and every inbox to which something of the user ever went. */
export const findReachedInboxes = (db: Db, userId: string): Promise<readonly string[]> =>
  inboxesOf(db, `${INBOXES} union select inbox from reached where user_id = $1 order by 1`, userId);

/** Forgets where the user was known. */
export const forgetReached = async (db: Db, userId: string): Promise<void> => {
  await db.query('delete from reached where user_id = $1', [userId]);
};
