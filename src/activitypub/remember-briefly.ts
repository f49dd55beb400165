import { LRUCache } from 'lru-cache';

/**
 * Wraps a question that is asked many times a second and whose answer hardly ever changes: each answer stands
 * for `keepMs` milliseconds, at most `max` of them (the longest unused go first), and who asks meanwhile waits
 * for the same one. What `load` throws is passed on and not remembered, and neither is `undefined`.
 */
export const rememberBriefly = <T extends {}>(
  load: (key: string) => Promise<T | undefined>,
  { max, keepMs, now }: { readonly max: number; readonly keepMs: number; readonly now: () => number },
): ((key: string) => Promise<T | undefined>) => {
  const known = new LRUCache<string, T>({
    max,
    ttl: keepMs,
    ttlResolution: 0,
    perf: { now },
    fetchMethod: load,
    // Pushed out while it is under way: who asked gets the answer all the same.
    ignoreFetchAbort: true,
  });
  return (key) => known.fetch(key);
};
