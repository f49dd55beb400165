import { waitAtMost } from './abandon.ts';
import type { Readiness } from './activitypub/routes/ports.ts';
import { createFederation } from './app-federation.ts';
import { lookForJidDomains } from './app-handles.ts';
import { countQueues, type MetricSources, openMetrics } from './app-metrics.ts';
import { createPorts } from './app-ports.ts';
import { openStoreWithKeys, type Store } from './app-store.ts';
import { createWeb, listenText } from './app-web.ts';
import { createWorker, type Worker } from './app-worker.ts';
import { createXmpp, type Xmpp } from './app-xmpp.ts';
import { urlsOf } from './bridge/urls.ts';
import type { Config } from './config.ts';
import { createFailpoints } from './failpoint.ts';
import type { GatewayPorts } from './gateway/ports.ts';
import { type Log, toError } from './log.ts';
import { readVersion } from './version.ts';

/** At the end: for connections to close that nobody needs any more, in milliseconds. */
const FAREWELL_MS = 1_000;

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

  const shared = { config, log, urls, version, ports, reach };
  if (config.roles.includes('xmpp'))
    parts.xmpp = createXmpp({ ...shared, db: store.db, databaseUrl: store.url });
  if (config.roles.includes('worker'))
    parts.worker = createWorker({ ...shared, db: store.db, federation, metrics });
  const web = config.roles.includes('web')
    ? createWeb({
        ...shared,
        store,
        federation,
        metrics,
        readiness: () => readiness(store, parts.xmpp),
        onAccepted: () => parts.worker?.wakeInbox(),
      })
    : undefined;

  const stopping = new AbortController();
  const close = async (): Promise<void> => {
    stopping.abort();
    // Side by side: each takes nothing new from now on, and what each finishes it hands on by way of the
    // database, so none waits for another. In a row their times would add up to more than a stop may take.
    const parting = await Promise.allSettled([
      web?.close(),
      parts.worker?.stop(),
      parts.xmpp?.stop(),
      metrics.close(),
    ]);
    await waitAtMost(FAREWELL_MS, federation.close());
    await store.close();
    const failed = parting.find((part) => part.status === 'rejected');
    if (failed !== undefined) throw failed.reason;
  };
  try {
    // First, because a process that must give up here has not yet taken the stream from the one that runs.
    const bound = await web?.listen(listenText(config.http.listen));
    const { metricsListen } = config.http;
    if (metricsListen !== undefined) await metrics.listen(listenText(metricsListen));
    lookForJidDomains({ config, urls, federation, log, signal: stopping.signal });
    parts.worker?.start();
    parts.xmpp?.start();
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

/** What this process's roles need, in words without addresses (product, `/readyz`). */
const readiness = async (store: Store, xmpp: Xmpp | undefined): Promise<Readiness> => {
  // The stream may go although the pool still has connections: the lock needs one of its own.
  const problem = (await store.problem()) ?? xmpp?.lockProblem();
  const reasons = problem === undefined ? [] : [problem];
  if (xmpp?.isStandby() === true) return { ready: reasons.length === 0, standby: true, reasons };
  const stream = xmpp?.state();
  if (stream !== undefined && stream.status !== 'online')
    reasons.push(stream.problem ?? 'The XMPP server is not connected yet.');
  return { ready: reasons.length === 0, reasons };
};
