import ipaddr from 'ipaddr.js';
import { LRUCache } from 'lru-cache';

export type RateLimit = {
  /** Takes one from the bucket of `key`: `undefined` when there was one, else the seconds until there is. */
  readonly take: (key: string) => number | undefined;
};

/** Beyond so many keys the longest unused are forgotten: a flood of names costs memory once, never more. */
const MOST_KEYS = 20_000;
const MINUTE = 60_000;

/**
 * A token bucket a key: `perMinute` refilled evenly, at most as many at once, or as `burstMinutes` bring. 0 means
 * no limit. A bucket that nobody touched for so long is full again, so forgetting it then loses nothing. `now`
 * is monotonic, in milliseconds.
 */
export const createRateLimit = ({
  perMinute,
  burstMinutes = 1,
  now,
}: {
  readonly perMinute: number;
  readonly burstMinutes?: number;
  readonly now: () => number;
}): RateLimit => {
  if (perMinute <= 0) return { take: () => undefined };
  const burst = perMinute * burstMinutes;
  const buckets = new LRUCache<string, { readonly tokens: number; readonly at: number }>({
    max: MOST_KEYS,
    ttl: burstMinutes * MINUTE,
    perf: { now },
    ttlResolution: 0,
  });
  return {
    take: (key) => {
      const at = now();
      const before = buckets.get(key);
      const refilled = before === undefined ? burst : before.tokens + ((at - before.at) * perMinute) / MINUTE;
      const tokens = Math.min(burst, refilled);
      if (tokens < 1) {
        // Not written back: the bucket goes on filling from where it stood.
        return Math.max(1, Math.ceil(((1 - tokens) * 60) / perMinute));
      }
      buckets.set(key, { tokens: tokens - 1, at });
      return undefined;
    },
  };
};

/**
 * The key under which an address is counted: an IPv4 address as it is, of an IPv6 address the first 64 bits,
 * since one customer has them all.
 */
export const addressKey = (address: string): string => {
  if (!ipaddr.isValid(address)) return address;
  const parsed = ipaddr.process(address);
  if (parsed.kind() === 'ipv4') return parsed.toString();
  return `${parsed.toNormalizedString().split(':').slice(0, 4).join(':')}::/64`;
};

/**
 * The key under which new names of a host are counted: whoever owns a domain owns all names below it, and can have
 * thousands of them. The last two labels, three where the second reads like a registry's (`co.uk`, `com.au`); no
 * port. Counting a few neighbours together costs them nothing at the limits that use it.
 */
export const siteKey = (host: string): string => {
  const name = URL.parse(`https://${host}/`)?.hostname ?? host;
  if (ipaddr.isValid(name.replace(/^\[|\]$/gu, ''))) return name;
  const labels = name.split('.');
  const [second = '', top = ''] = labels.slice(-2);
  return labels.slice(top.length === 2 && second.length <= 3 ? -3 : -2).join('.');
};
