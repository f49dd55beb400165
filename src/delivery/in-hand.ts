/** What a loop has claimed and not settled, so that no row has to wait for its lease where that is needless. */
export type InHand<Row> = {
  /** Gives back first what trouble of ours left unsettled. */
  readonly claim: (limit: number) => Promise<readonly Row[]>;
  /** Works a row; it is in hand until that has settled. Rejects as the work does. */
  readonly work: (row: Row) => Promise<void>;
  /** Gives back all that is in hand: the process stops. */
  readonly giveBack: () => Promise<void>;
};

/** A claim: the number of the attempt tells it from a later claim of the same row. */
export type Claim = { readonly id: number; readonly attempts: number };

export type InHandDeps<Row> = {
  readonly claim: (limit: number) => Promise<readonly Row[]>;
  readonly work: (row: Row) => Promise<void>;
  /** Frees rows for the next claim, as if they had not been claimed; not those that another has taken since. */
  readonly release: (claims: readonly Claim[]) => Promise<void>;
  /** Whether an error says nothing about the row: the database was away. Any other waits for the lease to end. */
  readonly isOurs: (error: unknown) => boolean;
};

/** Wraps what a loop does with its rows. */
export const createInHand = <Row extends Claim>(deps: InHandDeps<Row>): InHand<Row> => {
  const inHand = new Set<Claim>();
  let unsettled: readonly Claim[] = [];
  return {
    claim: async (limit) => {
      if (unsettled.length > 0) {
        const released = unsettled;
        await deps.release(released);
        // More may have come while these were given back.
        unsettled = unsettled.filter((claim) => !released.includes(claim));
      }
      return await deps.claim(limit);
    },
    work: async (row) => {
      inHand.add(row);
      try {
        await deps.work(row);
      } catch (error) {
        if (deps.isOurs(error)) unsettled = [...unsettled, row];
        throw error;
      } finally {
        inHand.delete(row);
      }
    },
    giveBack: () => deps.release([...unsettled, ...inHand]),
  };
};
