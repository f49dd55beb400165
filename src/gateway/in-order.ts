/**
 * Runs work in order per key, different keys side by side: a look-up that takes its 15 seconds holds up its
 * own conversation only. An entry leaves the map with its last piece of work.
 */
export const createInOrder = () => {
  const tails = new Map<string, Promise<void>>();
  return {
    /** `work` must settle by itself; a rejection is the caller's to see and does not stop the key. */
    run: (key: string, work: () => Promise<void>): Promise<void> => {
      const before = tails.get(key) ?? Promise.resolve();
      const mine = before.then(work, work);
      tails.set(key, mine);
      const clean = (): void => {
        if (tails.get(key) === mine) tails.delete(key);
      };
      mine.then(clean, clean);
      return mine;
    },
    /** Resolves when all that was begun has settled. */
    idle: async (): Promise<void> => {
      while (tails.size > 0) await Promise.allSettled(tails.values());
    },
    size: () => tails.size,
  };
};

export type InOrder = ReturnType<typeof createInOrder>;
