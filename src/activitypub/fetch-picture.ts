import { done, type Outcome, refuse } from '../bridge/outcome.ts';
import type { FetchDeps, FetchLimits } from './fetch.ts';
import { discard, followRedirects, headerOf } from './follow-redirects.ts';
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
  deps: Pick<FetchDeps, 'agent' | 'allowPrivate' | 'ownHost' | 'refusesHost' | 'limits' | 'userAgent'>,
): ((url: string) => Promise<Outcome<Uint8Array>>) => {
  const { deadlineMs, maxBytes, maxRedirects } = deps.limits ?? PICTURE_LIMITS;
  const headers = { accept: ACCEPT, 'user-agent': deps.userAgent ?? 'Causeway' };

  const readPicture = async (response: Response, host: string): Promise<Outcome<Uint8Array>> => {
    if (response.statusCode !== 200) {
      discard(response);
      return refuse('host-unreachable', { host });
    }
    if (!parseMediaType(headerOf(response, 'content-type')).type.startsWith('image/')) {
      discard(response);
      return refuse('host-not-found', { host });
    }
    const body = await readBody(response.body, headerOf(response, 'content-encoding'), maxBytes);
    return body.ok ? done(body.value) : refuse('host-unreachable', { host });
  };

  return (text) => {
    const signal = AbortSignal.timeout(deadlineMs);
    return followRedirects(deps, text, maxRedirects, {
      request: ({ origin, pathname, search }) =>
        deps.agent.request({ origin, path: `${pathname}${search}`, headers, signal, method: 'GET' }),
      read: (response, { host }) => readPicture(response, host),
    });
  };
};
