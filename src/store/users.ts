import type { LocalActor } from '../bridge/actor.ts';
import type { OwnProfile } from '../bridge/own-profile.ts';
import type { Db } from './database.ts';

type Row = {
  id: string;
  jid: string;
  name: string;
  display_name: string | null;
  bio: string | null;
  shows_jid: boolean;
  links: string[];
  picture: string | null;
  state: 'active' | 'left';
  created_at: Date;
};
const COLUMNS = 'id, jid, name, display_name, bio, shows_jid, links, picture, state, created_at';

const rowToActor = (row: Row): LocalActor => ({
  id: row.id,
  jid: row.jid,
  name: row.name,
  displayName: row.display_name ?? undefined,
  ...(row.bio === null ? {} : { bio: row.bio }),
  ...(row.shows_jid ? { showsJid: true } : {}),
  ...(row.links.length === 0 ? {} : { links: row.links }),
  ...(row.picture === null ? {} : { picture: row.picture }),
  state: row.state,
  createdAt: row.created_at.toISOString(),
});

const findOne = async (db: Db, rest: string, value: string): Promise<LocalActor | undefined> => {
  const { rows } = await db.query<Row>(`select ${COLUMNS} from users where ${rest}`, [value]);
  return rows[0] && rowToActor(rows[0]);
};

/** The user of a bare JID, while registered. */
export const findUserByJid = (db: Db, jid: string): Promise<LocalActor | undefined> =>
  findOne(db, `jid = $1 and state = 'active'`, jid);

/** The user of an id, also one who left: the URLs of those answer 410. */
export const findUserById = (db: Db, id: string): Promise<LocalActor | undefined> =>
  findOne(db, 'id = $1', id);

/** The same, whom nobody else changes before this transaction ends. */
export const lockUser = (tx: Db, id: string): Promise<LocalActor | undefined> =>
  findOne(tx, 'id = $1 for update', id);

/** Those of the ids whose users are registered, in one question. */
export const findActiveUsers = async (db: Db, ids: readonly string[]): Promise<readonly LocalActor[]> => {
  if (ids.length === 0) return [];
  const { rows } = await db.query<Row>(
    `select ${COLUMNS} from users where id = any ($1) and state = 'active' order by id`,
    [ids],
  );
  return rows.map(rowToActor);
};

/** Whose a name is now; else whose it was last. */
export const findUserByName = (db: Db, name: string): Promise<LocalActor | undefined> =>
  findOne(db, `name = $1 order by state = 'active' desc, left_at desc limit 1`, name);

/** Who had this bare JID last and left, under one of these names (by which the index finds them). */
export const findWhoLeft = async (
  db: Db,
  jid: string,
  names: readonly string[],
): Promise<LocalActor | undefined> => {
  const { rows } = await db.query<Row>(
    `select ${COLUMNS} from users where name = any ($2) and jid = $1 and state = 'left'
     order by left_at desc limit 1`,
    [jid, names],
  );
  return rows[0] && rowToActor(rows[0]);
};

export type InsertedUser = 'inserted' | 'jid-taken' | 'name-taken';

/** Registers a user. Never fails on a conflict, so it does not spoil the transaction that it is part of. */
export const insertUser = async (
  db: Db,
  user: { readonly id: string; readonly jid: string; readonly name: string },
): Promise<InsertedUser> => {
  const { rowCount } = await db.query(
    'insert into users (id, jid, name) values ($1, $2, $3) on conflict do nothing',
    [user.id, user.jid, user.name],
  );
  if (rowCount === 1) return 'inserted';
  return (await findUserByJid(db, user.jid)) === undefined ? 'name-taken' : 'jid-taken';
};

/** Ends a registration; true when there was one. The row stays, the JID and the name are free again. */
export const markUserLeft = async (db: Db, id: string): Promise<boolean> => {
  const { rowCount } = await db.query(
    `update users set state = 'left', left_at = now(), display_name = null, bio = null,
       shows_jid = false, links = '{}', picture = null
     where id = $1 and state = 'active'`,
    [id],
  );
  return rowCount === 1;
};

/** Whether a user left within so many seconds, and the news of it is still on its way to somebody. */
export const isFarewellDue = async (db: Db, id: string, seconds: number): Promise<boolean> => {
  const { rowCount } = await db.query(
    `select from users where id = $1 and state = 'left' and left_at > now() - make_interval(secs => $2)
       and exists (select from deliveries where sender = $1 and state = 'due')`,
    [id, seconds],
  );
  return rowCount === 1;
};

/** What a registered user shows of themselves from now on. */
export const saveOwnProfile = async (db: Db, id: string, profile: OwnProfile): Promise<void> => {
  await db.query(
    `update users set display_name = $2, bio = $3, shows_jid = $4, picture = $5, links = $6
     where id = $1 and state = 'active'`,
    [
      id,
      profile.displayName ?? null,
      profile.bio ?? null,
      profile.showsJid,
      profile.picture ?? null,
      [...profile.links],
    ],
  );
};

export type UserCounts = {
  readonly total: number;
  /** Wrote or were written to within 30 days. */
  readonly activeMonth: number;
  /** … within 180 days. */
  readonly activeHalfyear: number;
};

/** Registered users, as NodeInfo counts them. Reads all chats: ask at most every few minutes. */
export const countUsers = async (db: Db): Promise<UserCounts> => {
  const { rows } = await db.query<{ total: number; month: number; halfyear: number }>(
    `select count(*) as total,
       count(*) filter (where latest > now() - interval '30 days') as month,
       count(*) filter (where latest > now() - interval '180 days') as halfyear
     from users
     left join (select user_id, max(updated_at) as latest from chats group by user_id) activity on user_id = id
     where state = 'active'`,
  );
  const row = rows[0];
  return { total: row?.total ?? 0, activeMonth: row?.month ?? 0, activeHalfyear: row?.halfyear ?? 0 };
};
