import type { Photo } from '../bridge/stanza.ts';
import type { Db } from './database.ts';
import { storableText } from './plain.ts';
import { purgeInBatches } from './purge.ts';

/** What is known of the picture at a URL; without bytes: there was none that could be shown. */
export type StoredPicture = {
  readonly sha1: string | undefined;
  readonly bytes: Buffer | undefined;
  readonly fetchedAt: Date;
};

/** The longest URL of a picture that is kept, in characters. */
export const MAX_PICTURE_URL = 1024;

type Row = { sha1: string | null; bytes: Buffer | null; fetched_at: Date };

export const findPicture = async (db: Db, url: string): Promise<StoredPicture | undefined> => {
  const { rows } = await db.query<Row>('select sha1, bytes, fetched_at from pictures where url = $1', [url]);
  const row = rows[0];
  return row && { sha1: row.sha1 ?? undefined, bytes: row.bytes ?? undefined, fetchedAt: row.fetched_at };
};

/** What a presence says of the picture at a URL, as far as one is known. */
export const findPhoto = async (db: Db, url: string | undefined): Promise<Photo | undefined> => {
  if (url === undefined) return undefined;
  const { rows } = await db.query<{ sha1: string | null; size: number | null }>(
    'select sha1, length(bytes) as size from pictures where url = $1',
    [url],
  );
  const { sha1, size } = rows[0] ?? {};
  return typeof sha1 === 'string' && typeof size === 'number' ? { sha1, size } : undefined;
};

/** It could not be looked at again for now: it stays, and counts as fetched then. */
export const keepPicture = async (db: Db, url: string, fetchedAt: Date): Promise<void> => {
  await db.query('update pictures set fetched_at = $2 where url = $1', [url, fetchedAt]);
};

/** Another picture may lie there now: what was fetched before then is stale. */
export const expirePicture = async (db: Db, url: string, before: Date): Promise<void> => {
  await db.query(`update pictures set fetched_at = 'epoch' where url = $1 and fetched_at < $2`, [
    url,
    before,
  ]);
};

/** Keeps what was found at a URL; undefined for no picture. True where the picture is another than before. */
export const savePicture = async (
  db: Db,
  url: string,
  picture: { readonly sha1: string; readonly bytes: Buffer } | undefined,
): Promise<boolean> => {
  const { rows } = await db.query<{ before: string | null }>(
    `with before as (select sha1 from pictures where url = $1)
     insert into pictures (url, sha1, bytes) values ($1, $2, $3)
     on conflict (url) do update set sha1 = excluded.sha1, bytes = excluded.bytes, fetched_at = now()
     returning (select sha1 from before) as before`,
    [storableText(url), picture?.sha1 ?? null, picture?.bytes ?? null],
  );
  return (rows[0]?.before ?? undefined) !== picture?.sha1;
};

/** Forgets pictures that were fetched before then, a batch at a time; how many. */
export const purgePictures = (db: Db, before: Date): Promise<number> =>
  purgeInBatches(
    db,
    `delete from pictures where url = any (array(
       select url from pictures where fetched_at < $1 limit $2))`,
    before,
  );

/** Forgets the oldest pictures beyond so many; how many. */
export const trimPictures = async (db: Db, most: number): Promise<number> => {
  const { rowCount } = await db.query(
    `delete from pictures where url = any (array(
       select url from pictures order by fetched_at desc offset $1 limit 10000))`,
    [most],
  );
  return rowCount;
};
