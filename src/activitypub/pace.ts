import { setTimeout as sleep } from 'node:timers/promises';

/** Resolves when it is the caller's turn: at once while few come. */
export type Pace = () => Promise<void>;

/**
 * Lets what comes go on at `perSecond` at most, in order, after the first `burst` at once. `now` is monotonic
 * milliseconds; `pause` resolves after so many. How many wait is for the callers to bound.
 */
export const createPace = ({
  perSecond,
  burst,
  now,
  pause = sleep,
}: {
  readonly perSecond: number;
  readonly burst: number;
  readonly now: () => number;
  readonly pause?: (ms: number) => Promise<unknown>;
}): Pace => {
  const gapMs = 1_000 / perSecond;
  /** When the next one would go on, had there been no burst. */
  let turnAt = Number.NEGATIVE_INFINITY;
  return async () => {
    const at = now();
    turnAt = Math.max(turnAt, at - burst * gapMs) + gapMs;
    if (turnAt > at) await pause(turnAt - at);
  };
};
