import type { Db } from './database.ts';
import { purgeInBatches } from './purge.ts';

/** draft-cavage-http-signatures-12 or RFC 9421. */
export type SignatureScheme = 'cavage' | 'rfc9421';

/** What the host understood, learnt since then; undefined for one that never made a difference. */
export const findScheme = async (db: Db, host: string, since: Date): Promise<SignatureScheme | undefined> => {
  const { rows } = await db.query<{ scheme: SignatureScheme }>(
    'select scheme from host_schemes where host = $1 and learnt_at >= $2',
    [host, since],
  );
  return rows[0]?.scheme;
};

/** The host understood this after it had refused something else. */
export const rememberScheme = async (db: Db, host: string, scheme: SignatureScheme): Promise<void> => {
  await db.query(
    `insert into host_schemes (host, scheme) values ($1, $2)
     on conflict (host) do update set scheme = excluded.scheme, learnt_at = now()`,
    [host, scheme],
  );
};

/** Forgets what was learnt before then; returns how many. */
export const purgeSchemes = (db: Db, before: Date): Promise<number> =>
  purgeInBatches(
    db,
    'delete from host_schemes where host = any (array(select host from host_schemes where learnt_at < $1 limit $2))',
    before,
  );
