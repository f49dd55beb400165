export type WatchdogDeps = {
  /** Ask after this long without a byte (milliseconds). */
  readonly idleMs: number;
  /** Milliseconds since the last byte came in. */
  readonly silentFor: () => number;
  /** True while we ourselves do not read: silence then means nothing. */
  readonly isPaused: () => boolean;
  /** Asks the server something; false when no answer came in time. */
  readonly ping: () => Promise<boolean>;
  readonly onDead: () => void;
};

/** So many pings may stay unanswered while bytes still come in: a server under load, or a long queue. */
const MAX_LATE = 3;

/**
 * Notices a half-open connection: TCP tells nothing of a peer that is gone. Asks when it has been silent
 * for `idleMs`, and reports it dead when nothing at all came back. Returns a function that ends the watch.
 */
export const startWatchdog = (deps: WatchdogDeps): (() => void) => {
  let isOver = false;
  let late = 0;
  let timer: NodeJS.Timeout | undefined;
  const watch = (): void => {
    if (isOver) return;
    timer = setTimeout(() => void look(), Math.max(deps.idleMs - deps.silentFor(), deps.idleMs / 10));
  };
  const look = async (): Promise<void> => {
    if (deps.isPaused() || deps.silentFor() < deps.idleMs) return watch();
    const silentBefore = deps.silentFor();
    const asked = performance.now();
    const isAnswered = await deps.ping();
    if (isOver) return;
    late = isAnswered ? 0 : late + 1;
    const isSilent = deps.silentFor() >= silentBefore + (performance.now() - asked) - 1;
    if (!isAnswered && !deps.isPaused() && (isSilent || late > MAX_LATE)) return deps.onDead();
    watch();
  };
  watch();
  return () => {
    isOver = true;
    clearTimeout(timer);
  };
};
