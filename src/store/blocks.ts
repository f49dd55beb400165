import type { Db } from './database.ts';

/** `in`: the actor blocked the XMPP user. `out`: the XMPP user blocked the actor. */
export type Block = {
  readonly userId: string;
  readonly actorId: string;
  readonly direction: 'out' | 'in';
};

/** Sets a block; true when there was none. */
export const saveBlock = async (db: Db, block: Block): Promise<boolean> => {
  const { rowCount } = await db.query(
    'insert into blocks (user_id, actor_id, direction) values ($1, $2, $3) on conflict do nothing',
    [block.userId, block.actorId, block.direction],
  );
  return rowCount === 1;
};

/** Lifts a block; true when there was one. */
export const deleteBlock = async (db: Db, block: Block): Promise<boolean> => {
  const { rowCount } = await db.query(
    'delete from blocks where user_id = $1 and actor_id = $2 and direction = $3',
    [block.userId, block.actorId, block.direction],
  );
  return rowCount === 1;
};

/** Who of the two has blocked the other; an actor may block all of this gateway's users at once. */
export const findBlocks = async (
  db: Db,
  pair: { readonly userId: string; readonly actorId: string },
): Promise<{ readonly byUser: boolean; readonly byActor: boolean }> => {
  const { rows } = await db.query<{ direction: Block['direction'] }>(
    `select direction from blocks where user_id = $1 and actor_id = $2
     union all select 'in' from remote_actors where id = $2 and blocks_gateway_at is not null`,
    [pair.userId, pair.actorId],
  );
  const directions = rows.map((row) => row.direction);
  return { byUser: directions.includes('out'), byActor: directions.includes('in') };
};

/** Forgets every block of and against a user who left. */
export const deleteBlocksOfUser = async (db: Db, userId: string): Promise<void> => {
  await db.query('delete from blocks where user_id = $1', [userId]);
};
