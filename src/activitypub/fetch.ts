import type { Agent } from 'undici';
import { done, refuse } from '../bridge/outcome.ts';
import { discard, followRedirects, headerOf } from './follow-redirects.ts';
import { knock, type Response, type Way } from './knock.ts';
import { ACCEPT_ACTIVITY, isActivityType, isPlainJsonType } from './media-type.ts';
import { parseJson } from './parse-json.ts';
import { ACCEPT_ENCODING, readBody } from './read-body.ts';
import { NO_MEMORY, type SchemeMemory } from './signatures/scheme-memory.ts';
import { signGet } from './signatures/sign.ts';
import { signMessageGet } from './signatures/sign-message.ts';
import type { GetJson, SigningKey } from './types.ts';

export type FetchLimits = {
  /** For the whole fetch: redirects, headers and body together. */
  readonly deadlineMs: number;
  /** Of the body, after decompression. */
  readonly maxBytes: number;
  readonly maxRedirects: number;
};

export const FETCH_LIMITS: FetchLimits = { deadlineMs: 10_000, maxBytes: 1_048_576, maxRedirects: 3 };

export type FetchDeps = {
  readonly agent: Agent;
  readonly allowPrivate: boolean;
  /** Ours, with its port where it has one: nothing is ever asked or sent there. */
  readonly ownHost?: string;
  /** Servers that the administrator refuses: nothing is asked there, whoever leads to it. */
  readonly refusesHost?: (host: string) => Promise<boolean>;
  /** The key of the instance actor; without it GETs go unsigned. WebFinger and NodeInfo always do. */
  readonly sign?: () => Promise<SigningKey>;
  readonly now: () => Date;
  readonly schemes?: SchemeMemory;
  readonly limits?: FetchLimits;
  readonly userAgent?: string;
};

/** What stays the same from the first request to the last redirect. */
type Wanted = {
  readonly accept: string | undefined;
  readonly key: SigningKey | undefined;
  readonly signal: AbortSignal;
};

/**
 * Makes the function that fetches a JSON document from a stranger's host, signed by the instance actor.
 *
 * Without `accept` it wants an ActivityPub document and refuses any other Content-Type as 'host-not-found'
 * (there is no ActivityPub there); with `accept` it takes JSON and JRD. Redirects are followed by hand, each
 * checked and signed anew. After a 400 or 401 it is tried in other ways (`knock`): to a URL with a query once with
 * the query left out of the signed target (COMPAT GoToSocial does the same), and after RFC 9421. Refusals: 404 'not-found', 410 'gone', 401 and 403
 * 'refused-by-host', no such host 'host-not-found', a URL, an address or a host out of bounds 'policy', all
 * else 'host-unreachable'. Never throws for what the peer did; rejects when our own key or `refusesHost` cannot be had.
 */
export const createGetJson = (deps: FetchDeps): GetJson => {
  const { deadlineMs, maxBytes, maxRedirects } = deps.limits ?? FETCH_LIMITS;

  const request = async (url: URL, { accept, key, signal }: Wanted): Promise<Response> => {
    const ask = async (way: Way): Promise<Response> => {
      const signed = key === undefined ? { host: url.host } : await sign(url, key, way);
      const headers = {
        ...signed,
        accept: accept ?? ACCEPT_ACTIVITY,
        'accept-encoding': ACCEPT_ENCODING,
        'user-agent': deps.userAgent ?? 'Causeway',
      };
      const path = `${url.pathname}${url.search}`;
      return deps.agent.request({ origin: url.origin, path, method: 'GET', headers, signal });
    };
    if (key === undefined) return ask({ scheme: 'cavage', signQuery: true });
    return knock(deps.schemes ?? NO_MEMORY, { method: 'GET', url, keyId: key.keyId, ask, discard });
  };

  const sign = (url: URL, key: SigningKey, { scheme, signQuery, wish }: Way) =>
    scheme === 'cavage'
      ? signGet({ url, signQuery }, key, deps.now())
      : signMessageGet({ url }, key, deps.now(), wish);

  const readJson = async (response: Response, { href, host }: URL, { accept }: Wanted) => {
    const isWanted = accept === undefined ? isActivityType : isPlainJsonType;
    if (!isWanted(headerOf(response, 'content-type'))) {
      discard(response);
      return refuse('host-not-found', { host });
    }
    const body = await readBody(response.body, headerOf(response, 'content-encoding'), maxBytes);
    if (!body.ok) return refuse('host-unreachable', { host });
    const json = parseJson(body.value);
    return json.ok ? done({ url: href, json: json.value }) : refuse('host-not-found', { host });
  };

  return async (url, accept) => {
    const key = accept === undefined ? await deps.sign?.() : undefined;
    const wanted: Wanted = { accept, key, signal: AbortSignal.timeout(deadlineMs) };
    return followRedirects(deps, url, maxRedirects, {
      request: (to) => request(to, wanted),
      read: (response, from) => readJson(response, from, wanted),
    });
  };
};
