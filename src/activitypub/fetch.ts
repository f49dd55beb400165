import type { Agent } from 'undici';
import { done, type Outcome, refuse } from '../bridge/outcome.ts';
import { checkUrl, isPortOfPeer } from './guard.ts';
import { knock, type Response, type Way } from './knock.ts';
import { ACCEPT_ACTIVITY, isActivityType, isPlainJsonType } from './media-type.ts';
import { nameFailure } from './network-failure.ts';
import { parseJson } from './parse-json.ts';
import { ACCEPT_ENCODING, readBody } from './read-body.ts';
import { NO_MEMORY, type SchemeMemory } from './signatures/scheme-memory.ts';
import { signGet } from './signatures/sign.ts';
import { signMessageGet } from './signatures/sign-message.ts';
import type { FetchedJson, GetJson, SigningKey } from './types.ts';

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

/** One header as text; undici gives an array where it was repeated. */
export const headerOf = (response: Response, name: string): string => {
  const value = response.headers[name];
  return (Array.isArray(value) ? value[0] : value) ?? '';
};

export const discard = (response: Response): void => {
  response.body.once('error', () => undefined);
  response.body.destroy();
};

export const statusToOutcome = (status: number, host: string): Outcome<never> => {
  if (status === 404) return refuse('not-found', { host });
  if (status === 410) return refuse('gone', { host });
  if (status === 401 || status === 403) return refuse('refused-by-host', { host });
  return refuse('host-unreachable', { host });
};

export const failureToOutcome = (error: unknown, host: string): Outcome<never> => {
  const { cause } = nameFailure(error);
  if (cause === 'no-such-host') return refuse('host-not-found', { host });
  return refuse(cause === 'refused-address' ? 'policy' : 'host-unreachable', { host });
};

export const isRedirect = (status: number): boolean => [301, 302, 303, 307, 308].includes(status);

/** Where a redirect leads, or undefined where it must not be followed: from https to http, or to another port. */
export const nextUrl = (response: Response, from: URL): string | undefined => {
  const next = URL.parse(headerOf(response, 'location'), from.href);
  if (next === null || (from.protocol === 'https:' && next.protocol !== 'https:')) return undefined;
  return isPortOfPeer(next, from) ? next.href : undefined;
};

/**
 * Makes the function that fetches a JSON document from a stranger's host, signed by the instance actor.
 *
 * Without `accept` it wants an ActivityPub document and refuses any other Content-Type as 'host-not-found'
 * (there is no ActivityPub there); with `accept` it takes JSON and JRD. Redirects are followed by hand, each
 * checked and signed anew. After a 400 or 401 it is tried in other ways (`knock`): to a URL with a query once with
 * the query left out of the signed target (COMPAT GoToSocial does the same), and after RFC 9421. Refusals: 404 'not-found', 410 'gone', 401 and 403
 * 'refused-by-host', no such host 'host-not-found', a URL or address out of bounds 'policy', all else
 * 'host-unreachable'. Never throws for what the peer did; rejects when our own key cannot be had.
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

  const follow = async (text: string, wanted: Wanted, hops: number): Promise<Outcome<FetchedJson>> => {
    const checked = checkUrl(text, deps);
    const host = URL.parse(text)?.host ?? '';
    if (!checked.ok) return refuse('policy', { host });
    const url = checked.value;
    url.hash = '';
    try {
      const response = await request(url, wanted);
      const { statusCode } = response;
      if (statusCode >= 200 && statusCode < 300) return await readJson(response, url, wanted);
      discard(response);
      if (!isRedirect(statusCode)) return statusToOutcome(statusCode, host);
      const next = hops < maxRedirects ? nextUrl(response, url) : undefined;
      return next === undefined ? refuse('host-unreachable', { host }) : await follow(next, wanted, hops + 1);
    } catch (error) {
      return failureToOutcome(error, host);
    }
  };

  return async (url, accept) => {
    const key = accept === undefined ? await deps.sign?.() : undefined;
    return follow(url, { accept, key, signal: AbortSignal.timeout(deadlineMs) }, 0);
  };
};
