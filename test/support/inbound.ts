import type { Note } from '../../src/bridge/activity.ts';
import type { RemoteActor } from '../../src/bridge/actor.ts';
import type { OutgoingStanza } from '../../src/bridge/stanza.ts';
import { askUsers } from '../../src/gateway/follow-requests.ts';
import type { GatewayPorts } from '../../src/gateway/ports.ts';
import { saveHandle } from '../../src/store/handles.ts';
import { saveActor } from '../../src/store/remote-actors.ts';
import { insertUser } from '../../src/store/users.ts';
import type { TestDatabase } from './database.ts';
import { createTestGateway, GATEWAY, noteOf, remoteActor, type TestGateway, urls } from './gateway.ts';

export type TestPorts = GatewayPorts & Pick<TestGateway, 'meet'>;

/** The ports of the gateway over a real database, at the time that `now` gives. */
export const testPorts = ({ db }: TestDatabase, { now = () => new Date() } = {}): TestPorts => {
  const { ports, meet } = createTestGateway(db, { now });
  return { ...ports, meet };
};

/** A registered user `<name>@xmpp.example`, under the id `<name>`. */
export const addUser = async ({ db }: TestDatabase, name: string): Promise<void> => {
  await insertUser(db, { id: name, jid: `${name}@xmpp.example`, name });
};

/** A person of s.example, known already. */
export const addActor = async (
  { db }: TestDatabase,
  { meet }: TestPorts,
  name: string,
): Promise<RemoteActor> => {
  const actor = meet(remoteActor(name, 's.example'));
  await saveActor(db, actor);
  await saveHandle(db, actor.handle, actor.id);
  return actor;
};

/** A direct note to one user, a minute old. */
export const noteTo = (user: string, author: RemoteActor, number: number, fields: Partial<Note> = {}): Note =>
  noteOf(author, number, [urls.actor(user)], {
    content: '<p>hello</p>',
    published: new Date(Date.now() - 60_000).toISOString(),
    ...fields,
  });

/** What a person with a client sees in the end: each stanza in the order in which it was put in. */
export const whatIsSeen = (stanzas: readonly OutgoingStanza[]) => {
  const texts = new Map<string, string>();
  const presence = new Set<string>();
  const ids: string[] = [];
  for (const stanza of stanzas) {
    // A client drops a stanza that it has had (product promise 2).
    if (stanza.id !== undefined && ids.includes(stanza.id)) continue;
    if (stanza.id !== undefined) ids.push(stanza.id);
    if (stanza.kind === 'presence') seePresence(presence, stanza.type);
    if (stanza.kind !== 'message') continue;
    if (stanza.retracts !== undefined) texts.delete(stanza.retracts);
    else texts.set(stanza.replaces ?? stanza.id, stanza.body);
  }
  return {
    texts: Object.fromEntries([...texts].sort(([a], [b]) => (a < b ? -1 : 1))),
    presence: [...presence].sort(),
    /** Stanzas of the same id: none is to be made twice. */
    repeats: stanzas.length - new Set(stanzas.map((stanza, n) => stanza.id ?? n)).size,
  };
};

const seePresence = (presence: Set<string>, type: string): void => {
  if (type === 'subscribe') presence.add('wants to follow');
  if (type === 'unsubscribe') presence.delete('wants to follow');
  if (type === 'subscribed') presence.add('is followed');
  if (type === 'unsubscribed') presence.delete('is followed');
};

/** The stanzas to a user so far, taken or not, oldest first. */
export const stanzasTo = async ({ db }: TestDatabase, user: string): Promise<readonly OutgoingStanza[]> => {
  await askUsers({ db, domain: GATEWAY }, 1_000);
  const { rows } = await db.query<{ stanza: OutgoingStanza }>(
    `select stanza from stanzas where recipient = $1 and stanza is not null order by id`,
    [`${user}@xmpp.example`],
  );
  return rows.map(({ stanza }) => stanza);
};
