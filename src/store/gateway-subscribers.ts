import type { Db } from './database.ts';

/** Notes that the roster of a bare JID holds the gateway itself; a repeat changes nothing. */
export const saveGatewaySubscriber = async (db: Db, jid: string): Promise<void> => {
  await db.query('insert into gateway_subscribers (jid) values ($1) on conflict do nothing', [jid]);
};

/** True when there was one. */
export const deleteGatewaySubscriber = async (db: Db, jid: string): Promise<boolean> => {
  const { rowCount } = await db.query('delete from gateway_subscribers where jid = $1', [jid]);
  return rowCount === 1;
};

/** Those behind `after` ('' for the beginning), in the order of their JIDs. */
export const pageGatewaySubscribers = async (
  db: Db,
  page: { readonly after: string; readonly limit: number },
): Promise<readonly string[]> => {
  const { rows } = await db.query<{ jid: string }>(
    'select jid from gateway_subscribers where jid > $1 order by jid limit $2',
    [page.after, page.limit],
  );
  return rows.map(({ jid }) => jid);
};
