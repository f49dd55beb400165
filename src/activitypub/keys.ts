import type { KeyObject } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import type { RemoteActor, RemoteKey } from '../bridge/actor.ts';
import { done, type Outcome, type RefusalReason, refuse } from '../bridge/outcome.ts';
import type { ConfirmHandle } from './confirm-handle.ts';
import { type FetchedActor, fetchActorDocument, fetchedToActor } from './fetch-actor.ts';
import { hostOf, isRecord, readField, readId, readUrl, sameHost, withoutFragment } from './json-fields.ts';
import { isActorDocument, withOwnKeys } from './parse-actor.ts';
import { createRateLimit, siteKey } from './rate-limit.ts';
import { type RememberTimes, rememberOutcomes } from './remember.ts';
import { parsePublicKey } from './signatures/public-key.ts';
import type { FetchedJson, GetJson } from './types.ts';

/** A key that is proven to belong to `owner`, an actor's id. */
export type FoundKey = {
  readonly owner: string;
  readonly key: KeyObject;
  /** The owner's handle could not be confirmed, so nothing of it is kept: it has no address for now. */
  readonly isUnplaced?: true;
};

export type FindKey = (keyId: string, options?: { readonly fresh?: boolean }) => Promise<Outcome<FoundKey>>;

export type KeyFinderDeps = {
  readonly store: {
    readonly findKey: (keyId: string) => Promise<(RemoteKey & { readonly fetchedAt?: Date }) | undefined>;
    /** Keeps the actor and its keys; a key id that another owner has claimed stays with that owner. */
    readonly saveActor: (actor: RemoteActor) => Promise<void>;
  };
  readonly getJson: GetJson;
  readonly confirmHandle: ConfirmHandle;
  readonly now: () => Date;
};

/** A key that does not fit is fetched again at most this often: a forger must not make us knock at his will. */
const REFETCH_MS = 5 * 60_000;
/** Where that said nothing, because the peer or its WebFinger could not be asked. */
const REFETCH_FAILED_MS = 60_000;
/** One that was fetched for this very request, or beside it, is the newest; later there may be a newer one. */
const JUST_FETCHED_MS = 1_000;
/**
 * Keys never seen before, per minute and domain with all names below it: each costs a look at the peer and a row for its owner, and anybody
 * can name as many as he likes. A peer that is told to come again does so.
 */
export const NEW_KEYS_PER_MINUTE = 300;
/** The same for known keys that do not fit: a forger may know many actors of one host. */
export const REFETCHES_PER_MINUTE = 60;
/** A stored actor is looked at again after this time, by the way of its key; where that fails, an hour later. */
const FRESH_FOR_MS = 24 * 60 * 60_000;
const RENEWAL_PAUSE_MS = 60 * 60_000;
const KNOWN_KEYS = 5_000;
/** No longer: what its actor says of itself may replace a key in the store, and the old one counts no more. */
export const KNOWN_KEYS_MS = 10_000;

/** How long the outcome of a fetch stands: also the negative cache for keys that cannot be had. */
const TIMES: RememberTimes = {
  max: 5_000,
  keepMs: REFETCH_MS,
  keepRefusalMs: REFETCH_MS,
  keepTroubleMs: 30_000,
};

/** The owner that a document of its own names for a key, where the document is that key; else undefined. */
const ownerOfKeyDocument = ({ json, url }: FetchedJson, keyId: string): string | undefined => {
  if (!isRecord(json) || readUrl(readField(json, 'id')) !== keyId) return undefined;
  if (withoutFragment(url) !== withoutFragment(new URL(keyId).href)) return undefined;
  const owner = readId(readField(json, 'owner')) ?? readId(readField(json, 'controller'));
  return owner !== undefined && sameHost(owner, keyId) ? owner : undefined;
};

/**
 * The actor behind a key id: the key's URL gives the actor's document, or a document of the key whose owner is
 * then asked. Either way it is the actor's own document that counts, and it must list the key.
 */
const fetchOwner = async (
  deps: { readonly getJson: GetJson },
  keyId: string,
): Promise<Outcome<FetchedActor>> => {
  const fetched = await deps.getJson(withoutFragment(keyId));
  if (!fetched.ok) return fetched;
  if (isActorDocument(fetched.value.json)) return fetchedToActor(deps, fetched.value);
  const owner = ownerOfKeyDocument(fetched.value, keyId);
  return owner === undefined
    ? refuse('not-found', { host: hostOf(keyId) ?? '' })
    : fetchActorDocument(deps, owner);
};

/**
 * The key that a key id names. COMPAT PeerTube until 7.0, activitypub-express, older Activity-Relay: they sign as the
 * actor itself, whose document lists its one key under an id of its own.
 */
const keyOf = (actor: RemoteActor, keyId: string): RemoteKey | undefined => {
  const named = actor.keys.find(({ id }) => id === keyId);
  const [only, ...more] = withOwnKeys(actor).keys;
  return named ?? (keyId === actor.id && more.length === 0 ? only : undefined);
};

const keyToFound = ({ owner, pem }: RemoteKey): FoundKey | undefined => {
  const key = parsePublicKey(pem);
  return key === undefined ? undefined : { owner, key };
};

/** A key that came into the store since the known one was read from there: nobody needs to be asked for it. */
const findNewer = async (
  store: KeyFinderDeps['store'],
  keyId: string,
  { key }: FoundKey,
): Promise<FoundKey | undefined> => {
  const stored = await store.findKey(keyId);
  const found = stored && keyToFound(stored);
  return found?.key.equals(key) === false ? found : undefined;
};

const FOR_NOW: ReadonlySet<RefusalReason> = new Set(['host-unreachable', 'internal', 'over-limit']);

