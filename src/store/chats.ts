import type { Db } from './database.ts';

/** Where the thread between an XMPP user and a correspondent stands. */
export type Chat = {
  readonly userId: string;
  readonly actorId: string;
  readonly startedBy: 'user' | 'actor';
  /** What the next message answers; undefined before the first. */
  readonly newestObjectId: string | undefined;
  readonly context: string;
  readonly conversation: string;
};

type ChatKey = { readonly userId: string; readonly actorId: string };

type Row = {
  user_id: string;
  actor_id: string;
  started_by: Chat['startedBy'];
  newest_object_id: string | null;
  context: string;
  conversation: string;
};
const COLUMNS = 'user_id, actor_id, started_by, newest_object_id, context, conversation';

const rowToChat = (row: Row): Chat => ({
  userId: row.user_id,
  actorId: row.actor_id,
  startedBy: row.started_by,
  newestObjectId: row.newest_object_id ?? undefined,
  context: row.context,
  conversation: row.conversation,
});

export const findChat = async (db: Db, key: ChatKey): Promise<Chat | undefined> => {
  const { rows } = await db.query<Row>(`select ${COLUMNS} from chats where user_id = $1 and actor_id = $2`, [
    key.userId,
    key.actorId,
  ]);
  return rows[0] && rowToChat(rows[0]);
};

/**
 * The chat of the two, made from the values given where there is none. `opened` is true for the one caller
 * that made it. The row stays locked to the end of the transaction: two messages at once form one thread.
 */
export const openChat = async (
  db: Db,
  chat: ChatKey & Pick<Chat, 'startedBy' | 'context' | 'conversation'>,
): Promise<{ readonly chat: Chat; readonly opened: boolean }> => {
  // An update that changes nothing returns, and locks, the row that is there. xmax is 0 in a row just made.
  const { rows } = await db.query<Row & { opened: boolean }>(
    `insert into chats (user_id, actor_id, started_by, context, conversation) values ($1, $2, $3, $4, $5)
     on conflict (user_id, actor_id) do update set user_id = excluded.user_id
     returning ${COLUMNS}, xmax = 0 as opened`,
    [chat.userId, chat.actorId, chat.startedBy, chat.context, chat.conversation],
  );
  const row = rows[0];
  if (row === undefined) throw new Error('the insert of a chat returned no row');
  return { chat: rowToChat(row), opened: row.opened };
};

/**
 * Moves the chat on to its newest object; a context or conversation left out stays as it is. An object that came
 * late, by the clock of its own author, leaves the chat where it is: `publishedAt` says when it was published.
 */
export const advanceChat = async (
  db: Db,
  step: ChatKey & {
    readonly newestObjectId: string;
    readonly context?: string | undefined;
    readonly conversation?: string | undefined;
    readonly publishedAt?: Date | undefined;
  },
): Promise<void> => {
  await db.query(
    `update chats set newest_object_id = $3, context = coalesce($4, context),
       conversation = coalesce($5, conversation), updated_at = now()
     where user_id = $1 and actor_id = $2 and not exists (
       select from messages where object_id = chats.newest_object_id and user_id = $1 and actor_id = $2
         and direction = 'in' and published_at > $6)`,
    [step.userId, step.actorId, step.newestObjectId, step.context, step.conversation, step.publishedAt],
  );
};

/** Leads a chat back to the newest object that is left, where its newest one is deleted. */
export const skipDeleted = async (db: Db, key: ChatKey & { readonly objectId: string }): Promise<void> => {
  await db.query(
    `update chats set newest_object_id = (
       select object_id from messages where user_id = $1 and actor_id = $2 and deleted_at is null and not reaction
       order by coalesce(published_at, created_at) desc, id desc limit 1)
     where user_id = $1 and actor_id = $2 and newest_object_id = $3`,
    [key.userId, key.actorId, key.objectId],
  );
};

/** How many chats a user has started since then, for the limit on first contacts. */
export const countFirstContacts = async (db: Db, userId: string, since: Date): Promise<number> => {
  const { rows } = await db.query<{ count: number }>(
    `select count(*) as count from chats where user_id = $1 and started_by = 'user' and created_at >= $2`,
    [userId, since],
  );
  return rows[0]?.count ?? 0;
};

/** Forgets the chats of a user who left. */
export const deleteChatsOfUser = async (db: Db, userId: string): Promise<void> => {
  await db.query('delete from chats where user_id = $1', [userId]);
};
