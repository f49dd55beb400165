/** What has happened so far, and a way to await what has not happened yet. */
export type EventLog<T> = {
  /** Everything added, oldest first. */
  readonly entries: readonly T[];
  add(entry: T): void;
  /**
   * The oldest entry that matches, be it there already or still to come.
   * Rejects after `timeoutMs` milliseconds with an error that says what was awaited.
   */
  waitFor(matches: (entry: T) => boolean, what: string, timeoutMs: number): Promise<T>;
  /** Calls `listener` with each entry to come; the function returned ends that. */
  listen(listener: (entry: T) => void): () => void;
};

export function createEventLog<T>(): EventLog<T> {
  const entries: T[] = [];
  const listeners = new Set<(entry: T) => void>();
  const listen = (listener: (entry: T) => void) => {
    listeners.add(listener);
    return () => {
      listeners.delete(listener);
    };
  };
  return {
    entries,
    listen,
    add(entry) {
      entries.push(entry);
      for (const listener of [...listeners]) listener(entry);
    },
    async waitFor(matches, what, timeoutMs) {
      // An index, because a match may itself be undefined.
      const index = entries.findIndex(matches);
      if (index >= 0) return entries[index] as T;
      const { promise, resolve, reject } = Promise.withResolvers<T>();
      const timer = setTimeout(() => reject(new Error(`no ${what} within ${timeoutMs} ms`)), timeoutMs);
      const stopListening = listen((entry) => {
        if (matches(entry)) resolve(entry);
      });
      try {
        return await promise;
      } finally {
        clearTimeout(timer);
        stopListening();
      }
    },
  };
}
