import { createRepeat } from './repeat.ts';

export type WorkLoop = {
  start(): void;
  /** There may be new work: look now instead of at the next poll. */
  wake(): void;
  /** Claims nothing more; resolves when what was claimed is worked. */
  stop(): Promise<void>;
};

export type WorkLoopOptions<Row> = {
  /** Takes at most `limit` rows, each for this process alone while its lease runs. */
  readonly claim: (limit: number) => Promise<readonly Row[]>;
  /** Works one row and settles it. Must not throw for what the row itself may cause. */
  readonly work: (row: Row) => Promise<void>;
  /** Where rows are leased. */
  readonly renewal?: {
    /** Holds on to rows that are still worked, so that a lease need not be as long as the longest work. */
    readonly renew: (rows: readonly Row[]) => Promise<void>;
    /** Milliseconds between renewals: a third of the lease. */
    readonly everyMs: number;
  };
  readonly concurrency: number;
  /** Milliseconds between looks when nothing wakes the loop. */
  readonly pollMs: number;
  /** The database is away, or `work` threw: the row's lease brings it back. */
  readonly onError: (error: unknown) => void;
};

/**
 * Claims rows and works up to `concurrency` of them at once: memory is bounded by that number, whatever
 * the backlog. A slot that becomes free is filled at once, so that one slow row holds up nobody.
 */
export const createWorkLoop = <Row>(options: WorkLoopOptions<Row>): WorkLoop => {
  const { claim, work, concurrency, pollMs, onError, renewal } = options;
  const busy = new Map<Promise<void>, Row>();
  const renewing =
    renewal &&
    createRepeat({
      everyMs: renewal.everyMs,
      work: async () => {
        if (busy.size > 0) await renewal.renew([...busy.values()]);
      },
      onError,
    });
  let running = false;
  let woken = false;
  let wakeUp: () => void = () => {};
  let loop: Promise<void> = Promise.resolve();

  const pause = (): Promise<void> =>
    new Promise((resolve) => {
      const timer = setTimeout(resolve, pollMs);
      wakeUp = () => {
        clearTimeout(timer);
        resolve();
      };
      if (woken || !running) wakeUp();
    });

  const begin = (row: Row): void => {
    const job = work(row)
      .catch(onError)
      .finally(() => {
        busy.delete(job);
        // The next row of the same lane may be claimable now.
        wake();
      });
    busy.set(job, row);
  };

  const wake = (): void => {
    woken = true;
    wakeUp();
  };

  const run = async (): Promise<void> => {
    while (running) {
      woken = false;
      const free = concurrency - busy.size;
      const rows = free > 0 ? await claimSafely(claim, free, onError) : [];
      for (const row of rows) begin(row);
      if (rows.length === 0 || rows.length === free) await pause();
    }
  };

  return {
    start: () => {
      if (running) return;
      running = true;
      renewing?.start();
      loop = run();
    },
    wake,
    stop: async () => {
      running = false;
      wakeUp();
      await loop;
      await Promise.all(busy.keys());
      await renewing?.stop();
    },
  };
};

const claimSafely = async <Row>(
  claim: (limit: number) => Promise<readonly Row[]>,
  limit: number,
  onError: (error: unknown) => void,
): Promise<readonly Row[]> => {
  try {
    return await claim(limit);
  } catch (error) {
    onError(error);
    return [];
  }
};
