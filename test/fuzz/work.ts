/** What a worker is told: a target, and when to end (whichever comes first). */
export type Work = {
  readonly target: string;
  readonly seed: number;
  readonly runs: number;
  readonly ms: number;
  /** The input under work, for the watcher. */
  readonly input: SharedArrayBuffer;
  /** Two integers: how many inputs were begun, and the length of this one. */
  readonly state: SharedArrayBuffer;
};

export type Report = {
  readonly name: string;
  readonly runs: number;
  /** CPU milliseconds for each KiB, of the slowest input. */
  readonly slowest: number;
  readonly problem?: string;
};

export const isWork = (value: unknown): value is Work =>
  typeof value === 'object' && value !== null && 'target' in value && 'input' in value && 'state' in value;
