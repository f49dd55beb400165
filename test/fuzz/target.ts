import type { Random } from './random.ts';

/** A changed input; pieces of the others may stand in it. The same `random` makes the same one. */
export type Mutate = (input: Uint8Array, random: Random, others: readonly Uint8Array[]) => Uint8Array;

/** A reader of what strangers send. `run` throws when it breaks a promise; what it refuses is no finding. */
export type Target = {
  readonly name: string;
  readonly seeds: readonly Uint8Array[];
  /** Nearly as long as an input may be: seldom taken, for each costs as much as a hundred others. */
  readonly large?: readonly Uint8Array[];
  readonly mutate: Mutate;
  readonly run: (input: Uint8Array) => void;
};
