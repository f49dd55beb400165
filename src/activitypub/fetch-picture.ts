import { done, type Outcome, refuse } from '../bridge/outcome.ts';
import {
  discard,
  type FetchDeps,
  type FetchLimits,
  failureToOutcome,
  headerOf,
  isRedirect,
  nextUrl,
  statusToOutcome,
} from './fetch.ts';
import { checkUrl } from './guard.ts';
import type { Response } from './knock.ts';
import { parseMediaType } from './media-type.ts';
import { readBody } from './read-body.ts';

export const PICTURE_LIMITS: FetchLimits = { deadlineMs: 10_000, maxBytes: 4 * 1024 * 1024, maxRedirects: 3 };

/** What can be made small afterwards. */
const ACCEPT = 'image/png, image/jpeg, image/webp, image/gif';

/**
 * Makes the function that fetches the bytes of a picture by the guarded way: unsigned, no coding, redirects by hand
 * and each checked. What says that it is no `image/` is not read; what it is, only its bytes tell. Refusals are those
 * of `createGetJson`; 'host-not-found' is also what is no picture. Never throws for what the peer did.
 */
export const createGetPicture = (
  deps: Pick<FetchDeps, 'agent' | 'allowPrivate' | 'ownHost' | 'limits' | 'userAgent'>,
): ((url: string) => Promise<Outcome<Uint8Array>>) => {
  const { deadlineMs, maxBytes, maxRedirects } = deps.limits ?? PICTURE_LIMITS;
  const headers = { accept: ACCEPT, 'user-agent': deps.userAgent ?? 'Causeway' };

  const readPicture = async (response: Response, host: string): Promise<Outcome<Uint8Array>> => {
    if (!parseMediaType(headerOf(response, 'content-type')).type.startsWith('image/')) {
      discard(response);
      return refuse('host-not-found', { host });
    }
    const body = await readBody(response.body, headerOf(response, 'content-encoding'), maxBytes);
    return body.ok ? done(body.value) : refuse('host-unreachable', { host });
  };

  const follow = async (text: string, signal: AbortSignal, hops: number): Promise<Outcome<Uint8Array>> => {
    const checked = checkUrl(text, deps);
    const host = URL.parse(text)?.host ?? '';
    if (!checked.ok) return refuse('policy', { host });
    const url = checked.value;
    try {
      const { origin, pathname, search } = url;
      const asked = { origin, path: `${pathname}${search}`, headers, signal, method: 'GET' } as const;
      const response = await deps.agent.request(asked);
      const { statusCode } = response;
      if (statusCode === 200) return await readPicture(response, host);
      discard(response);
      if (!isRedirect(statusCode)) return statusToOutcome(statusCode, host);
      const next = hops < maxRedirects ? nextUrl(response, url) : undefined;
      return next === undefined ? refuse('host-unreachable', { host }) : await follow(next, signal, hops + 1);
    } catch (error) {
      return failureToOutcome(error, host);
    }
  };
  return (url) => follow(url, AbortSignal.timeout(deadlineMs), 0);
};
