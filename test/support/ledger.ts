/** What one end knows of one message. `at` is milliseconds of one clock for both ends. */
export type Sent = { readonly id: string; readonly lane: string };

/** What came out at the other end: `id` is the sender's, `shownAs` the id under which it was shown. */
export type Arrival = { readonly id: string; readonly shownAs: string };

export type Balance = {
  /** Acknowledged to the sender, and never arrived. */
  readonly lost: readonly string[];
  /** Arrived under two different ids: nobody could tell that they are one. */
  readonly twice: readonly string[];
  /** Arrived for the first time before one of its lane that was sent earlier. */
  readonly outOfOrder: readonly string[];
  /** Nobody told the sender anything, good or bad. */
  readonly untold: readonly string[];
  /** The sender was told that it failed, and it had arrived. */
  readonly wronglyFailed: readonly string[];
  /** Came again under the same id, which the receiver drops. */
  readonly repeats: number;
  /** Arrived, and that nobody sent. */
  readonly unknown: readonly string[];
};

/**
 * Compares both ends of a wire.
 * @param sent everything in the order of sending; `lane` names the conversation, in which order counts
 * @param acknowledged ids for which the sender has a receipt, or a 2xx
 * @param failed ids for which the sender has an error
 * @param arrived everything in the order of arrival, repeats too
 */
export const balance = (ledger: {
  readonly sent: readonly Sent[];
  readonly acknowledged: ReadonlySet<string>;
  readonly failed: ReadonlySet<string>;
  readonly arrived: readonly Arrival[];
}): Balance => {
  const { sent, acknowledged, failed, arrived } = ledger;
  const shown = new Map<string, Set<string>>();
  let repeats = 0;
  for (const { id, shownAs } of arrived) {
    const names = shown.get(id) ?? new Set();
    if (names.has(shownAs)) repeats += 1;
    shown.set(id, names.add(shownAs));
  }
  const ids = sent.map(({ id }) => id);
  const known = new Set(ids);
  return {
    lost: ids.filter((id) => acknowledged.has(id) && !shown.has(id)),
    twice: [...shown].filter(([, names]) => names.size > 1).map(([id]) => id),
    outOfOrder: findOvertaking(sent, [...shown.keys()]),
    untold: ids.filter((id) => !acknowledged.has(id) && !failed.has(id)),
    wronglyFailed: ids.filter((id) => failed.has(id) && shown.has(id)),
    repeats,
    unknown: [...shown.keys()].filter((id) => !known.has(id)),
  };
};

/** Ids whose first arrival lies before that of one sent earlier in the same lane. */
const findOvertaking = (sent: readonly Sent[], firstArrivals: readonly string[]): readonly string[] => {
  const laneOf = new Map(sent.map(({ id, lane }) => [id, lane]));
  const placeOf = new Map(sent.map(({ id }, place) => [id, place]));
  const furthest = new Map<string, number>();
  const late: string[] = [];
  for (const id of firstArrivals) {
    const lane = laneOf.get(id);
    const place = placeOf.get(id);
    if (lane === undefined || place === undefined) continue;
    const before = furthest.get(lane) ?? -1;
    if (place < before) late.push(id);
    else furthest.set(lane, place);
  }
  return late;
};

/** The three zeros that every fault must leave. */
export const NOTHING_WRONG = { lost: [], twice: [], outOfOrder: [], wronglyFailed: [], unknown: [] } as const;
