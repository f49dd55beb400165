export type IntakeDeps = {
  /** More unfinished handlers than this, and reading stops until half of them are done. */
  readonly limit: number;
  readonly pause: (paused: boolean) => void;
  readonly onProblem: (problem: string, error: unknown) => void;
};

export type Intake = {
  /** Runs a handler. It may throw or reject: that is reported and goes no further. */
  readonly run: (handle: () => unknown) => void;
  readonly isPaused: () => boolean;
  /** Resolves when no handler is unfinished, or after `timeoutMs`. */
  readonly drain: (timeoutMs: number) => Promise<void>;
};

/** The place where stanzas are handed over: handlers start in order, their number is bounded, errors end here. */
export const createIntake = ({ limit, pause, onProblem }: IntakeDeps): Intake => {
  const unfinished = new Set<Promise<void>>();
  let paused = false;
  const setPaused = (value: boolean): void => {
    if (paused === value) return;
    paused = value;
    pause(value);
  };
  const settle = async (result: unknown): Promise<void> => {
    try {
      await result;
    } catch (error) {
      onProblem('a stanza handler failed', error);
    }
  };
  return {
    run: (handle) => {
      let result: unknown;
      try {
        result = handle();
      } catch (error) {
        return onProblem('a stanza handler failed', error);
      }
      if (!(result instanceof Promise)) return;
      const task: Promise<void> = settle(result).finally(() => {
        unfinished.delete(task);
        if (unfinished.size <= limit / 2) setPaused(false);
      });
      unfinished.add(task);
      if (unfinished.size > limit) setPaused(true);
    },
    isPaused: () => paused,
    drain: async (timeoutMs) => {
      let timer: NodeJS.Timeout | undefined;
      const timeout = new Promise<void>((resolve) => {
        timer = setTimeout(resolve, timeoutMs);
      });
      await Promise.race([Promise.all(unfinished), timeout]);
      clearTimeout(timer);
    },
  };
};
