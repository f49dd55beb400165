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
 * everybody who asks for the same key waits for that one. What `load` throws is passed on and not remembered.
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
    const passes = outcome.refusal.reason === 'host-unreachable' || outcome.refusal.reason === 'internal';
    return passes ? times.keepTroubleMs : times.keepRefusalMs;
  };

  const loadOnce = async (key: string): Promise<Outcome<T>> => {
    const outcome = await load(key);
    known.set(key, outcome, { ttl: lifeOf(outcome) });
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
