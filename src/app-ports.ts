import { createRateLimit } from './activitypub/rate-limit.ts';
import { renderActivity } from './activitypub/render.ts';
import { renderActorUpdate } from './activitypub/render-actor.ts';
import type { Federation } from './app-federation.ts';
import type { Store } from './app-store.ts';
import type { Worker } from './app-worker.ts';
import type { Xmpp } from './app-xmpp.ts';
import { refusalText } from './bridge/sentences.ts';
import { urlsOf } from './bridge/urls.ts';
import type { Config } from './config.ts';
import { createPictures } from './gateway/pictures.ts';
import type { GatewayPorts } from './gateway/ports.ts';
import { newId } from './ids.ts';
import { type Log, toError } from './log.ts';
import { makeSmallPicture } from './media/small-picture.ts';
import { refusalToError } from './xmpp/refusal-to-error.ts';

/** The parts that are woken; they come into being after the ports that wake them. */
export type Parts = { readonly xmpp?: Xmpp; readonly worker?: Worker };

/** What the gateway's functions are given, but for the failpoints. */
export const createPorts = (
  config: Config,
  log: Log,
  store: Store,
  federation: Federation,
  parts: Parts,
): Omit<GatewayPorts, 'reach'> => ({
  db: store.db,
  domain: config.domain,
  jidDomains: federation.jidDomains,
  urls: urlsOf(config.publicUrl),
  now: () => new Date(),
  newId: () => newId(),
  resolveHandle: federation.lookUp.resolveHandle,
  fetchActor: federation.lookUp.fetchActor,
  fetchActorAsOfNow: federation.lookUp.fetchActorAsOfNow,
  renderActivity: (activity) => JSON.stringify(renderActivity(activity)),
  renderActorUpdate: (update) =>
    JSON.stringify(
      renderActorUpdate(urlsOf(config.publicUrl), {
        ...update,
        domain: config.domain,
        jidDomains: federation.jidDomains,
      }),
    ),
  toError: (refusal) => refusalToError(refusal, refusalText(refusal), 'en'),
  wake: {
    deliveries: () => parts.worker?.wakeDeliveries(),
    stanzas: () => parts.xmpp?.wake(),
  },
  sendNow: (stanza) => parts.xmpp?.sendNow(stanza) === true,
  takeKeyPair: store.keyPool.take,
  addKey: async (tx, actorId, pair) => {
    await store.keyring.add(tx, actorId, pair);
  },
  replaceKey: store.keyring.replace,
  forgetKey: store.keyring.forget,
  rules: { homeDomains: config.homeDomains, allowedDomains: [], registration: config.registration },
  admins: config.admins,
  followOnSubscribe: config.followOnSubscribe,
  nameInRoster: (...named) => parts.xmpp?.nameInRoster(...named),
  pictures: createPictures({
    db: store.db,
    fetchPicture: federation.fetchPicture,
    makeSmall: makeSmallPicture,
    now: () => new Date(),
    onProblem: (error) => log.warn('picture-failed', { error: toError(error) }),
    wake: () => parts.xmpp?.wake(),
  }),
  readOwnCard: async (jid) => await parts.xmpp?.readOwnCard(jid),
  makeSmall: makeSmallPicture,
  keepBodies: config.retention.bodiesSeconds > 0,
  firstContactsPerDay: config.limits.firstContactsPerDay,
  allowReport: allowanceOf(REPORTS_PER_HOUR / 60, 60),
  allowMessage: allowanceOf(config.limits.messagesPerMinute),
  log,
});

/** Told to the administrators, of one server. */
export const REPORTS_PER_HOUR = 10;

/** Clients send a backlog at once when they come back online. */
const MESSAGE_BURST_MINUTES = 5;

const allowanceOf = (perMinute: number, burstMinutes = MESSAGE_BURST_MINUTES): ((who: string) => boolean) => {
  const now = () => performance.now();
  const limit = createRateLimit({ perMinute, burstMinutes, now });
  return (who) => limit.take(who) === undefined;
};
