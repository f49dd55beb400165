import { LRUCache } from 'lru-cache';
import type { Outcome } from '../bridge/outcome.ts';

export type RememberTimes = {
  readonly max: number;
  readonly keepMs: number;
  /** For what will hardly change soon: not there, gone, refused. */
  readonly keepRefusalMs: number;
  /** For trouble that may pass, so that a short outage is over soon. */
  readonly keepTroubleMs: number;
};

/**
 * Wraps a look-up: its outcomes are remembered for a while, in bounded number, and while one is under way
 * everybody who asks for the same key waits for that one. What `load` throws is passed on and not remembered, nor is
 * that it was asked too often ('over-limit').
 */
export const rememberOutcomes = <T>(
  { now, times }: { readonly now: () => Date; readonly times: RememberTimes },
  load: (key: string) => Promise<Outcome<T>>,
): ((key: string) => Promise<Outcome<T>>) => {
  const known = new LRUCache<string, Outcome<T>>({
    max: times.max,
    ttl: times.keepMs,
    ttlResolution: 0,
    perf: { now: () => now().getTime() },
  });
  const underWay = new Map<string, Promise<Outcome<T>>>();

  const lifeOf = (outcome: Outcome<T>): number => {
    if (outcome.ok) return times.keepMs;
    switch (outcome.refusal.reason) {
      case 'over-limit':
        return 0; // It cost nothing, and says nothing of the key: a flood must not push out what does.
      case 'host-unreachable':
      case 'internal':
        return times.keepTroubleMs;
      default:
        return times.keepRefusalMs;
    }
  };

  const loadOnce = async (key: string): Promise<Outcome<T>> => {
    const outcome = await load(key);
    const life = lifeOf(outcome);
    if (life > 0) known.set(key, outcome, { ttl: life });
    return outcome;
  };

  return async (key) => {
    const outcome = known.get(key);
    if (outcome !== undefined) return outcome;
    const flight = underWay.get(key) ?? loadOnce(key).finally(() => underWay.delete(key));
    underWay.set(key, flight);
    return flight;
  };
};
