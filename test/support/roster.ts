import { saveFollow } from '../../src/store/follows.ts';
import { saveHandle } from '../../src/store/handles.ts';
import { saveActor } from '../../src/store/remote-actors.ts';
import { insertUser } from '../../src/store/users.ts';
import type { TestDatabase } from './database.ts';
import { remoteActor } from './gateway.ts';

/** A registered user under the id that is its name. */
export const addRosterUser = async ({ db }: TestDatabase, jid: string): Promise<string> => {
  const name = jid.split('@', 1)[0] ?? '';
  await insertUser(db, { id: name, jid, name });
  return name;
};

/** A person of social.example whom the user follows, and who has accepted it. */
export const addContact = async (
  { db }: TestDatabase,
  userId: string,
  name: string,
  state: 'accepted' | 'pending' = 'accepted',
): Promise<string> => {
  const actor = remoteActor(name, 'social.example', { name: `The ${name}` });
  await saveActor(db, actor);
  await saveHandle(db, actor.handle, actor.id);
  await saveFollow(db, { userId, actorId: actor.id, direction: 'out', state, followId: `${actor.id}/f` });
  return actor.id;
};

/** Many of them at once: `c0`, `c1`, … */
export const addContacts = async ({ db }: TestDatabase, userId: string, count: number): Promise<void> => {
  await db.query(
    `insert into remote_actors (id, handle_user, handle_host, profile)
     select 'https://social.example/users/c' || n, 'c' || n, 'social.example', jsonb_build_object(
       'type', 'Person', 'preferredUsername', 'c' || n, 'inbox', 'https://social.example/inbox')
     from generate_series(0, $1::int - 1) n on conflict do nothing`,
    [count],
  );
  await db.query(
    `insert into follows (user_id, actor_id, direction, state, follow_id)
     select $2, 'https://social.example/users/c' || n, 'out', 'accepted', 'f' || n
     from generate_series(0, $1::int - 1) n`,
    [count, userId],
  );
};
