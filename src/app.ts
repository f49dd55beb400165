import { createRateLimit } from './activitypub/rate-limit.ts';
import { renderActivity } from './activitypub/render.ts';
import { createFederation } from './app-federation.ts';
import { countQueues, type MetricSources, openMetrics } from './app-metrics.ts';
import { openStoreWithKeys, type Store } from './app-store.ts';
import { createWeb, listenText } from './app-web.ts';
import { createWorker, type Worker } from './app-worker.ts';
import { createXmpp, type Xmpp } from './app-xmpp.ts';
import { refusalText } from './bridge/sentences.ts';
import { urlsOf } from './bridge/urls.ts';
import type { Config } from './config.ts';
import { createFailpoints } from './failpoint.ts';
import type { GatewayPorts } from './gateway/ports.ts';
import { newId } from './ids.ts';
import { type Log, toError } from './log.ts';
import { readVersion } from './version.ts';
import { refusalToError } from './xmpp/refusal-to-error.ts';

export type Gateway = {
  /** The port on which HTTP is served; undefined for a socket path, or without the web role. */
  readonly httpPort: number | undefined;
  /** Takes nothing new, finishes what is under way, closes. Nothing that was accepted is lost. */
  readonly stop: () => Promise<void>;
};

/**
 * The whole gateway, part by part. Throws `StartRefusal` where it must not run as it is; an absent XMPP
 * server is no reason: the stream keeps trying.
 */
export const runGateway = async (config: Config, log: Log): Promise<Gateway> => {
  const version = readVersion();
  if (config.handleIsJid)
    log.warn('handle-is-jid-off', {
      message: `handle_is_jid is not supported by this version: handles stay at ${config.domain}.`,
    });
  const urls = urlsOf(config.publicUrl);
  const store = await openStoreWithKeys(config, log, { share: false });
  const federation = createFederation(config, store, urls, version);
  const parts: { xmpp?: Xmpp; worker?: Worker } = {};
  const reach = createFailpoints(config.dev.failpoint, () => process.kill(process.pid, 'SIGKILL'));
  const ports: GatewayPorts = { ...createPorts(config, log, store, federation, parts), reach };

  const metrics = await openMetrics(
    config.http.metricsListen !== undefined,
    sources(log, store, parts, version),
  );

  if (config.roles.includes('xmpp'))
    parts.xmpp = createXmpp({ config, log, db: store.db, urls, version, ports, reach });
  if (config.roles.includes('worker'))
    parts.worker = createWorker({ config, log, db: store.db, federation, ports, reach, metrics });
  const web = config.roles.includes('web')
    ? createWeb({
        config,
        log,
        store,
        federation,
        urls,
        version,
        reach,
        metrics,
        readiness: () => readiness(store, parts.xmpp),
        onAccepted: () => parts.worker?.wakeInbox(),
      })
    : undefined;

  const close = async (): Promise<void> => {
    await web?.close();
    await metrics.close();
    await parts.worker?.stop();
    await parts.xmpp?.stop();
    await federation.close();
    await store.close();
  };
  try {
    parts.worker?.start();
    parts.xmpp?.start();
    const bound = await web?.listen(listenText(config.http.listen));
    const { metricsListen } = config.http;
    if (metricsListen !== undefined) await metrics.listen(listenText(metricsListen));
    log.info('started', { version, domain: config.domain, roles: config.roles, port: bound?.port });
    return { httpPort: bound?.port, stop: close };
  } catch (error) {
    await close();
    throw error;
  }
};

const sources = (
  log: Log,
  store: Store,
  parts: { readonly xmpp?: Xmpp },
  version: string,
): MetricSources => ({
  version,
  isStreamUp: () => parts.xmpp && parts.xmpp.state().status === 'online',
  connections: store.db.stats,
  queues: () => countQueues(store.db),
  now: () => performance.now(),
  onProblem: (error) => log.warn('metrics-failed', { error: toError(error) }),
});

const createPorts = (
  config: Config,
  log: Log,
  store: Store,
  federation: ReturnType<typeof createFederation>,
  parts: { readonly xmpp?: Xmpp; readonly worker?: Worker },
): Omit<GatewayPorts, 'reach'> => ({
  db: store.db,
  domain: config.domain,
  urls: urlsOf(config.publicUrl),
  now: () => new Date(),
  newId: () => newId(),
  resolveHandle: federation.lookUp.resolveHandle,
  fetchActor: federation.lookUp.fetchActor,
  renderActivity: (activity) => JSON.stringify(renderActivity(activity)),
  toError: (refusal) => refusalToError(refusal, refusalText(refusal), 'en'),
  wake: {
    deliveries: () => parts.worker?.wakeDeliveries(),
    stanzas: () => parts.xmpp?.wake(),
  },
  takeKeyPair: store.keyPool.take,
  addKey: async (tx, actorId, pair) => {
    await store.keyring.add(tx, actorId, pair);
  },
  rules: { homeDomains: config.homeDomains, allowedDomains: [], registration: config.registration },
  followOnSubscribe: config.followOnSubscribe,
  keepBodies: config.retention.bodiesSeconds > 0,
  firstContactsPerDay: config.limits.firstContactsPerDay,
  allowMessage: allowanceOf(config.limits.messagesPerMinute),
  log,
});

/** Clients send a backlog at once when they come back online. */
const MESSAGE_BURST_MINUTES = 5;

const allowanceOf = (perMinute: number): GatewayPorts['allowMessage'] => {
  const now = () => performance.now();
  const limit = createRateLimit({ perMinute, burstMinutes: MESSAGE_BURST_MINUTES, now });
  return (userJid) => limit.take(userJid) === undefined;
};

/** What this process's roles need, in words without addresses (product, `/readyz`). */
const readiness = async (store: Store, xmpp: Xmpp | undefined) => {
  const reasons: string[] = [];
  try {
    await store.db.query('select 1');
  } catch {
    reasons.push('The database does not answer.');
  }
  const stream = xmpp?.state();
  if (stream !== undefined && stream.status !== 'online')
    reasons.push(stream.problem ?? 'The XMPP server is not connected yet.');
  return { ready: reasons.length === 0, reasons };
};
