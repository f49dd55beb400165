/** Counts what arrives, and when the first and the last of an awaited number did. */
export type Tally = {
  /** One arrived. */
  readonly add: () => void;
  /** Begins anew and resolves with the seconds between the first and the `count`-th. */
  readonly waitFor: (count: number) => Promise<number>;
};

/** `now` in milliseconds, monotonic. */
export const createTally = (now: () => number): Tally => {
  let seen = 0;
  let first = 0;
  let awaited = 0;
  let finish: (seconds: number) => void = () => {};
  return {
    add: () => {
      seen += 1;
      if (seen === 1) first = now();
      if (seen === awaited) finish((now() - first) / 1_000);
    },
    waitFor: (count) => {
      seen = 0;
      awaited = count;
      return new Promise((resolve) => {
        finish = resolve;
      });
    },
  };
};
