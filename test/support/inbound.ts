import type { Note } from '../../src/bridge/activity.ts';
import type { RemoteActor } from '../../src/bridge/actor.ts';
import { done, refuse } from '../../src/bridge/outcome.ts';
import type { OutgoingStanza } from '../../src/bridge/stanza.ts';
import { urlsOf } from '../../src/bridge/urls.ts';
import type { GatewayPorts } from '../../src/gateway/ports.ts';
import { saveHandle } from '../../src/store/handles.ts';
import { saveActor } from '../../src/store/remote-actors.ts';
import { insertUser } from '../../src/store/users.ts';
import type { TestDatabase } from './database.ts';

export const URLS = urlsOf('https://ap.example');
export const DOMAIN = 'ap.example';

/** The ports of the gateway over a real database. Nothing is fetched and nothing is sent: it lies in the tables. */
export const testPorts = (
  { db }: TestDatabase,
  { now = () => new Date(), people = new Map<string, RemoteActor>() } = {},
): GatewayPorts & { readonly people: Map<string, RemoteActor> } => {
  let count = 0;
  return {
    db,
    domain: DOMAIN,
    urls: URLS,
    now,
    newId: () => `id${++count}`,
    resolveHandle: async ({ user, host }) => {
      const found = [...people.values()].find(({ handle }) => handle.user === user && handle.host === host);
      return found === undefined ? refuse('gone', { host }) : done(found);
    },
    fetchActor: async (uri) => {
      const found = people.get(uri);
      return found === undefined ? refuse('gone') : done(found);
    },
    renderActivity: (activity) => JSON.stringify(activity),
    toError: ({ reason }) => ({ type: 'cancel', condition: 'gone', text: reason, lang: 'en' }),
    wake: { deliveries: () => {}, stanzas: () => {} },
    takeKeyPair: () => Promise.reject(new Error('nobody registers here')),
    addKey: () => Promise.resolve(),
    rules: { homeDomains: ['xmpp.example'], allowedDomains: [], registration: 'open' },
    followOnSubscribe: true,
    firstContactsPerDay: 0,
    allowMessage: () => true,
    reach: () => Promise.resolve(),
    log: { info: () => {}, warn: () => {} },
    people,
  };
};

/** A registered user `<name>@xmpp.example`, under the id `<name>`. */
export const addUser = async ({ db }: TestDatabase, name: string): Promise<void> => {
  await insertUser(db, { id: name, jid: `${name}@xmpp.example`, name });
};

/** A person of another server, known already. */
export const addActor = async (
  { db }: TestDatabase,
  ports: { readonly people: Map<string, RemoteActor> },
  name: string,
): Promise<RemoteActor> => {
  const id = `https://s.example/users/${name}`;
  const actor: RemoteActor = {
    id,
    type: 'Person',
    preferredUsername: name,
    handle: { user: name, host: 's.example' },
    name: undefined,
    summary: undefined,
    url: undefined,
    inbox: `${id}/inbox`,
    sharedInbox: undefined,
    followers: `${id}/followers`,
    icon: undefined,
    manuallyApprovesFollowers: false,
    acceptsChatMessages: false,
    bridgeable: undefined,
    movedTo: undefined,
    keys: [],
  };
  ports.people.set(id, actor);
  await saveActor(db, actor);
  await saveHandle(db, actor.handle, id);
  return actor;
};

/** A direct note to one user. */
export const noteTo = (user: string, author: string, fields: Partial<Note> & { id: string }): Note => ({
  type: 'Note',
  attributedTo: author,
  to: [URLS.actor(user)],
  cc: [],
  content: '<p>hello</p>',
  language: undefined,
  summary: undefined,
  sensitive: false,
  name: undefined,
  url: undefined,
  inReplyTo: undefined,
  context: undefined,
  conversation: undefined,
  mentions: [],
  attachments: [],
  published: new Date(Date.now() - 60_000).toISOString(),
  updated: undefined,
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
  const { rows } = await db.query<{ stanza: OutgoingStanza }>(
    `select stanza from stanzas where recipient = $1 and stanza is not null order by id`,
    [`${user}@xmpp.example`],
  );
  return rows.map(({ stanza }) => stanza);
};
