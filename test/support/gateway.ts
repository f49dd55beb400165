import { createHash } from 'node:crypto';
import type { Activity, Note, OutgoingActivity } from '../../src/bridge/activity.ts';
import type { Handle, RemoteActor } from '../../src/bridge/actor.ts';
import { type Outcome, refuse } from '../../src/bridge/outcome.ts';
import { refusalText } from '../../src/bridge/sentences.ts';
import type { IncomingMessage, IncomingPresence, OutgoingStanza } from '../../src/bridge/stanza.ts';
import { urlsOf } from '../../src/bridge/urls.ts';
import { askUsers } from '../../src/gateway/follow-requests.ts';
import type { GatewayPorts } from '../../src/gateway/ports.ts';
import { replaceActorKey } from '../../src/store/actor-keys.ts';
import type { Database } from '../../src/store/database.ts';
import { claimDeliveries } from '../../src/store/delivery-claims.ts';
import { claimStanzas, takenStanzas } from '../../src/store/stanzas.ts';
import { refusalToError } from '../../src/xmpp/refusal-to-error.ts';

export const GATEWAY = 'ap.example';
export const ALICE = 'alice@xmpp.example';
export const urls = urlsOf(`https://${GATEWAY}`);

/** An actor of another server, as its document would be read. */
export const remoteActor = (
  user: string,
  host = 'social.example',
  more: Partial<RemoteActor> = {},
): RemoteActor => ({
  id: `https://${host}/users/${user}`,
  type: 'Person',
  preferredUsername: user,
  handle: { user, host },
  name: undefined,
  summary: undefined,
  url: undefined,
  inbox: `https://${host}/users/${user}/inbox`,
  sharedInbox: `https://${host}/inbox`,
  followers: `https://${host}/users/${user}/followers`,
  icon: undefined,
  manuallyApprovesFollowers: false,
  acceptsChatMessages: false,
  bridgeable: undefined,
  movedTo: undefined,
  keys: [],
  ...more,
});

/** The JID under which an actor is a contact. */
export const jidOf = ({ handle }: RemoteActor): string => `${handle.user}%${handle.host}@${GATEWAY}`;

/**
 * The ports of the gateway over a real database. Look-ups answer from `people`, in which a refusal stands
 * for what the other server would have said; ids count upwards; the document of an activity is the activity.
 */
export const createTestGateway = (db: Database, changes: Partial<GatewayPorts> = {}) => {
  const people = new Map<string, Outcome<RemoteActor>>();
  const asked: string[] = [];
  const clock = { now: new Date('2026-11-21T12:00:00.000Z') };
  let ids = 0;
  const lookUp = async (key: string): Promise<Outcome<RemoteActor>> => {
    asked.push(key);
    return people.get(key) ?? refuse('not-found');
  };
  const ports: GatewayPorts = {
    db,
    domain: GATEWAY,
    urls,
    now: () => clock.now,
    newId: () => {
      ids += 1;
      return `id${ids}${createHash('sha256').update(String(ids)).digest('hex').slice(0, 16)}`;
    },
    resolveHandle: ({ user, host }: Handle) => lookUp(`${user}@${host}`),
    fetchActor: lookUp,
    fetchActorAsOfNow: lookUp,
    renderActivity: (activity) => JSON.stringify(activity),
    renderActorUpdate: (update) => JSON.stringify(update),
    toError: (refusal) => refusalToError(refusal, refusalText(refusal), 'en'),
    wake: { deliveries: () => undefined, stanzas: () => undefined },
    sendNow: () => false,
    takeKeyPair: async () => ({ publicPem: 'public', privateDer: Buffer.from('private') }),
    addKey: async (tx, actorId) => {
      await tx.query('insert into actor_keys (actor_id, public_pem, private_sealed) values ($1, $2, $3)', [
        actorId,
        'public',
        Buffer.from('sealed'),
      ]);
    },
    replaceKey: (tx, actorId, { publicPem }) =>
      replaceActorKey(tx, { actorId, publicPem, sealed: Buffer.from('sealed') }),
    forgetKey: () => undefined,
    rules: { homeDomains: ['xmpp.example'], allowedDomains: [], registration: 'open' },
    admins: [],
    followOnSubscribe: true,
    nameInRoster: () => undefined,
    pictures: { want: () => undefined, get: async () => undefined },
    readOwnCard: async () => undefined,
    makeSmall: async () => undefined,
    keepBodies: true,
    firstContactsPerDay: 0,
    allowReport: () => true,
    allowMessage: () => true,
    reach: async () => undefined,
    log: { info: () => undefined, warn: () => undefined },
    ...changes,
  };
  /** Makes an actor known to the look-ups, by handle and by URI, or says what they answer instead. */
  const meet = (
    actor: RemoteActor,
    answer: Outcome<RemoteActor> = { ok: true, value: actor },
  ): RemoteActor => {
    people.set(`${actor.handle.user}@${actor.handle.host}`, answer);
    people.set(actor.id, answer);
    return actor;
  };
  return { ports, meet, people, asked, clock };
};

