import { askSeldom } from './activitypub/ask-seldom.ts';
import { peekActivity } from './activitypub/parse.ts';
import { parseJson } from './activitypub/parse-json.ts';
import { rememberBriefly } from './activitypub/remember-briefly.ts';
import type { FoundUser, Readiness, UserQuery } from './activitypub/routes/ports.ts';
import { createHttpServer, type HttpServer } from './activitypub/server.ts';
import type { Federation } from './app-federation.ts';
import type { Metrics } from './app-metrics.ts';
import type { Store } from './app-store.ts';
import { createBatcher } from './batch.ts';
import type { LocalActor } from './bridge/actor.ts';
import type { Urls } from './bridge/urls.ts';
import { INSTANCE } from './bridge/urls.ts';
import { parseResource } from './bridge/webfinger-resource.ts';
import type { Config } from './config.ts';
import type { ListenAddress } from './config-values.ts';
import type { Reach } from './failpoint.ts';
import { namesFor } from './gateway/users.ts';
import type { Log } from './log.ts';
import { isDatabaseAway } from './store/database.ts';
import { findOwnFollow } from './store/follows.ts';
import { hostsSpoke } from './store/hosts.ts';
import { acceptActivities } from './store/inbox.ts';
import { findNote } from './store/notes.ts';
import { findOwnPicture } from './store/own-pictures.ts';
import { findActor } from './store/remote-actors.ts';
import {
  countUsers,
  findUserById,
  findUserByJid,
  findUserByName,
  findWhoLeft,
  isFarewellDue,
} from './store/users.ts';
import { readRepository } from './version.ts';
import { createPages } from './web/pages.ts';

/** Activities that may share one commit. */
const MAX_BATCH = 200;
/** Counting who was active reads all chats, and anybody may ask for it. */
const USAGE_MS = 5 * 60_000;

/** Who leaves gets no more after two seconds at the inbox; what came in before is dropped when it is carried. */
const RECIPIENTS = { max: 10_000, keepMs: 2_000, now: () => performance.now() };

type WebDeps = {
  readonly config: Config;
  readonly log: Log;
  readonly store: Store;
  readonly federation: Federation;
  readonly urls: Urls;
  readonly version: string;
  readonly readiness: () => Promise<Readiness>;
  readonly reach: Reach;
  readonly metrics: Pick<Metrics, 'countInboxAnswer'>;
  /** Something was accepted. */
  readonly onAccepted: () => void;
};

export const listenText = (address: ListenAddress): string => {
  if (address.kind === 'unix') return `unix:${address.path}`;
  const host = address.host.includes(':') ? `[${address.host}]` : address.host;
  return `${host}:${address.port}`;
};

/** A server that was away for longer has to believe the 410. */
export const FAREWELL_SECONDS = 600;

const findUser =
  ({ db, keyring }: Store, homeDomains: readonly string[]) =>
  async (query: UserQuery): Promise<FoundUser | undefined> => {
    const user = await findLocal(db, query, homeDomains);
    if (user === undefined) return undefined;
    const publicPem = await keyring.publicPemOf(user.id);
    if (user.state === 'left') {
      const isLeaving = publicPem !== undefined && (await isFarewellDue(db, user.id, FAREWELL_SECONDS));
      return isLeaving ? { state: 'left', leaving: { actor: user, publicPem } } : { state: 'left' };
    }
    if (publicPem === undefined) return undefined;
    return { state: 'active', actor: user, publicPem };
  };

/** The hosts of the actors who signed these, each once. */
const hostsOf = (items: Parameters<typeof acceptActivities>[1]): readonly string[] => [
  ...new Set(items.map(({ actorId }) => new URL(actorId).host)),
];

/** Who has one of these JIDs, else who had one before leaving. */
const findByJid = async (
  db: Store['db'],
  jids: readonly string[],
  homeDomains: readonly string[],
): Promise<LocalActor | undefined> => {
  for (const jid of jids) {
    const user = await findUserByJid(db, jid);
    if (user !== undefined) return user;
  }
  for (const jid of jids) {
    const user = await findWhoLeft(db, jid, namesFor(jid, homeDomains));
    if (user !== undefined) return user;
  }
  return undefined;
};

/** By name first, so that a name always wins over an alias that happens to read the same. */
const findLocal = async (
  db: Store['db'],
  query: UserQuery,
  homeDomains: readonly string[],
): Promise<LocalActor | undefined> => {
  switch (query.kind) {
    case 'user-id':
      return await findUserById(db, query.id);
    case 'jid':
      return await findByJid(db, [query.jid], homeDomains);
    case 'name':
      return (await findUserByName(db, query.name)) ?? (await findByJid(db, query.jids, homeDomains));
  }
};

/** The web role: documents, the inbox and the pages for people. */
export const createWeb = (deps: WebDeps): HttpServer => {
  const { config, log, store, federation, urls, version } = deps;
  const { db } = store;
  const { domain } = config;
  const accepted = createBatcher({
    flush: async (items: Parameters<typeof acceptActivities>[1]) => {
      await acceptActivities(db, items);
      deps.onAccepted();
      // They are accepted whatever becomes of this.
      hostsSpoke(db, hostsOf(items)).catch((error: unknown) =>
        log.warn('host-spoke-failed', { error: error instanceof Error ? error : new Error(String(error)) }),
      );
    },
    maxBatch: MAX_BATCH,
    isHopeless: isDatabaseAway,
  });
  return createHttpServer(
    {
      parseJson,
      peekActivity,
      authenticate: federation.authenticate,
      recipientState: rememberBriefly(async (userId) => (await findUserById(db, userId))?.state, RECIPIENTS),
      knowsActor: async (actorId) => (await findActor(db, actorId)) !== undefined,
      isHostBlocked: federation.refusesHost,
      acceptActivity: async (activity) => {
        await deps.reach('in.verified');
        await accepted.add(activity);
        await deps.reach('in.committed');
      },
      findUser: findUser(store, config.homeDomains),
      parseResource: (resource) => parseResource(resource, { domain, origin: urls.origin }),
      instancePem: async () => (await store.keyring.publicPemOf(INSTANCE)) ?? '',
      findNote: async (noteId) => {
        const found = await findNote(db, noteId);
        if (found === undefined) return undefined;
        const { note, audience, deletedAt } = found;
        return { note: note ?? null, audience, deleted: deletedAt !== undefined };
      },
      findFollow: async (followId) => {
        const follow = await findOwnFollow(db, followId);
        return follow && { userId: follow.userId, object: follow.actorId };
      },
      findPicture: (name) => findOwnPicture(db, name),
      usage: askSeldom(() => countUsers(db), { everyMs: USAGE_MS, now: () => performance.now() }),
      readiness: deps.readiness,
      countInboxAnswer: deps.metrics.countInboxAnswer,
      isDatabaseAway,
      pages: createPages({
        domain,
        jidDomains: federation.jidDomains,
        origin: urls.origin,
        contact: config.contact,
      }),
      log: {
        debug: (event, { err, ...fields }) => log.debug(event, { ...fields, error: err }),
        error: (event, { err, ...fields }) => log.error(event, { ...fields, error: err }),
      },
    },
    {
      domain,
      jidDomains: federation.jidDomains,
      urls,
      version,
      repository: readRepository(),
      trustedProxies: config.http.trustedProxies,
      inboxPerMinute: config.limits.inboxPerMinute,
      signedFetchRequired: config.signedFetchRequired,
    },
  );
};
