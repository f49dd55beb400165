/**
 * The same function, whose answers nobody waits for once the signal has come: open calls reject at once, later
 * ones before they begin. What was begun goes on unheard.
 */
export const abandonOn =
  <Args extends readonly unknown[], T>(
    signal: AbortSignal,
    work: (...args: Args) => Promise<T>,
  ): ((...args: Args) => Promise<T>) =>
  (...args) =>
    new Promise<T>((resolve, reject) => {
      const giveUp = (): void => reject(new Error('the gateway is stopping'));
      if (signal.aborted) return giveUp();
      signal.addEventListener('abort', giveUp, { once: true });
      work(...args)
        .then(resolve, reject)
        .finally(() => signal.removeEventListener('abort', giveUp));
    });

/** Resolves with the work, or after `ms`, whichever is first; the work goes on. Rejects only as the work does. */
export const waitAtMost = async (ms: number, work: Promise<unknown>): Promise<void> => {
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, ms);
  try {
    await Promise.race([work, promise]);
  } finally {
    clearTimeout(timer);
  }
};
