/** What a worker is told: a target, and when to end (whichever comes first). */
export type Work = {
  readonly target: string;
  readonly seed: number;
  readonly runs: number;
  readonly ms: number;
};

export type Report = {
  readonly name: string;
  readonly runs: number;
  /** CPU milliseconds for each KiB, of the slowest input. */
  readonly slowest: number;
  readonly problem?: string;
};

/** The descriptor under which a worker finds the file in which it leaves the input under work. */
export const INPUT_FD = 4;

/** At the head of that file: how many inputs were begun, and the length of this one. */
export const HEAD_BYTES = 8;

export const renderHead = (runs: number, length: number): Uint8Array =>
  new Uint8Array(Uint32Array.of(runs, length).buffer);

export const parseHead = (bytes: Uint8Array): { readonly runs: number; readonly length: number } => {
  const [runs = 0, length = 0] = new Uint32Array(bytes.slice(0, HEAD_BYTES).buffer);
  return { runs, length };
};

export const isWork = (value: unknown): value is Work =>
  typeof value === 'object' && value !== null && 'target' in value && 'seed' in value && 'runs' in value;

export const isReport = (value: unknown): value is Report =>
  typeof value === 'object' && value !== null && 'name' in value && 'slowest' in value;
