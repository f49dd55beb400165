import type { Db } from './database.ts';

/** `out`: the XMPP user follows the actor. `in`: the actor follows the XMPP user. */
export type FollowKey = {
  readonly userId: string;
  readonly actorId: string;
  readonly direction: 'out' | 'in';
};

export type Follow = FollowKey & {
  readonly state: 'pending' | 'accepted';
  /** The id of the Follow activity, ours or theirs: an Undo, Accept or Reject names it. */
  readonly followId: string;
};

type Row = {
  user_id: string;
  actor_id: string;
  direction: Follow['direction'];
  state: Follow['state'];
  follow_id: string;
};
const COLUMNS = 'user_id, actor_id, direction, state, follow_id';
const BY_KEY = 'user_id = $1 and actor_id = $2 and direction = $3';

const rowToFollow = (row: Row): Follow => ({
  userId: row.user_id,
  actorId: row.actor_id,
  direction: row.direction,
  state: row.state,
  followId: row.follow_id,
});

const keyValues = (key: FollowKey): readonly string[] => [key.userId, key.actorId, key.direction];

/** Writes a follow, in place of the one between the two that there may be. */
export const saveFollow = async (db: Db, follow: Follow): Promise<void> => {
  await db.query(
    `insert into follows (${COLUMNS}) values ($1, $2, $3, $4, $5)
     on conflict (user_id, actor_id, direction) do update
     set state = excluded.state, follow_id = excluded.follow_id, updated_at = now(), to_ask = false`,
    [...keyValues(follow), follow.state, follow.followId],
  );
};

export const findFollow = async (db: Db, key: FollowKey): Promise<Follow | undefined> => {
  const { rows } = await db.query<Row>(`select ${COLUMNS} from follows where ${BY_KEY}`, keyValues(key));
  return rows[0] && rowToFollow(rows[0]);
};

/** The follow of one of our users that has this id, which we made and nobody else can have. */
export const findOwnFollow = async (db: Db, followId: string): Promise<Follow | undefined> => {
  const { rows } = await db.query<Row>(
    `select ${COLUMNS} from follows where follow_id = $1 and direction = 'out'`,
    [followId],
  );
  return rows[0] && rowToFollow(rows[0]);
};

/**
 * The follow between an actor and one of our users that an activity id names. Ids of others are only as unique
 * as they make them, so one means something only together with its actor and direction.
 */
export const findFollowById = async (
  db: Db,
  key: { readonly followId: string } & Omit<FollowKey, 'userId'>,
): Promise<Follow | undefined> => {
  const { rows } = await db.query<Row>(
    `select ${COLUMNS} from follows where follow_id = $1 and actor_id = $2 and direction = $3
     order by updated_at desc limit 1`,
    [key.followId, key.actorId, key.direction],
  );
  return rows[0] && rowToFollow(rows[0]);
};

/** Changes the state; false when there is no such follow. */
export const setFollowState = async (db: Db, key: FollowKey, state: Follow['state']): Promise<boolean> => {
  const { rowCount } = await db.query(`update follows set state = $4, updated_at = now() where ${BY_KEY}`, [
    ...keyValues(key),
    state,
  ]);
  return rowCount === 1;
};

/**
 * Makes all that is done between two go one after the other, to the end of the transaction: what the XMPP user does
 * and what the actor does come over two wires, perhaps to two processes.
 */
export const lockPair = async (
  tx: Db,
  { userId, actorId }: Pick<FollowKey, 'userId' | 'actorId'>,
): Promise<void> => {
  await tx.query('select pg_advisory_xact_lock(hashtextextended($1, 5))', [`${userId} ${actorId}`]);
};

/** Both directions between two. */
export const findPair = async (
  db: Db,
  { userId, actorId }: Pick<FollowKey, 'userId' | 'actorId'>,
): Promise<readonly Follow[]> => {
  const { rows } = await db.query<Row>(
    `select ${COLUMNS} from follows where user_id = $1 and actor_id = $2`,
    [userId, actorId],
  );
  return rows.map(rowToFollow);
};

/** Ends a follow and returns what it was: an Undo needs its id. */
export const deleteFollow = async (db: Db, key: FollowKey): Promise<Follow | undefined> => {
  const { rows } = await db.query<Row>(
    `delete from follows where ${BY_KEY} returning ${COLUMNS}`,
    keyValues(key),
  );
  return rows[0] && rowToFollow(rows[0]);
};

const PAGE = 200;

/** Users who follow an actor or are followed by it, in the order of their ids; read page by page. */
export async function* partnersOf(db: Db, actorId: string): AsyncGenerator<string, void, undefined> {
  let page: { readonly user_id: string }[];
  let after = '';
  do {
    const found = await db.query<{ user_id: string }>(
      `select distinct user_id from follows where actor_id = $1 and user_id > $2 order by user_id limit $3`,
      [actorId, after, PAGE],
    );
    page = found.rows;
    for (const { user_id: userId } of page) {
      after = userId;
      yield userId;
    }
  } while (page.length === PAGE);
}

/** Ends follows of and by an actor, at most so many, and returns what they were. */
export const deleteFollowsOf = async (db: Db, actorId: string, limit: number): Promise<readonly Follow[]> => {
  const { rows } = await db.query<Row>(
    `delete from follows where (user_id, actor_id, direction) in (
       select user_id, actor_id, direction from follows where actor_id = $1
       order by user_id, direction limit $2 for update)
     returning ${COLUMNS}`,
    [actorId, limit],
  );
  return rows.map(rowToFollow);
};

/** Ends all follows of and by a user who left, and returns what they were. */
export const deleteFollowsOfUser = async (db: Db, userId: string): Promise<readonly Follow[]> => {
  const { rows } = await db.query<Row>(`delete from follows where user_id = $1 returning ${COLUMNS}`, [
    userId,
  ]);
  return rows.map(rowToFollow);
};