/** Whether a key could not be had only because nobody could be asked for it now. */
export const isForNow = (reason: RefusalReason): boolean => FOR_NOW.has(reason);

/**
 * Fetches a known key again, within both limits. Requests that come in meanwhile wait for it: they may be signed
 * with the new one. `refetched` holds the actors of whom it was tried lately, and whether the peer answered: then there
 * is no newer key ('not-found'), else nobody knows ('over-limit').
 */
const createRefetch = ({
  fetchKey,
  refetched,
  now,
}: {
  readonly fetchKey: (keyId: string) => Promise<Outcome<FoundKey>>;
  readonly refetched: LRUCache<string, boolean>;
  readonly now: () => number;
}): ((keyId: string, owner: string) => Promise<Outcome<FoundKey>>) => {
  const refetches = createRateLimit({ perMinute: REFETCHES_PER_MINUTE, now });
  const underWay = new Map<string, Promise<Outcome<FoundKey>>>();
  return async (keyId, owner) => {
    const before = underWay.get(keyId);
    if (before !== undefined) return before;
    const host = hostOf(keyId) ?? '';
    if (refetched.get(owner) === true) return refuse('not-found', { host });
    if (refetched.has(owner) || refetches.take(siteKey(host)) !== undefined)
      return refuse('over-limit', { host });
    refetched.set(owner, false, { ttl: REFETCH_FAILED_MS });
    const flight = fetchKey(keyId).finally(() => underWay.delete(keyId));
    underWay.set(keyId, flight);
    const outcome = await flight;
    const isAnswered = outcome.ok ? outcome.value.isUnplaced !== true : !isForNow(outcome.refusal.reason);
    refetched.set(owner, isAnswered, isAnswered ? {} : { ttl: REFETCH_FAILED_MS });
    return outcome;
  };
};

/**
 * Makes the function that finds the key behind a key id and proves whose it is: cache, then store, then the
 * peer. With `fresh` the store is asked for a newer one than the cache has, then the peer even if a key is known, at
 * most once per actor in 5 minutes, after that 'not-found' (where it could not answer, once in a minute, after that
 * 'over-limit'), and 60 times a minute per domain, after that 'over-limit', which is also the answer to too many unknown
 * keys of one domain. A key id that one actor has claimed never goes to another. What is stored of an actor is renewed here once a day, while its own peer waits and nobody else does.
 * Refusals: those of `getJson`, and 'not-found' where no document binds the key to its owner.
 */
export const createKeyFinder = (deps: KeyFinderDeps): FindKey => {
  const { store, confirmHandle, now } = deps;
  const perf = { now: () => now().getTime() };
  const figures = { max: KNOWN_KEYS, ttlResolution: 0, perf };
  const known = new LRUCache<string, FoundKey>({ ...figures, ttl: KNOWN_KEYS_MS });
  const refetched = new LRUCache<string, boolean>({ ...figures, ttl: REFETCH_MS });
  const renewals = new LRUCache<string, true>({ ...figures, ttl: RENEWAL_PAUSE_MS });
  const newKeys = createRateLimit({ perMinute: NEW_KEYS_PER_MINUTE, now: perf.now });

  const fetchKey = async (keyId: string): Promise<Outcome<FoundKey>> => {
    const host = hostOf(keyId) ?? '';
    const fetched = await fetchOwner(deps, keyId);
    if (!fetched.ok) return fetched;
    const { actor, claimed } = fetched.value;
    const key = keyOf(actor, keyId);
    const found = key === undefined ? undefined : keyToFound(key);
    const claim = await store.findKey(keyId);
    if (found === undefined || (claim !== undefined && claim.owner !== actor.id))
      return refuse('not-found', { host });
    // Who names keys that nobody has does not keep a new one from being looked for.
    refetched.set(actor.id, true, { ttl: JUST_FETCHED_MS });
    // Without its canonical handle an actor is not kept: its JID would change later. The key holds all the same.
    const confirmed = await confirmHandle(actor, claimed);
    if (!confirmed.ok) return done({ ...found, isUnplaced: true });
    await store.saveActor(withOwnKeys(confirmed.value, keyId));
    known.set(keyId, found);
    return done(found);
  };
  const fetchOnce = rememberOutcomes({ now, times: TIMES }, async (keyId) => {
    const host = hostOf(keyId) ?? '';
    return newKeys.take(siteKey(host)) === undefined ? fetchKey(keyId) : refuse('over-limit', { host });
  });

  const recall = async (keyId: string): Promise<FoundKey | undefined> => {
    const cached = known.get(keyId);
    if (cached !== undefined) return cached;
    const stored = await store.findKey(keyId);
    const found = stored && keyToFound(stored);
    if (found === undefined) return undefined;
    const age = now().getTime() - (stored?.fetchedAt ?? now()).getTime();
    const isDue = age >= FRESH_FOR_MS && !renewals.has(keyId);
    if (isDue) renewals.set(keyId, true);
    const renewed = isDue ? await fetchOnce(keyId) : undefined;
    const current = renewed?.ok === true && renewed.value.isUnplaced !== true ? renewed.value : found;
    known.set(keyId, current);
    return current;
  };

  const refetch = createRefetch({ fetchKey, refetched, now: perf.now });

  return async (keyId, { fresh = false } = {}) => {
    if (readUrl(keyId) === undefined) return refuse('policy');
    const found = await recall(keyId);
    if (found === undefined) return fetchOnce(keyId);
    if (!fresh) return done(found);
    const newer = await findNewer(store, keyId, found);
    if (newer === undefined) return refetch(keyId, found.owner);
    known.set(keyId, newer);
    return done(newer);
  };
};
