import { LRUCache } from 'lru-cache';

const MAX_KEYS = 50_000;
/** Bursts of five minutes' worth: clients send a backlog at once when they come back online. */
const BURST_MINUTES = 5;

/**
 * A token bucket per key: `perMinute` on average, bursts of five times that. `0` is no limit. `now` in
 * milliseconds. A key that is full again is forgotten.
 */
export const createRate = ({
  perMinute,
  now,
}: {
  readonly perMinute: number;
  readonly now: () => number;
}): ((key: string) => boolean) => {
  if (perMinute === 0) return () => true;
  const burst = perMinute * BURST_MINUTES;
  const buckets = new LRUCache<string, { tokens: number; at: number }>({
    max: MAX_KEYS,
    ttl: BURST_MINUTES * 60_000,
    ttlResolution: 0,
    perf: { now },
  });
  return (key) => {
    const at = now();
    const bucket = buckets.get(key) ?? { tokens: burst, at };
    const tokens = Math.min(burst, bucket.tokens + ((at - bucket.at) / 60_000) * perMinute);
    const allowed = tokens >= 1;
    buckets.set(key, { tokens: allowed ? tokens - 1 : tokens, at });
    return allowed;
  };
};