export type TestGateway = ReturnType<typeof createTestGateway>;

/** Takes every stanza that waits, oldest first, and then the requests to follow. */
export const takeStanzas = async (db: Database): Promise<readonly OutgoingStanza[]> => {
  const all: OutgoingStanza[] = [];
  for (;;) {
    const rows = await claimStanzas(db, { limit: 100, leaseSeconds: 30 });
    if (rows.length === 0 && (await askUsers({ db, domain: GATEWAY }, 100)) === 0) return all;
    all.push(...rows.map(({ stanza }) => stanza));
    await takenStanzas(
      db,
      rows.map(({ id }) => id),
    );
  }
};

/** Takes every activity that waits, in the order of its lane, as the document and where it goes. */
export const takeActivities = async (
  db: Database,
): Promise<readonly { readonly inbox: string; readonly activity: OutgoingActivity }[]> => {
  const all: { inbox: string; activity: OutgoingActivity }[] = [];
  for (;;) {
    const rows = await claimDeliveries(db, { limit: 100, leaseSeconds: 30 });
    if (rows.length === 0) return all;
    for (const { id, inbox, body } of rows) {
      all.push({ inbox, activity: JSON.parse(body) as OutgoingActivity });
      await db.query('delete from deliveries where id = $1', [id]);
    }
  }
};

/** Empties all tables. */
export const emptyTables = async (db: Database): Promise<void> => {
  await db.query(
    `truncate users, actor_keys, remote_actors, follows, chats, messages, notes, seen_stanzas, inbox,
       deliveries, stanzas, blocks, host_blocks, hosts, host_schemes, tombstones, received_stanzas, reached,
       gateway_subscribers, registration_requests, changed_contacts cascade`,
  );
};

export const chatMessage = (to: string, more: Partial<IncomingMessage> = {}): IncomingMessage => {
  const from = more.from ?? `${ALICE}/phone`;
  return {
    kind: 'message',
    type: 'chat',
    fromBare: from.split('/', 1)[0] ?? '',
    to,
    toBare: to.split('/', 1)[0] ?? '',
    id: 'm1',
    body: 'hello',
    subject: undefined,
    lang: 'en',
    wantsReceipt: false,
    replyTo: undefined,
    replaces: undefined,
    retracts: undefined,
    reactions: undefined,
    oob: [],
    encrypted: false,
    signalOnly: false,
    ...more,
    from,
  };
};

export const presence = (type: IncomingPresence['type'], to: string, from = ALICE): IncomingPresence => ({
  kind: 'presence',
  type,
  from,
  fromBare: from.split('/', 1)[0] ?? '',
  to,
  toBare: to,
  id: undefined,
});

/** A direct note of an actor to some of our users. */
export const noteOf = (
  author: RemoteActor,
  number: number,
  to: readonly string[],
  more: Partial<Note> = {},
): Note => ({
  id: `${author.id}/notes/${number}`,
  type: 'Note',
  attributedTo: author.id,
  to,
  cc: [],
  content: `<p>note ${number}</p>`,
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
  published: undefined,
  updated: undefined,
  ...more,
});

export const createOf = (note: Note): Activity => ({
  type: 'Create',
  id: `${note.id}/create`,
  actor: note.attributedTo,
  note,
});
