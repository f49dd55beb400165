/** What a loop has claimed and not settled, so that no row has to wait for its lease where that is needless. */
export type InHand<Row> = {
  /** Gives back first what trouble of ours left unsettled. */
  readonly claim: (limit: number) => Promise<readonly Row[]>;
  /** Works a row; it is in hand until that has settled. Rejects as the work does. */
  readonly work: (row: Row) => Promise<void>;
  /** Gives back all that is in hand: the process stops. */
  readonly giveBack: () => Promise<void>;
};

export type InHandDeps<Row> = {
  readonly claim: (limit: number) => Promise<readonly Row[]>;
  readonly work: (row: Row) => Promise<void>;
  /** Frees rows for the next claim, as if they had not been claimed. */
  readonly release: (ids: readonly number[]) => Promise<void>;
  /** Whether an error says nothing about the row: the database was away. Any other waits for the lease to end. */
  readonly isOurs: (error: unknown) => boolean;
};

/** Wraps what a loop does with its rows. */
export const createInHand = <Row extends { readonly id: number }>(deps: InHandDeps<Row>): InHand<Row> => {
  const inHand = new Set<number>();
  let unsettled: readonly number[] = [];
  return {
    claim: async (limit) => {
      if (unsettled.length > 0) {
        await deps.release(unsettled);
        unsettled = [];
      }
      return await deps.claim(limit);
    },
    work: async (row) => {
      inHand.add(row.id);
      try {
        await deps.work(row);
      } catch (error) {
        if (deps.isOurs(error)) unsettled = [...unsettled, row.id];
        throw error;
      } finally {
        inHand.delete(row.id);
      }
    },
    giveBack: () => deps.release([...unsettled, ...inHand]),
  };
};
