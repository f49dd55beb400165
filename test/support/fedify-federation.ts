import type { webcrypto } from 'node:crypto';
import {
  createFederation,
  type Federation,
  generateCryptoKeyPair,
  type InboxContext,
  InProcessMessageQueue,
  MemoryKvStore,
} from '@fedify/fedify';
import { Accept, Activity, Create, Endpoints, Follow, Image, Note, Person, Update } from '@fedify/vocab';
import type { EventLog } from './event-log.ts';

/** An activity that came in with a signature that Fedify found good, once per activity id. */
export type ReceivedActivity = {
  readonly type: string;
  readonly id: string | undefined;
  readonly actor: string;
  /** The Note of a Create or Update, where there is one. */
  readonly note: ReceivedNote | undefined;
  /** The document as it came. */
  readonly json: unknown;
};

export type ReceivedNote = {
  readonly id: string;
  /** HTML. */
  readonly content: string;
  readonly to: readonly string[];
  readonly inReplyTo: string | undefined;
};

export type FirstKnock = 'rfc9421' | 'draft-cavage-http-signatures-12';

export type FederationParts = {
  readonly origin: string;
  readonly users: readonly string[];
  /** User → an older account of the same person, which the actor names in `alsoKnownAs`. */
  readonly aliases?: ReadonlyMap<string, string>;
  readonly received: EventLog<ReceivedActivity>;
  readonly failures: EventLog<string>;
  /** How it signs for a host that it does not know yet; a refusal there makes it try the other way. */
  readonly firstKnock: FirstKnock;
  /** Path → the note that is served there, to whoever asks. */
  readonly notes: ReadonlyMap<string, Note>;
  /** Name → its key pairs, for each of `users`. */
  readonly keys: ReadonlyMap<string, webcrypto.CryptoKeyPair[]>;
};

/**
 * Both kinds, as Fedify servers have them: RSA for HTTP signatures, Ed25519 for object proofs (FEP-8b32). RSA of 4,096
 * bits takes seconds on a busy machine: more than whoever asks for the actor has.
 */
export const makeKeyPairs = (): Promise<webcrypto.CryptoKeyPair[]> =>
  Promise.all([generateCryptoKeyPair('RSASSA-PKCS1-v1_5'), generateCryptoKeyPair('Ed25519')]);

/** A Fedify server for `users`, as a person who follows its manual would write it. It accepts each Follow. */
export function createPeerFederation(parts: FederationParts): Federation<void> {
  const federation = createFederation<void>({
    kv: new MemoryKvStore(),
    queue: new InProcessMessageQueue(),
    manuallyStartQueue: true,
    origin: parts.origin,
    firstKnock: parts.firstKnock,
    allowPrivateAddress: true,
    onOutboxError: (error) => parts.failures.add(error.message),
  });
  addActors(federation, parts);
  addInboxes(federation, parts);
  federation.setObjectDispatcher(
    Note,
    '/notes/{id}',
    (_context, { id }) => parts.notes.get(`/notes/${id}`) ?? null,
  );
  federation.setNodeInfoDispatcher('/nodeinfo/2.1', () => ({
    software: { name: 'fedify-peer', version: '1.0.0' },
    protocols: ['activitypub'],
    usage: { users: {}, localPosts: 0, localComments: 0 },
  }));
  return federation;
}

/** Where the picture of all actors lies. */
export const ICON_PATH = '/icon.png';

function addActors(federation: Federation<void>, { users, aliases, keys }: FederationParts): void {
  federation
    .setActorDispatcher('/users/{identifier}', async (context, identifier) => {
      if (!users.includes(identifier)) return null;
      const pairs = await context.getActorKeyPairs(identifier);
      const alias = aliases?.get(identifier);
      return new Person({
        id: context.getActorUri(identifier),
        preferredUsername: identifier,
        name: `${identifier} of Fedify`,
        url: new URL(`/@${identifier}`, context.canonicalOrigin),
        icon: new Image({ url: new URL(ICON_PATH, context.canonicalOrigin), mediaType: 'image/png' }),
        inbox: context.getInboxUri(identifier),
        ...(alias === undefined ? {} : { aliases: [context.getActorUri(alias)] }),
        endpoints: new Endpoints({ sharedInbox: context.getInboxUri() }),
        publicKey: pairs[0]?.cryptographicKey ?? null,
        assertionMethods: pairs.map((pair) => pair.multikey),
      });
    })
    .setKeyPairsDispatcher((_context, identifier) => keys.get(identifier) ?? []);
}

function addInboxes(federation: Federation<void>, { received, users }: FederationParts): void {
  federation
    .setInboxListeners('/users/{identifier}/inbox', '/inbox')
    .on(Activity, async (context, activity) => {
      received.add(await describe(context, activity));
      if (activity instanceof Follow) await acceptFollow(context, activity);
    })
    // Signed, because servers answer 401 to a stranger who asks for an actor.
    .setSharedKeyDispatcher(() => ({ identifier: users[0] ?? '' }));
}

async function describe(context: InboxContext<void>, activity: Activity): Promise<ReceivedActivity> {
  // First, because Fedify writes what it fetches later into the document.
  const json = await activity.toJsonLd({ contextLoader: context.contextLoader });
  // Only where the object is what the activity brings. Elsewhere it may be one that nobody serves, as a Follow is.
  const brings = activity instanceof Create || activity instanceof Update;
  const object = brings ? await activity.getObject(context) : null;
  return {
    type: typeof json === 'object' && json !== null && 'type' in json ? String(json.type) : '',
    id: activity.id?.href,
    actor: activity.actorId?.href ?? '',
    note: object instanceof Note ? describeNote(object) : undefined,
    json,
  };
}

function describeNote(note: Note): ReceivedNote {
  return {
    id: note.id?.href ?? '',
    content: note.content?.toString() ?? '',
    to: note.toIds.map((id) => id.href),
    inReplyTo: note.replyTargetId?.href,
  };
}

async function acceptFollow(context: InboxContext<void>, follow: Follow): Promise<void> {
  const target = context.parseUri(follow.objectId);
  const follower = await follow.getActor(context);
  if (target?.type !== 'actor' || follower === null) return;
  const accept = new Accept({
    id: new URL(`/accepts/${encodeURIComponent(follow.id?.href ?? '')}`, context.canonicalOrigin),
    actor: follow.objectId,
    object: follow,
    ...(follower.id === null ? {} : { tos: [follower.id] }),
  });
  await context.sendActivity({ identifier: target.identifier }, follower, accept);
}
