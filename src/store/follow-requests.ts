import type { RemoteActor } from '../bridge/actor.ts';
import type { Db } from './database.ts';
import type { FollowKey } from './follows.ts';

/** Somebody asks to follow one of our users. */
export type FollowRequest = {
  readonly followId: string;
  /** Bare. */
  readonly userJid: string;
  readonly actor: Pick<RemoteActor, 'handle' | 'name'>;
};

/** Notes that the user is to be asked; nothing where the request does not stand. */
export const askLater = async (
  db: Db,
  { userId, actorId }: Pick<FollowKey, 'userId' | 'actorId'>,
): Promise<void> => {
  await db.query(
    `update follows set to_ask = true
     where user_id = $1 and actor_id = $2 and direction = 'in' and state = 'pending'`,
    [userId, actorId],
  );
};

/**
 * Takes requests that still stand off the list of those to be asked, the oldest first. Their rows stay locked to the
 * end of the transaction, so that what ends one comes behind it.
 */
export const takeRequests = async (tx: Db, limit: number): Promise<readonly FollowRequest[]> => {
  const { rows } = await tx.query<{
    follow_id: string;
    jid: string;
    handle_user: string;
    handle_host: string;
    name: string | null;
  }>(
    `with wanted as (
       select user_id, actor_id from follows
       where to_ask and direction = 'in' and state = 'pending'
       order by updated_at limit $1 for update skip locked
     ), taken as (
       update follows set to_ask = false from wanted
       where follows.user_id = wanted.user_id and follows.actor_id = wanted.actor_id and direction = 'in'
       returning follows.user_id, follows.actor_id, follow_id, updated_at
     )
     select follow_id, jid, handle_user, handle_host, profile ->> 'name' as name from taken
     join users on users.id = user_id and users.state = 'active'
     join remote_actors actors on actors.id = actor_id
     order by jid, taken.updated_at, actor_id`,
    [limit],
  );
  return rows.map((row) => ({
    followId: row.follow_id,
    userJid: row.jid,
    actor: { handle: { user: row.handle_user, host: row.handle_host }, name: row.name ?? undefined },
  }));
};
