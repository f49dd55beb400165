import type { webcrypto } from 'node:crypto';
import type { Context } from '@fedify/fedify';
import { type Activity, Create, Follow, isActor, Mention, Note, Undo } from '@fedify/vocab';
import { createEventLog, type EventLog } from './event-log.ts';
import {
  createPeerFederation,
  type FirstKnock,
  ICON_PATH,
  makeKeyPairs,
  type ReceivedActivity,
} from './fedify-federation.ts';
import { startFetchServer, type WireRequest } from './fetch-server.ts';

/** A Fediverse server made with Fedify, which shares no line with the gateway. All state is in memory. */
export type FedifyPeer = {
  /** The loopback port of its plain HTTP, for a TLS terminator in front of it. */
  readonly port: number;
  readonly received: EventLog<ReceivedActivity>;
  /** Each request as it came over the wire, with its answer; repeats and refusals too. */
  readonly requests: EventLog<WireRequest>;
  /** Sentences about deliveries that failed; Fedify tries them again. */
  readonly failures: EventLog<string>;
  actorId(user: string): string;
  /** Sends a note to one person (`@name@host`, or an actor's URL) and nobody else; the note's id. */
  sendDirect(user: string, to: string, text: string, inReplyTo?: string): Promise<string>;
  /** Asks to follow; the id of the Follow. */
  follow(user: string, whom: string): Promise<string>;
  /** Takes a Follow back. */
  unfollow(user: string, whom: string, followId: string): Promise<void>;
  /** Sends any activity to one person; its id. */
  send(user: string, whom: string, make: (facts: Facts) => Activity | Promise<Activity>): Promise<string>;
  /** From now on the user signs with a new key, which the actor's document shows. */
  replaceKey(user: string): Promise<void>;
  /** Looks an actor up as any server does: WebFinger, then a signed fetch. Its document, as Fedify read it. */
  lookUp(user: string, whom: string): Promise<unknown>;
  /** From now on answers every POST with this status, unread, until called with undefined. */
  refusePosts(status: number | undefined): void;
  /** From now on answers 401 to every POST that is not signed by RFC 9421, as servers do that know nothing else. */
  refuseCavage(): void;
  stop(): Promise<void>;
};

/** What an activity is made of: a new id, who says it, and whom it is said to. */
export type Facts = { readonly id: URL; readonly actor: URL; readonly recipient: URL };

export type FedifyPeerOptions = {
  readonly domain: string;
  /** The names of its actors, at `https://<domain>/users/<name>`. */
  readonly users: readonly string[];
  /** User → an older account of the same person, which the actor names in `alsoKnownAs`. */
  readonly aliases?: ReadonlyMap<string, string>;
  /** Ends each id it makes: its memory is new at each start, and an id must never be used twice. */
  readonly idSuffix: string;
  /**
   * Fedify's own default is `rfc9421`. snac takes a request first and looks at its signature later, so it never
   * refuses one of RFC 9421, which it cannot read: for snac the other one must come first.
   */
  readonly firstKnock: FirstKnock;
};

/** A few pixels of one colour. */
const ICON = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAQAAAAECAMAAACeL25MAAAAA1BMVEUAgIBxQSaxAAAACXBIWXMAAAPoAAAD6AG1e1JrAAAAC0lEQVQImWNgwAQAABQAAWX1h1kAAAAASUVORK5CYII=',
  'base64',
);

