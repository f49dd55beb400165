import type { Db } from './database.ts';
import { storableText } from './plain.ts';
import { purgeInBatches } from './purge.ts';

/** A thing of the Fediverse (a note, a Follow, a Block) and who says so. */
export type OwnedObject = { readonly objectId: string; readonly actorId: string };

/**
 * Makes all that is done to one object go one after the other, to the end of the transaction: else a Create could
 * look for a tombstone just before the Delete writes it, and the Delete for the message just before that is there.
 */
export const lockObject = async (tx: Db, objectId: string): Promise<void> => {
  await tx.query('select pg_advisory_xact_lock(hashtextextended($1, 4))', [objectId]);
};

/**
 * Remembers that its owner took an object back; what arrives of it later is not carried. `wasKnown`: it had arrived
 * before, so that a state that is said again later (`takeBackUndo`) is not what was overtaken.
 */
export const saveTombstone = async (
  db: Db,
  { objectId, actorId }: OwnedObject,
  wasKnown = false,
): Promise<void> => {
  await db.query(
    `insert into tombstones as old (object_id, actor_id, was_known) values ($1, $2, $3)
     on conflict (object_id, actor_id) do update
     set was_known = old.was_known or excluded.was_known, created_at = now()`,
    [storableText(objectId), actorId, wasKnown],
  );
};

/**
 * A state (Follow, Block) that was undone is said again: forgets that it was, where the first had arrived and the
 * Undo is some time ago. Anything else is a copy, or was overtaken by its Undo, and stays undone.
 */
export const takeBackUndo = async (
  tx: Db,
  { objectId, actorId }: OwnedObject,
  copySeconds: number,
): Promise<void> => {
  await tx.query(
    `delete from tombstones where object_id = $1 and actor_id = $2 and was_known
       and created_at < now() - make_interval(secs => $3)`,
    [storableText(objectId), actorId, copySeconds],
  );
};

/** Whether this actor took this object back. What others say of it does not count. */
export const hasTombstone = async (db: Db, { objectId, actorId }: OwnedObject): Promise<boolean> => {
  const { rows } = await db.query('select from tombstones where object_id = $1 and actor_id = $2', [
    objectId,
    actorId,
  ]);
  return rows.length > 0;
};

/** Forgets what was taken back before then (eight days ago or longer); returns how many. */
export const purgeTombstones = (db: Db, before: Date): Promise<number> =>
  purgeInBatches(
    db,
    `delete from tombstones where (object_id, actor_id) in (
       select object_id, actor_id from tombstones where created_at < $1 limit $2)`,
    before,
  );
