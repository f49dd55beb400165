/** The value below which `share` (0 … 1) of the values lie, by nearest rank. Throws where there is none. */
export const percentile = (values: readonly number[], share: number): number => {
  const sorted = [...values].sort((a, b) => a - b);
  const rank = Math.max(1, Math.ceil(share * sorted.length));
  const value = sorted[rank - 1];
  if (value === undefined) throw new Error('no values to rank');
  return value;
};

/** The middle value; of an even number the mean of the two in the middle. Throws where there is none. */
export const median = (values: readonly number[]): number => {
  const below = percentile(values, 0.5);
  if (values.length % 2 === 1) return below;
  return (below + percentile(values, 0.5 + 1 / values.length)) / 2;
};

/** As many digits as say something: 1234, 12.3, 1.23, 0.0123. */
export const renderNumber = (value: number): string => {
  if (!Number.isFinite(value)) return '-';
  if (Math.abs(value) >= 100) return value.toFixed(0);
  return String(Number(value.toPrecision(3)));
};

/** A share of one as a percentage. */
export const renderShare = (value: number): string =>
  Number.isFinite(value) ? `${renderNumber(value * 100)} %` : '-';
