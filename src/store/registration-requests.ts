import type { Db } from './database.ts';

/** So many requests wait at most; a server that makes accounts up cannot fill the table. */
const MAX_WAITING = 1_000;

/** Writes a request down. `known`: it waits already; `full`: too many wait. */
export const saveRegistrationRequest = async (db: Db, jid: string): Promise<'new' | 'known' | 'full'> => {
  const { rowCount } = await db.query(
    `insert into registration_requests (jid)
     select $1 where (select count(*) from registration_requests) < $2
     on conflict do nothing`,
    [jid, MAX_WAITING],
  );
  if (rowCount === 1) return 'new';
  return (await hasRegistrationRequest(db, jid)) ? 'known' : 'full';
};

export const hasRegistrationRequest = async (db: Db, jid: string): Promise<boolean> => {
  const { rows } = await db.query('select from registration_requests where jid = $1', [jid]);
  return rows.length > 0;
};

/** True where one waited. */
export const deleteRegistrationRequest = async (db: Db, jid: string): Promise<boolean> => {
  const { rowCount } = await db.query('delete from registration_requests where jid = $1', [jid]);
  return rowCount === 1;
};

/** The bare JIDs of those who wait, who asked first in front. */
export const listRegistrationRequests = async (db: Db, limit: number): Promise<readonly string[]> => {
  const { rows } = await db.query<{ jid: string }>(
    'select jid from registration_requests order by asked_at, jid limit $1',
    [limit],
  );
  return rows.map(({ jid }) => jid);
};
