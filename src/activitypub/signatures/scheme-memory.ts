import { LRUCache } from 'lru-cache';

/** draft-cavage-http-signatures-12 or RFC 9421. */
export type Scheme = 'cavage' | 'rfc9421';

export type SchemeMemory = {
  /** What to sign with first for a host (with its port). Rejects where the store does. */
  readonly first: (host: string) => Promise<Scheme>;
  /** The host took this after it had refused the other. Never rejects: what was sent has been taken. */
  readonly learn: (host: string, scheme: Scheme) => Promise<void>;
};

const HOSTS = 5_000;
/** Other processes learn too. */
const KEPT_MS = 60_000;

/** What hosts understood, kept in the store and for a minute here; a host that never refused takes draft-cavage. */
export const createSchemeMemory = (store: {
  readonly find: (host: string) => Promise<Scheme | undefined>;
  readonly remember: (host: string, scheme: Scheme) => Promise<void>;
  /** Monotonic, in milliseconds. */
  readonly now?: () => number;
}): SchemeMemory => {
  const known = new LRUCache<string, Scheme>({
    max: HOSTS,
    ttl: KEPT_MS,
    ...(store.now === undefined ? {} : { perf: { now: store.now }, ttlResolution: 0 }),
    fetchMethod: async (host) => (await store.find(host)) ?? 'cavage',
    ignoreFetchAbort: true,
  });
  return {
    first: async (host) => (await known.fetch(host)) ?? 'cavage',
    learn: async (host, scheme) => {
      known.set(host, scheme);
      // Lost, it costs one more request a minute from now.
      await store.remember(host, scheme).catch(() => undefined);
    },
  };
};

/** For who has no store: nothing is learnt. */
export const NO_MEMORY: SchemeMemory = { first: async () => 'cavage', learn: async () => undefined };
