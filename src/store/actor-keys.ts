import type { Db } from './database.ts';

export type StoredKey = {
  readonly actorId: string;
  readonly publicPem: string;
  /** As `sealPrivateKey` made it. */
  readonly sealed: Buffer;
};

type Row = { actor_id: string; public_pem: string; private_sealed: Buffer };
const COLUMNS = 'actor_id, public_pem, private_sealed';

const rowToKey = (row: Row): StoredKey => ({
  actorId: row.actor_id,
  publicPem: row.public_pem,
  sealed: row.private_sealed,
});

/** The key with which an actor of ours signs now. `actorId` is a user's id, or `instance`. */
export const findActorKey = async (db: Db, actorId: string): Promise<StoredKey | undefined> => {
  const { rows } = await db.query<Row>(
    `select ${COLUMNS} from actor_keys where actor_id = $1 and retired_at is null`,
    [actorId],
  );
  return rows[0] && rowToKey(rows[0]);
};

/** A key with which an actor of ours signed before; undefined once it is forgotten. */
export const findOldKey = async (db: Db, actorId: string, id: number): Promise<StoredKey | undefined> => {
  const { rows } = await db.query<Row>(
    `select ${COLUMNS} from actor_keys where id = $2 and actor_id = $1 and retired_at is not null`,
    [actorId, id],
  );
  return rows[0] && rowToKey(rows[0]);
};

/** Any one key, to try the secret key on; undefined while there is none. */
export const findAnyActorKey = async (db: Db): Promise<StoredKey | undefined> => {
  const { rows } = await db.query<Row>(`select ${COLUMNS} from actor_keys order by id desc limit 1`);
  return rows[0] && rowToKey(rows[0]);
};

/** Gives an actor its key; false when it has one already, which then stays. */
export const insertActorKey = async (db: Db, key: StoredKey): Promise<boolean> => {
  const { rowCount } = await db.query(
    `insert into actor_keys (actor_id, public_pem, private_sealed) values ($1, $2, $3)
     on conflict (actor_id) where retired_at is null do nothing`,
    [key.actorId, key.publicPem, key.sealed],
  );
  return rowCount === 1;
};

/** Deletes the keys of users who left, once nothing is to be signed for them any more. Returns how many. */
export const purgeKeysOfLeft = async (db: Db): Promise<number> => {
  const { rowCount } = await db.query(
    `delete from actor_keys using users where actor_id = users.id and users.state = 'left'
       and not exists (select from deliveries where sender = users.id and state = 'due')`,
  );
  return rowCount;
};

/**
 * A new key in the place of the one that the actor has, as part of a transaction. Returns the id of the old one, which
 * is kept for the deliveries that name it; undefined where there is none, and then nothing happens.
 */
export const replaceActorKey = async (tx: Db, key: StoredKey): Promise<number | undefined> => {
  const { rows } = await tx.query<{ id: number }>(
    'update actor_keys set retired_at = now() where actor_id = $1 and retired_at is null returning id',
    [key.actorId],
  );
  if (rows[0] === undefined || !(await insertActorKey(tx, key))) return undefined;
  return rows[0].id;
};

/** Deletes the old keys that no delivery is to be signed with any more. Returns how many. */
export const purgeOldKeys = async (db: Db): Promise<number> => {
  const { rowCount } = await db.query(
    `delete from actor_keys where retired_at is not null
       and not exists (select from deliveries where old_key = actor_keys.id and state = 'due')`,
  );
  return rowCount;
};
