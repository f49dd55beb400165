import type { Db } from './database.ts';
import { purgeInBatches } from './purge.ts';

/** A stanza that comes again after this is a new one: clients reuse ids. */
const SAME_STANZA_SECONDS = 600;

/**
 * Notes a stanza by the digest of its sender, recipient, id and payload. False when the same came within
 * the last ten minutes; of two at once, one gets true.
 */
export const rememberStanza = async (db: Db, digest: Buffer): Promise<boolean> => {
  const { rowCount } = await db.query(
    `insert into seen_stanzas (digest) values ($1) on conflict (digest) do update set seen_at = now()
     where seen_stanzas.seen_at < now() - make_interval(secs => $2)`,
    [digest, SAME_STANZA_SECONDS],
  );
  return rowCount === 1;
};

/** Forgets stanzas seen before then (ten minutes ago or longer); returns how many. */
export const purgeStanzaDigests = (db: Db, before: Date): Promise<number> =>
  purgeInBatches(
    db,
    `delete from seen_stanzas where digest = any (array(
       select digest from seen_stanzas where seen_at < $1 limit $2))`,
    before,
  );
