import { type Outcome, refuse } from '../bridge/outcome.ts';
import { checkUrl, isPortOfPeer } from './guard.ts';
import type { Response } from './knock.ts';
import { nameFailure } from './network-failure.ts';

export type Asking<T> = {
  /** One GET, within the deadline of the whole fetch. */
  readonly request: (url: URL) => Promise<Response>;
  /** What a 2xx holds; it reads the body or discards it. */
  readonly read: (response: Response, url: URL) => Promise<Outcome<T>>;
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

const statusToOutcome = (status: number, host: string): Outcome<never> => {
  if (status === 404) return refuse('not-found', { host });
  if (status === 410) return refuse('gone', { host });
  if (status === 401 || status === 403) return refuse('refused-by-host', { host });
  return refuse('host-unreachable', { host });
};

const failureToOutcome = (error: unknown, host: string): Outcome<never> => {
  const { cause } = nameFailure(error);
  if (cause === 'no-such-host') return refuse('host-not-found', { host });
  return refuse(cause === 'refused-address' ? 'policy' : 'host-unreachable', { host });
};

const isRedirect = (status: number): boolean => [301, 302, 303, 307, 308].includes(status);

/** Where a redirect leads, or undefined where it must not be followed: from https to http, or to another port. */
const nextUrl = (response: Response, from: URL): string | undefined => {
  const next = URL.parse(headerOf(response, 'location'), from.href);
  if (next === null || (from.protocol === 'https:' && next.protocol !== 'https:')) return undefined;
  return isPortOfPeer(next, from) ? next.href : undefined;
};

export type Rules = Parameters<typeof checkUrl>[1] & {
  /** Servers that the administrator refuses: they are not asked either. `host` may carry a port. */
  readonly refusesHost?: (host: string) => Promise<boolean>;
};

/**
 * Asks for a URL, then for what it redirects to, at most `maxRedirects` times: each is checked by the guard's rules
 * before anybody is asked. Refusals: 404 'not-found', 410 'gone', 401 and 403 'refused-by-host', no such host
 * 'host-not-found', a URL, an address or a host out of bounds 'policy', all else 'host-unreachable'. Rejects only where
 * `refusesHost` does.
 */
export const followRedirects = async <T>(
  rules: Rules,
  text: string,
  maxRedirects: number,
  asking: Asking<T>,
): Promise<Outcome<T>> => {
  const checked = checkUrl(text, rules);
  const host = URL.parse(text)?.host ?? '';
  if (!checked.ok) return refuse('policy', { host });
  const url = checked.value;
  if ((await rules.refusesHost?.(url.host)) === true) return refuse('policy', { host });
  url.hash = '';
  const answer = await askOnce(url, asking, host);
  if ('ok' in answer) return answer;
  const next = maxRedirects > 0 ? nextUrl(answer, url) : undefined;
  return next === undefined
    ? refuse('host-unreachable', { host })
    : await followRedirects(rules, next, maxRedirects - 1, asking);
};

/** What one place says; a redirect is given as it came. */
const askOnce = async <T>(url: URL, asking: Asking<T>, host: string): Promise<Outcome<T> | Response> => {
  try {
    const response = await asking.request(url);
    const { statusCode } = response;
    if (statusCode >= 200 && statusCode < 300) return await asking.read(response, url);
    discard(response);
    return isRedirect(statusCode) ? response : statusToOutcome(statusCode, host);
  } catch (error) {
    return failureToOutcome(error, host);
  }
};
