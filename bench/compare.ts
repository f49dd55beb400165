import { median } from './numbers.ts';

/** One round of one side. */
export type Run = {
  readonly count: number;
  readonly seconds: number;
  /** Of the process that is measured, in all its threads. */
  readonly cpuMs: number;
};

export type Side = {
  /** Things a second. */
  readonly rate: number;
  /** Milliseconds of processor for each. */
  readonly cpuMs: number;
};

export type Comparison = {
  readonly floor: Side;
  readonly ours: Side;
  /** Ours by the floor's, of the rates and of the processor times: the middle of the rounds. */
  readonly rateRatio: number;
  readonly cpuRatio: number;
};

const toSide = ({ count, seconds, cpuMs }: Run): Side => ({ rate: count / seconds, cpuMs: cpuMs / count });

/**
 * Measures floor and gateway in turn, so that a neighbour on the machine troubles both alike, and takes the
 * middle of each. The ratios are made round by round: what was measured at the same time is compared.
 */
export const compare = async (
  rounds: number,
  measure: {
    readonly floor: (round: number) => Promise<Run>;
    readonly ours: (round: number) => Promise<Run>;
  },
): Promise<Comparison> => {
  const pairs: { readonly floor: Side; readonly ours: Side }[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const floor = toSide(await measure.floor(round));
    pairs.push({ floor, ours: toSide(await measure.ours(round)) });
  }
  const middle = (pick: (pair: (typeof pairs)[number]) => number): number => median(pairs.map(pick));
  return {
    floor: { rate: middle(({ floor }) => floor.rate), cpuMs: middle(({ floor }) => floor.cpuMs) },
    ours: { rate: middle(({ ours }) => ours.rate), cpuMs: middle(({ ours }) => ours.cpuMs) },
    rateRatio: middle(({ floor, ours }) => ours.rate / floor.rate),
    cpuRatio: middle(({ floor, ours }) => ours.cpuMs / floor.cpuMs),
  };
};
