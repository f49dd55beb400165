import { setTimeout as sleep } from 'node:timers/promises';
import { isRecord } from './activitypub/json-fields.ts';
import type { GetJson } from './activitypub/types.ts';
import type { Federation } from './app-federation.ts';
import type { Urls } from './bridge/urls.ts';
import type { Config } from './config.ts';
import type { Log } from './log.ts';

const TRIES = 3;
const PAUSE_MS = 5_000;
const JRD = 'application/jrd+json, application/json';

/** Whether a WebFinger answer is the one that this gateway gives for itself. */
const isOurs = (json: unknown, urls: Urls): boolean =>
  isRecord(json) &&
  Array.isArray(json['links']) &&
  json['links'].some(
    (link: unknown) => isRecord(link) && link['rel'] === 'self' && link['href'] === urls.instanceActor,
  );

/**
 * Asks the web server of each XMPP domain for the gateway's own actor by WebFinger, as other servers would ask it for
 * people. Where the answer is ours, handles there may be JIDs; where it is not, a warning says what is missing, and
 * they stay at the gateway's domain until the next start. Never rejects.
 */
export const findJidDomains = async (deps: {
  readonly homeDomains: readonly string[];
  readonly urls: Urls;
  /** Fetches from our own host too, where a redirect may lead. */
  readonly getJson: GetJson;
  readonly log: Pick<Log, 'info' | 'warn'>;
  readonly add: (domain: string) => void;
  readonly signal: AbortSignal;
  readonly pauseMs?: number;
}): Promise<void> => {
  const { urls, getJson, log, add, signal, pauseMs = PAUSE_MS } = deps;
  const resource = encodeURIComponent(urls.instanceActor);
  const looks = deps.homeDomains.map(async (domain) => {
    for (let tries = 1; tries <= TRIES && !signal.aborted; tries += 1) {
      const found = await getJson(`https://${domain}/.well-known/webfinger?resource=${resource}`, JRD);
      if (found.ok && isOurs(found.value.json, urls)) {
        add(domain);
        return log.info('handle-is-jid', { domain });
      }
      if (tries < TRIES) await sleep(pauseMs, undefined, { signal }).catch(() => undefined);
    }
    if (signal.aborted) return;
    log.warn('handle-is-jid-off', {
      domain,
      message: `https://${domain}/.well-known/webfinger does not lead here, so handles stay at the gateway's own domain. Let the web server of ${domain} forward that path to ${urls.origin}, then restart.`,
    });
  });
  await Promise.all(looks);
};

/**
 * Looks for them where `handle_is_jid` is set. Not waited for: the question comes back to this process, or to the one
 * that serves the web.
 */
export const lookForJidDomains = ({
  config,
  urls,
  federation: { jidDomains, getJsonFromAnywhere },
  ...deps
}: {
  readonly config: Pick<Config, 'handleIsJid' | 'homeDomains'>;
  readonly urls: Urls;
  readonly federation: Pick<Federation, 'jidDomains' | 'getJsonFromAnywhere'>;
  readonly log: Log;
  readonly signal: AbortSignal;
}): void => {
  if (!config.handleIsJid) return;
  const add = (domain: string): void => void jidDomains.add(domain);
  void findJidDomains({ ...deps, homeDomains: config.homeDomains, urls, getJson: getJsonFromAnywhere, add });
};
