/** What a loop works on at this moment, so that a process that stops can give back what it did not finish. */
export type InHand<Row> = {
  /** Works a row; it is in hand until that has settled. */
  readonly work: (row: Row) => Promise<void>;
  /** The rows whose work has not settled. */
  readonly ids: () => readonly number[];
};

/** Wraps the work of a loop. Rejects as the work does. */
export const createInHand = <Row extends { readonly id: number }>(
  work: (row: Row) => Promise<void>,
): InHand<Row> => {
  const inHand = new Set<Row>();
  return {
    work: async (row) => {
      inHand.add(row);
      try {
        await work(row);
      } finally {
        inHand.delete(row);
      }
    },
    ids: () => [...inHand].map(({ id }) => id),
  };
};
