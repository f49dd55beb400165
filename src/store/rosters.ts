import type { RemoteActor } from '../bridge/actor.ts';
import type { Photo } from '../bridge/stanza.ts';
import type { Db } from './database.ts';

/** A user who is subscribed to a contact, with all that a presence says of it. */
export type RosterItem = {
  /** Bare. */
  readonly userJid: string;
  readonly actor: Pick<RemoteActor, 'id' | 'handle' | 'name' | 'summary' | 'icon'>;
  /** The actor's picture, where one is kept. */
  readonly photo: Photo | undefined;
};

/** Where a page ended, in the order of the follows' primary key. */
export type RosterPlace = { readonly userId: string; readonly actorId: string };

export type RosterPage = {
  /** At most `limit`; fewer, also none, where some users left or actors are gone. */
  readonly items: readonly RosterItem[];
  /** Undefined behind the last page. */
  readonly end: RosterPlace | undefined;
};

type Row = {
  user_id: string;
  actor_id: string;
  jid: string | null;
  handle_user: string | null;
  handle_host: string | null;
  name: string | null;
  summary: string | null;
  icon: string | null;
  sha1: string | null;
  size: number | null;
};

/** The page is cut before anything is joined, so that it costs the same however long the table is. */
const select = (where: string): string =>
  `select page.user_id, page.actor_id, jid, handle_user, handle_host,
     profile ->> 'name' as name, profile ->> 'summary' as summary, profile ->> 'icon' as icon, pictures.sha1,
     length(pictures.bytes) as size
   from (
     select user_id, actor_id from follows
     where direction = 'out' and state = 'accepted' and ${where}
     order by user_id, actor_id limit $3
   ) page
   left join users on users.id = page.user_id and users.state = 'active'
   left join remote_actors actors on actors.id = page.actor_id and actors.gone_at is null
   left join pictures on pictures.url = profile ->> 'icon'
   order by page.user_id, page.actor_id`;

const START: RosterPlace = { userId: '', actorId: '' };

/** Accepted subscriptions of all users, behind a place. */
export const pageRosters = async (
  db: Db,
  { after = START, limit }: { readonly after: RosterPlace | undefined; readonly limit: number },
): Promise<RosterPage> => {
  const { rows } = await db.query<Row>(select('(user_id, actor_id) > ($1, $2)'), [
    after.userId,
    after.actorId,
    limit,
  ]);
  return rowsToPage(rows, limit);
};

/** Accepted subscriptions to one actor, behind a place. */
export const pageSubscribers = async (
  db: Db,
  {
    actorId,
    after = START,
    limit,
  }: { readonly actorId: string; readonly after: RosterPlace | undefined; readonly limit: number },
): Promise<RosterPage> => {
  const { rows } = await db.query<Row>(select('actor_id = $2 and user_id > $1'), [
    after.userId,
    actorId,
    limit,
  ]);
  return rowsToPage(rows, limit);
};

const rowsToPage = (rows: readonly Row[], limit: number): RosterPage => {
  const last = rows.length < limit ? undefined : rows.at(-1);
  return {
    items: rows.flatMap(rowToItem),
    end: last && { userId: last.user_id, actorId: last.actor_id },
  };
};

const rowToItem = ({
  jid,
  actor_id: id,
  handle_user: user,
  handle_host: host,
  sha1,
  size,
  ...profile
}: Row): readonly RosterItem[] => {
  if (jid === null || user === null || host === null) return [];
  const { name, summary, icon } = profile;
  const actor = {
    id,
    handle: { user, host },
    name: name ?? undefined,
    summary: summary ?? undefined,
    icon: icon ?? undefined,
  };
  return [{ userJid: jid, actor, photo: sha1 === null || size === null ? undefined : { sha1, size } }];
};