/** Starts a peer. It accepts each Follow. */
export async function startFedifyPeer(options: FedifyPeerOptions): Promise<FedifyPeer> {
  const origin = `https://${options.domain}`;
  const received = createEventLog<ReceivedActivity>();
  const requests = createEventLog<WireRequest>();
  const failures = createEventLog<string>();
  const notes = new Map<string, Note>();
  const keys = new Map<string, webcrypto.CryptoKeyPair[]>();
  for (const user of options.users) keys.set(user, await makeKeyPairs());
  const federation = createPeerFederation({ ...options, origin, received, failures, notes, keys });
  const stopQueue = new AbortController();
  // Ends by the abort alone, so nobody waits for it.
  void federation.startQueue(undefined, { signal: stopQueue.signal });

  const refusals = createRefusals();
  const server = await startFetchServer(
    async (request) => {
      const status = request.method === 'POST' ? refusals.of(request) : undefined;
      if (status !== undefined) return new Response(null, { status });
      return new URL(request.url).pathname === ICON_PATH
        ? new Response(ICON, { headers: { 'content-type': 'image/png' } })
        : await federation.fetch(request, { contextData: undefined });
    },
    origin,
    (request) => requests.add(request),
  );
  const context = federation.createContext(new URL(origin), undefined);
  let count = 0;
  const nextId = (kind: string) => new URL(`/${kind}/${++count}${options.idSuffix}`, origin);
  const send = createSend(context, nextId);
  return {
    port: server.port,
    received,
    requests,
    failures,
    actorId: (user) => context.getActorUri(user).href,
    async sendDirect(user, to, text, inReplyTo) {
      const target = await findActor(context, user, to);
      const note = directNote(context, user, target, { id: nextId('notes'), to, text, inReplyTo });
      notes.set(note.id?.pathname ?? '', note);
      const actor = context.getActorUri(user);
      const create = new Create({ id: nextId('activities'), actor, object: note, tos: note.toIds });
      await context.sendActivity({ identifier: user }, target.recipient, create);
      return note.id?.href ?? '';
    },
    send,
    follow: (user, whom) =>
      send(
        user,
        whom,
        ({ id, actor, recipient }) => new Follow({ id, actor, object: recipient, tos: [recipient] }),
        'follows',
      ),
    async unfollow(user, whom, followId) {
      await send(user, whom, ({ id, actor, recipient }) => {
        const follow = new Follow({ id: new URL(followId), actor, object: recipient });
        return new Undo({ id, actor, object: follow, tos: [recipient] });
      });
    },
    replaceKey: async (user) => void keys.set(user, await makeKeyPairs()),
    lookUp: async (user, whom) => (await findActor(context, user, whom)).document,
    refusePosts: refusals.refuseAll,
    refuseCavage: refusals.refuseCavage,
    async stop() {
      stopQueue.abort();
      await server.stop();
    },
  };
}

/** What becomes of a POST before Fedify sees it: a status, or nothing. */
const createRefusals = () => {
  let all: number | undefined;
  let cavage: number | undefined;
  return {
    refuseAll: (status: number | undefined): void => {
      all = status;
    },
    refuseCavage: (): void => {
      cavage = 401;
    },
    of: ({ headers }: Request): number | undefined =>
      all ?? (headers.has('signature-input') ? undefined : cavage),
  };
};

const createSend =
  (context: Context<void>, nextId: (kind: string) => URL) =>
  async (
    user: string,
    whom: string,
    make: (facts: Facts) => Activity | Promise<Activity>,
    kind = 'activities',
  ): Promise<string> => {
    const { recipient } = await findActor(context, user, whom);
    const id = nextId(kind);
    const activity = await make({ id, actor: context.getActorUri(user), recipient: recipient.id });
    await context.sendActivity({ identifier: user }, recipient, activity);
    return id.href;
  };

type Target = {
  readonly recipient: { readonly id: URL; readonly inboxId: URL | null };
  readonly document: unknown;
};

async function findActor(context: Context<void>, user: string, whom: string): Promise<Target> {
  const documentLoader = await context.getDocumentLoader({ identifier: user });
  const actor = await context.lookupObject(whom, { documentLoader });
  if (!isActor(actor) || actor.id === null) throw new Error(`Fedify finds no actor at ${whom}`);
  return {
    recipient: { id: actor.id, inboxId: actor.inboxId },
    document: await actor.toJsonLd({ contextLoader: context.contextLoader }),
  };
}

type Draft = {
  readonly id: URL;
  readonly to: string;
  readonly text: string;
  readonly inReplyTo: string | undefined;
};

function directNote(context: Context<void>, user: string, target: Target, draft: Draft): Note {
  const href = target.recipient.id;
  const name = draft.to.startsWith('@') ? draft.to : href.href;
  const shown = name.split('@')[1] ?? name;
  return new Note({
    id: draft.id,
    attribution: context.getActorUri(user),
    to: href,
    content: `<p><a href="${href.href}" class="u-url mention">@${shown}</a> ${escapeHtml(draft.text)}</p>`,
    tags: [new Mention({ href, name })],
    ...(draft.inReplyTo === undefined ? {} : { replyTarget: new URL(draft.inReplyTo) }),
  });
}

const escapeHtml = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
