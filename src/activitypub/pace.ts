import { setTimeout as sleep } from 'node:timers/promises';

/** Resolves when it is the caller's turn, with true: at once while few come. With false where that is too far off. */
export type Pace = () => Promise<boolean>;

/**
 * Lets what comes go on at `perSecond` at most, in order, after the first `burst` at once; nobody waits longer than
 * `longestMs`. `now` is monotonic milliseconds; `pause` resolves after so many.
 */
export const createPace = ({
  perSecond,
  burst,
  longestMs,
  now,
  pause = sleep,
}: {
  readonly perSecond: number;
  readonly burst: number;
  readonly longestMs: number;
  readonly now: () => number;
  readonly pause?: (ms: number) => Promise<unknown>;
}): Pace => {
  const gapMs = 1_000 / perSecond;
  /** When the next one would go on, had there been no burst. */
  let turnAt = Number.NEGATIVE_INFINITY;
  return async () => {
    const at = now();
    const turn = Math.max(turnAt, at - burst * gapMs) + gapMs;
    if (turn - at > longestMs) return false;
    turnAt = turn;
    if (turn > at) await pause(turn - at);
    return true;
  };
};
