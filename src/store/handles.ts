import type { Handle } from '../bridge/actor.ts';
import { handleToText } from '../bridge/address.ts';
import type { Db } from './database.ts';

const keyOf = (handle: Handle): string => handleToText(handle).toLowerCase();

/** Keeps what WebFinger said of a handle, canonical or alias. The actor must be stored before. */
export const saveHandle = async (db: Db, handle: Handle, actorId: string): Promise<void> => {
  await db.query(
    `insert into handles (handle, actor_id) values ($1, $2)
     on conflict (handle) do update set actor_id = excluded.actor_id, checked_at = now()`,
    [keyOf(handle), actorId],
  );
};

export type FoundHandle = { readonly actorId: string; readonly checkedAt: Date };

/** Whose a handle was when WebFinger was last asked. */
export const findHandle = async (db: Db, handle: Handle): Promise<FoundHandle | undefined> => {
  const { rows } = await db.query<{ actor_id: string; checked_at: Date }>(
    'select actor_id, checked_at from handles where handle = $1',
    [keyOf(handle)],
  );
  const row = rows[0];
  return row && { actorId: row.actor_id, checkedAt: row.checked_at };
};
