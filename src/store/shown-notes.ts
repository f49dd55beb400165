import type { Db } from './database.ts';
import { purgeInBatches } from './purge.ts';

/** What an XMPP user was shown of a note from the Fediverse. */
export type ShownNote = {
  readonly userId: string;
  /** The author, and so the only one who may change it. */
  readonly actorId: string;
  readonly objectId: string;
  /** The id of the first stanza of it. */
  readonly stanzaId: string;
  /** 0 stands for the text, 1 and on for the files: each was a stanza. */
  readonly parts: readonly number[];
  /** Its own time of publication; undefined where it names none. */
  readonly publishedAt: Date | undefined;
  /** Its own `updated`; undefined for a first version. */
  readonly versionAt: Date | undefined;
  /** A hash of the text; undefined once the time for bodies is over. */
  readonly textDigest: Buffer | undefined;
};

/** `reaction`: a line about a message, and no message of the conversation. */
export type NewlyShown = ShownNote & { readonly reaction?: boolean };

type Row = {
  user_id: string;
  actor_id: string;
  object_id: string;
  stanza_id: string;
  parts: number[];
  published_at: Date | null;
  version_at: Date | null;
  text_digest: Buffer | null;
};
const COLUMNS = 'user_id, actor_id, object_id, stanza_id, parts, published_at, version_at, text_digest';

const rowToShown = (row: Row): ShownNote => ({
  userId: row.user_id,
  actorId: row.actor_id,
  objectId: row.object_id,
  stanzaId: row.stanza_id,
  parts: row.parts,
  publishedAt: row.published_at ?? undefined,
  versionAt: row.version_at ?? undefined,
  textDigest: row.text_digest ?? undefined,
});

const insertShown = (table: string, key: string): string =>
  `insert into ${table} (direction, ${COLUMNS}, reaction) select 'in', $1, $2, $3, $4, $5, $6, $7, $8, $9
   where not exists (select from tombstones where object_id = $3 and actor_id = $2)
     and not exists (select from messages where object_id = $3 and user_id = $1 and actor_id = $2)
   on conflict (${key}) do nothing`;

/** The second is for an id that another actor used before: whose it is cannot be known, so each has their own. */
const INSERTS: readonly string[] = [
  insertShown('messages', 'object_id, user_id'),
  insertShown('contested_messages', 'object_id, user_id, actor_id'),
];

/**
 * Keeps what a user is about to be shown. False when there is nothing to show: the user has had this object of
 * this author before, or its author has deleted it. What others showed under the same id does not count (FEP-fe34:
 * the owner, not the host). Call it under `lockObject`.
 */
export const rememberShown = async (tx: Db, shown: NewlyShown): Promise<boolean> => {
  const values = [
    shown.userId,
    shown.actorId,
    shown.objectId,
    shown.stanzaId,
    shown.parts,
    shown.publishedAt,
    shown.versionAt,
    shown.textDigest,
    shown.reaction ?? false,
  ];
  for (const insert of INSERTS) if ((await tx.query(insert, values)).rowCount === 1) return true;
  return false;
};

/** The users who have an object from this actor, or wrote it to this actor; deleted ones too. */
export const findHolders = async (
  db: Db,
  { objectId, actorId }: { readonly objectId: string; readonly actorId: string },
): Promise<readonly string[]> => {
  const { rows } = await db.query<{ user_id: string }>(
    'select user_id from messages where object_id = $1 and actor_id = $2 order by user_id',
    [objectId, actorId],
  );
  return rows.map((row) => row.user_id);
};

/** Whether another actor's object is known by this id. */
export const isUsedByOther = async (
  db: Db,
  { objectId, actorId }: { readonly objectId: string; readonly actorId: string },
): Promise<boolean> => {
  const { rows } = await db.query('select from messages where object_id = $1 and actor_id <> $2 limit 1', [
    objectId,
    actorId,
  ]);
  return rows.length > 0;
};

/** What one user was shown of an object of this author; undefined once it was deleted. Call it under `lockObject`. */
export const findShown = async (
  tx: Db,
  key: { readonly objectId: string; readonly userId: string; readonly actorId: string },
): Promise<ShownNote | undefined> => {
  const { rows } = await tx.query<Row>(
    `select ${COLUMNS} from messages where object_id = $1 and user_id = $2 and actor_id = $3
       and direction = 'in' and stanza_id is not null and deleted_at is null`,
    [key.objectId, key.userId, key.actorId],
  );
  return rows[0] && rowToShown(rows[0]);
};

/** Writes which version a user has now. */
export const updateShown = async (tx: Db, shown: ShownNote): Promise<void> => {
  await tx.query(
    `update messages set parts = $3, version_at = $4, text_digest = $5, stanza_id = $6
     where object_id = $1 and user_id = $2 and actor_id = $7 and direction = 'in'`,
    [
      shown.objectId,
      shown.userId,
      shown.parts,
      shown.versionAt,
      shown.textDigest,
      shown.stanzaId,
      shown.actorId,
    ],
  );
};

/** Marks an object of this author as deleted and returns to whom it was shown; each is returned once only. */
export const markDeleted = async (
  tx: Db,
  { objectId, actorId }: { readonly objectId: string; readonly actorId: string },
): Promise<readonly ShownNote[]> => {
  const { rows } = await tx.query<Row>(
    `update messages set deleted_at = now(), text_digest = null
     where object_id = $1 and actor_id = $2 and direction = 'in' and stanza_id is not null and deleted_at is null
     returning ${COLUMNS}`,
    [objectId, actorId],
  );
  return rows.map(rowToShown);
};

/** Forgets the hashes of texts shown before then: they go when bodies go. Returns how many. */
export const purgeTextDigests = (db: Db, before: Date): Promise<number> =>
  purgeInBatches(
    db,
    `update messages set text_digest = null where id = any (array(
       select id from messages where text_digest is not null and created_at < $1 limit $2))`,
    before,
  );
