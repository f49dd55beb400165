import type { Db } from './database.ts';
import { purgeInBatches } from './purge.ts';

/** Which stanza is which object. `out`: from the XMPP user to the Fediverse. */
export type MessagePair = {
  readonly userId: string;
  readonly actorId: string;
  readonly direction: 'out' | 'in';
  /** Undefined where the client gave its message no id. */
  readonly stanzaId: string | undefined;
  readonly objectId: string;
};

type Row = {
  user_id: string;
  actor_id: string;
  direction: MessagePair['direction'];
  stanza_id: string | null;
  object_id: string;
};
const COLUMNS = 'user_id, actor_id, direction, stanza_id, object_id';

const rowToPair = (row: Row): MessagePair => ({
  userId: row.user_id,
  actorId: row.actor_id,
  direction: row.direction,
  stanzaId: row.stanza_id ?? undefined,
  objectId: row.object_id,
});

/** Keeps the pair of ids of an object that only one can have made; false when it is kept already. */
export const rememberPair = async (db: Db, pair: MessagePair): Promise<boolean> => {
  const { rowCount } = await db.query(
    `insert into messages (${COLUMNS}) values ($1, $2, $3, $4, $5) on conflict (object_id, user_id) do nothing`,
    [pair.userId, pair.actorId, pair.direction, pair.stanzaId, pair.objectId],
  );
  return rowCount === 1;
};

/** What a user knows an object as in the chat with this actor: others may have used the same id. */
export const findByObject = async (
  db: Db,
  key: { readonly objectId: string; readonly userId: string; readonly actorId: string },
): Promise<MessagePair | undefined> => {
  const { rows } = await db.query<Row>(
    `select ${COLUMNS} from messages where object_id = $1 and user_id = $2 and actor_id = $3`,
    [key.objectId, key.userId, key.actorId],
  );
  return rows[0] && rowToPair(rows[0]);
};

/** The newest object behind a stanza id in a chat: clients count from 1 again after a restart. */
export const findByStanza = async (
  db: Db,
  key: { readonly userId: string; readonly actorId: string; readonly stanzaId: string },
): Promise<MessagePair | undefined> => {
  const { rows } = await db.query<Row>(
    `select ${COLUMNS} from messages where user_id = $1 and actor_id = $2 and stanza_id = $3
     order by id desc limit 1`,
    [key.userId, key.actorId, key.stanzaId],
  );
  return rows[0] && rowToPair(rows[0]);
};

/** Forgets pairs made before then; returns how many. */
export const purgeMessages = (db: Db, before: Date): Promise<number> =>
  purgeInBatches(
    db,
    `delete from messages where id = any (array(select id from messages where created_at < $1 limit $2))`,
    before,
  );
