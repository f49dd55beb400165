export type Stall = {
  /** Milliseconds that the count has not moved, as far as the watcher itself was awake. */
  readonly stillMs: number;
  readonly beat: number;
  readonly lookedAt: number;
};

/**
 * How long the beats have stood still, one look later. The watcher counts only time that it saw pass itself, in
 * steps of `lookMs`: when the whole process was stopped (SIGSTOP, a sleeping laptop, a machine without a free
 * core) it slept as well, and a look that comes late counts as one on time.
 * @param at of this look, milliseconds of a clock that never goes back
 */
export const lookAtBeat = (before: Stall, beat: number, at: number, lookMs: number): Stall => {
  if (beat !== before.beat) return { stillMs: 0, beat, lookedAt: at };
  const seen = Math.min(Math.max(at - before.lookedAt, 0), lookMs);
  return { stillMs: before.stillMs + seen, beat, lookedAt: at };
};
