export type Batcher<T> = {
  /** Settles with the batch that the item went in: resolved once it is flushed, rejected when it was not. */
  readonly add: (item: T) => Promise<void>;
};

type Waiting<T> = {
  readonly item: T;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
};

/**
 * Lets many callers share one commit: while a flush runs, what arrives gathers and goes together next, at
 * most `maxBatch` at a time and in order of arrival. One caller alone waits for nothing. A batch of many
 * that fails is tried again item by item, so that one poisoned item fails alone; `flush` must therefore be
 * all or nothing. Where trying again is senseless for all alike (no database), `isHopeless` says so and the
 * whole batch fails at once.
 */
export const createBatcher = <T>({
  flush,
  maxBatch,
  isHopeless = () => false,
}: {
  readonly flush: (items: readonly T[]) => Promise<void>;
  readonly maxBatch: number;
  readonly isHopeless?: (error: unknown) => boolean;
}): Batcher<T> => {
  const waiting: Waiting<T>[] = [];
  let running = false;

  const flushOne = async ({ item, resolve, reject }: Waiting<T>): Promise<void> => {
    try {
      await flush([item]);
      resolve();
    } catch (error) {
      reject(error);
    }
  };

  const flushBatch = async (batch: readonly Waiting<T>[]): Promise<void> => {
    try {
      await flush(batch.map(({ item }) => item));
      for (const { resolve } of batch) resolve();
    } catch (error) {
      if (batch.length === 1 || isHopeless(error)) {
        for (const { reject } of batch) reject(error);
        return;
      }
      for (const one of batch) await flushOne(one);
    }
  };

  const run = async (): Promise<void> => {
    running = true;
    while (waiting.length > 0) await flushBatch(waiting.splice(0, maxBatch));
    running = false;
  };

  return {
    add: (item) =>
      new Promise<void>((resolve, reject) => {
        waiting.push({ item, resolve, reject });
        // `run` never rejects: each failure is told to whom it concerns.
        if (!running) void run();
      }),
  };
};
