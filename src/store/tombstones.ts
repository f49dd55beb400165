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

/** Remembers that its owner took an object back; what arrives of it later is not carried. */
export const saveTombstone = async (db: Db, { objectId, actorId }: OwnedObject): Promise<void> => {
  await db.query('insert into tombstones (object_id, actor_id) values ($1, $2) on conflict do nothing', [
    storableText(objectId),
    actorId,
  ]);
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
