import type { RemoteActor, RemoteKey } from '../bridge/actor.ts';
import type { Db } from './database.ts';
import { storableJson, storableText } from './plain.ts';
import { purgeInBatches } from './purge.ts';

/** What lies in `profile`: JSON keeps no undefined, and rows of an older version may lack a member. */
type Profile = Partial<Omit<RemoteActor, 'id' | 'handle' | 'keys'>> &
  Pick<RemoteActor, 'type' | 'preferredUsername' | 'inbox'>;

type Row = {
  id: string;
  handle_user: string;
  handle_host: string;
  profile: Profile;
  fetched_at: Date;
  gone_at: Date | null;
  keys: { id: string; pem: string }[];
};

const rowToActor = (row: Row): RemoteActor => ({
  id: row.id,
  handle: { user: row.handle_user, host: row.handle_host },
  type: row.profile.type,
  preferredUsername: row.profile.preferredUsername,
  inbox: row.profile.inbox,
  name: row.profile.name,
  summary: row.profile.summary,
  url: row.profile.url,
  sharedInbox: row.profile.sharedInbox,
  followers: row.profile.followers,
  icon: row.profile.icon,
  manuallyApprovesFollowers: row.profile.manuallyApprovesFollowers ?? false,
  acceptsChatMessages: row.profile.acceptsChatMessages ?? false,
  bridgeable: row.profile.bridgeable,
  movedTo: row.profile.movedTo,
  ...(row.profile.fields === undefined ? {} : { fields: row.profile.fields }),
  keys: row.keys.map(({ id, pem }) => ({ id, owner: row.id, pem })),
});

/**
 * Stores what was fetched of an actor. A key id stays with its first owner: one that another actor owns is
 * passed over. Keys that the actor lists no more verify nothing from now on.
 */
export const saveActor = async (db: Db, actor: RemoteActor): Promise<void> => {
  // What it also calls itself counts only in the moment of a Move, freshly asked.
  const { id, handle, keys, alsoKnownAs: _, ...profile } = actor;
  const own = keys.filter((key) => key.owner === id);
  // One statement, so that it is whole without a transaction too. Its parts see the same snapshot, and
  // foreign keys are checked at its end.
  await db.query(
    `with actor as (
       insert into remote_actors (id, handle_user, handle_host, profile) values ($1, $2, $3, $4)
       on conflict (id) do update set handle_user = excluded.handle_user, handle_host = excluded.handle_host,
         profile = excluded.profile, fetched_at = now(), gone_at = null
     ), withdrawn as (
       update remote_keys set pem = null where owner = $1 and id <> all ($5::text[])
     )
     insert into remote_keys (id, owner, pem)
     select distinct on (key_id) key_id, $1, pem from unnest($5::text[], $6::text[]) as listed (key_id, pem)
     order by key_id
     on conflict (id) do update set pem = excluded.pem, fetched_at = now()
       where remote_keys.owner = excluded.owner`,
    [
      id,
      handle.user,
      handle.host,
      storableJson(profile),
      own.map((key) => storableText(key.id)),
      own.map((key) => storableText(key.pem)),
    ],
  );
};

export type FoundActor = {
  readonly actor: RemoteActor;
  readonly fetchedAt: Date;
  /** When its server said that it is no more. */
  readonly goneAt: Date | undefined;
};

/** What is stored of the actor with this URI, its keys included. */
export const findActor = async (db: Db, id: string): Promise<FoundActor | undefined> => {
  const { rows } = await db.query<Row>(
    `select id, handle_user, handle_host, profile, fetched_at, gone_at, coalesce(
       (select jsonb_agg(jsonb_build_object('id', k.id, 'pem', k.pem) order by k.id)
        from remote_keys k where k.owner = a.id and k.pem is not null), '[]') as keys
     from remote_actors a where id = $1`,
    [id],
  );
  const row = rows[0];
  return row && { actor: rowToActor(row), fetchedAt: row.fetched_at, goneAt: row.gone_at ?? undefined };
};

/** Notes that an actor was deleted. What is known of it stays, so that its Delete can be verified. */
export const markActorGone = async (db: Db, id: string): Promise<void> => {
  await db.query('update remote_actors set gone_at = coalesce(gone_at, now()) where id = $1', [id]);
};

/** Notes that an actor moved; false where it did so after `since` already, to somewhere else. */
export const markActorMoved = async (
  db: Db,
  { id, movedTo, since }: { readonly id: string; readonly movedTo: string; readonly since: Date },
): Promise<boolean> => {
  const { rowCount } = await db.query(
    `update remote_actors set moved_at = now(), profile = profile || jsonb_build_object('movedTo', $2::text)
     where id = $1 and (moved_at is null or moved_at < $3 or profile ->> 'movedTo' = $2)`,
    [id, movedTo, since],
  );
  return rowCount === 1;
};

/** Notes that an actor blocks everybody of this gateway, or does so no more. */
export const setBlocksGateway = async (db: Db, id: string, blocks: boolean): Promise<void> => {
  await db.query(
    `update remote_actors set blocks_gateway_at = case when $2 then coalesce(blocks_gateway_at, now()) end
     where id = $1`,
    [id, blocks],
  );
};

/**
 * The key of this id, while its owner lists it. The id of an actor names the one key under its document's own URL, where
 * it has one and no more (see `activitypub/keys.ts`).
 */
export const findKey = async (
  db: Db,
  keyId: string,
): Promise<(RemoteKey & { readonly fetchedAt: Date }) | undefined> => {
  const { rows } = await db.query<{ id: string; owner: string; pem: string; fetched_at: Date }>(
    `select id, owner, pem, fetched_at from remote_keys
     where pem is not null and (id = $1 or owner = $1 and starts_with(id, $1 || '#'))
     order by id = $1 desc limit 2`,
    [keyId],
  );
  const [row, ...more] = rows;
  if (row === undefined || (row.id !== keyId && more.length > 0)) return undefined;
  return { id: row.id, owner: row.owner, pem: row.pem, fetchedAt: row.fetched_at };
};

/**
 * Forgets actors that nobody here has to do with, no chat, follow or block, and that were fetched before then, with
 * their keys and handles: strangers can make us fetch as many as they like. Returns how many.
 */
export const purgeStrangers = (db: Db, before: Date): Promise<number> =>
  purgeInBatches(
    db,
    `delete from remote_actors where id = any (array(
       select id from remote_actors stranger where fetched_at < $1
         and not exists (select from chats where actor_id = stranger.id)
         and not exists (select from follows where actor_id = stranger.id)
         and not exists (select from blocks where actor_id = stranger.id)
       limit $2))`,
    before,
  );
