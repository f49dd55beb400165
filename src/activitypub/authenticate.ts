import type { RefusalReason } from '../bridge/outcome.ts';
import { hostOf } from './json-fields.ts';
import { type FindKey, type FoundKey, isForNow } from './keys.ts';
import { readSignature, verifySignature } from './signatures/verify.ts';
import type { Authentication, RawRequest } from './types.ts';

export type Authenticate = (request: RawRequest) => Promise<Authentication>;

const deny = (status: 401 | 403 | 503, problem: string): Extract<Authentication, { ok: false }> => ({
  ok: false,
  status,
  problem,
});

/** Where the key could not be had for now, the peer should come again; else its signature is just bad. */
const denyForKey = (reason: RefusalReason, keyId: string, problem = `no key: ${reason}`): Authentication => {
  const denied = deny(isForNow(reason) ? 503 : 401, problem);
  return reason === 'gone' ? { ...denied, gone: keyId } : denied;
};

type Places = {
  readonly isHostBlocked: (host: string) => Promise<boolean>;
  readonly hosts: readonly string[];
};

/** Of which host no key is ever asked for. */
const refusePlace = async (deps: Places, host: string | undefined): Promise<Authentication | undefined> => {
  if (host === undefined) return deny(401, 'a keyId without a host');
  if (deps.hosts.includes(host)) return deny(401, 'a keyId of our own');
  return (await deps.isHostBlocked(host)) ? deny(403, `${host} is blocked`) : undefined;
};

const MISFIT = 'the signature does not fit the key';

/**
 * It may be signed with a new key: where nobody could be asked for it, the peer should come again. Who left is 410 by
 * now, and what it sends may be its `Delete`.
 */
const denyForFreshKey = (reason: RefusalReason, keyId: string): Authentication =>
  denyForKey(reason, keyId, isForNow(reason) ? `no new key: ${reason}` : MISFIT);

/**
 * Makes the function that tells who signed a request. In this order: the signature's form, coverage, host,
 * time and digest (401, nothing is fetched); the host of the key against the block list (403, nothing is
 * fetched); the key and its owner; the signature itself, and once more with a fresh key where a known one does
 * not fit. `hosts` are our own names in lower case: nobody signs from outside as one of us. The caller compares
 * the signer with the activity's actor. Rejects only when the store does.
 */
export const createAuthenticator =
  (
    deps: Places & {
      readonly findKey: FindKey;
      /** Scheme and host under which we are reached. */
      readonly origin: string;
      readonly now: () => Date;
    },
  ): Authenticate =>
  async (request) => {
    const read = readSignature(request, { now: deps.now(), hosts: deps.hosts, origin: deps.origin });
    if (!read.ok) return deny(401, read.problem);
    const { keyId } = read.value;
    const refused = await refusePlace(deps, hostOf(keyId));
    if (refused !== undefined) return refused;

    const accept = ({ owner, isUnplaced }: FoundKey): Authentication => ({
      ok: true,
      signer: { actor: owner, keyId, ...(isUnplaced === true ? { isUnplaced } : {}) },
    });
    const first = await deps.findKey(keyId);
    if (!first.ok) return denyForKey(first.refusal.reason, keyId);
    if (verifySignature(read.value, first.value.key)) return accept(first.value);
    const fresh = await deps.findKey(keyId, { fresh: true });
    if (!fresh.ok) return denyForFreshKey(fresh.refusal.reason, keyId);
    return verifySignature(read.value, fresh.value.key) ? accept(fresh.value) : deny(401, MISFIT);
  };

/**
 * The same, answered within so many milliseconds: a key leads to a document, its owner, a WebFinger and what that
 * names, each of which may be slow. Who comes again later finds what was fetched meanwhile.
 */
export const answerInTime =
  (authenticate: Authenticate, ms: number): Authenticate =>
  async (request) => {
    const { promise: late, resolve } = Promise.withResolvers<Authentication>();
    const timer = setTimeout(() => resolve(deny(503, `no key within ${ms / 1000} s`)), ms);
    const answer = authenticate(request);
    // When the time is over first, nobody listens to it any more.
    answer.catch(() => undefined);
    try {
      return await Promise.race([answer, late]);
    } finally {
      clearTimeout(timer);
    }
  };
