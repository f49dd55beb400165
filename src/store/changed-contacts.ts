import type { Db } from './database.ts';

/**
 * Notes that subscribers of an actor are to see it anew; nothing where it has none. A repeat changes nothing but holds
 * the row until it is committed: whoever took it before would show the actor as it was, and nothing would be left.
 */
export const saveChangedContact = async (db: Db, actorId: string): Promise<void> => {
  await db.query(
    `insert into changed_contacts (actor_id)
     select id from remote_actors where id = $1 and exists (
       select from follows where actor_id = $1 and direction = 'out' and state = 'accepted')
     on conflict (actor_id) do update set changed_at = changed_contacts.changed_at`,
    [actorId],
  );
};

/** Takes the one that waits longest off the list. */
export const takeChangedContact = async (db: Db): Promise<string | undefined> => {
  const { rows } = await db.query<{ actor_id: string }>(
    `delete from changed_contacts where actor_id = (
       select actor_id from changed_contacts order by changed_at limit 1 for update skip locked)
     returning actor_id`,
  );
  return rows[0]?.actor_id;
};
