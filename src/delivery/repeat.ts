export type Repeat = {
  start(): void;
  /** Begins nothing more; resolves when what is under way has ended. */
  stop(): Promise<void>;
};

/** Does some work again and again, with a pause after each end; an error is told, and the next turn comes. */
export const createRepeat = (options: {
  readonly everyMs: number;
  readonly work: () => Promise<void>;
  readonly onError: (error: unknown) => void;
}): Repeat => {
  let timer: NodeJS.Timeout | undefined;
  let running = false;
  let turn: Promise<void> = Promise.resolve();
  const schedule = (): void => {
    timer = setTimeout(() => {
      turn = options
        .work()
        .catch(options.onError)
        .finally(() => {
          if (running) schedule();
        });
    }, options.everyMs);
  };
  return {
    start: () => {
      if (running) return;
      running = true;
      schedule();
    },
    stop: async () => {
      running = false;
      clearTimeout(timer);
      await turn;
    },
  };
};
