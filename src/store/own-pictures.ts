import type { Db } from './database.ts';

/** A picture that a user shows of themselves: a small PNG, and the name under which it is served. */
export type OwnPicture = { readonly name: string; readonly bytes: Buffer };

/** The bytes behind a name; undefined where there is none, or none any more. */
export const findOwnPicture = async (db: Db, name: string): Promise<Buffer | undefined> => {
  const { rows } = await db.query<Pick<OwnPicture, 'bytes'>>(
    'select bytes from own_pictures where name = $1',
    [name],
  );
  return rows[0]?.bytes;
};

/** Keeps a user's one picture; the name under which it is now: the old one where the bytes are the same. */
export const saveOwnPicture = async (
  db: Db,
  userId: string,
  { name, bytes }: OwnPicture,
): Promise<string> => {
  const { rows } = await db.query<Pick<OwnPicture, 'name'>>(
    `insert into own_pictures (user_id, name, bytes) values ($1, $2, $3)
     on conflict (user_id) do update set bytes = excluded.bytes,
       name = case when own_pictures.bytes = excluded.bytes then own_pictures.name else excluded.name end
     returning name`,
    [userId, name, bytes],
  );
  return rows[0]?.name ?? name;
};

export const deleteOwnPicture = async (db: Db, userId: string): Promise<void> => {
  await db.query('delete from own_pictures where user_id = $1', [userId]);
};
