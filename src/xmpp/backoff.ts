export type Backoff = { readonly firstMs: number; readonly maxMs: number };

/**
 * Milliseconds to wait before try number `attempt` (0 is the first): doubling up to `maxMs`, spread by a
 * quarter either way so that many gateways do not come back in step. `random` is in [0, 1).
 */
export const backoffDelay = (attempt: number, { firstMs, maxMs }: Backoff, random: number): number =>
  Math.min(maxMs, firstMs * 2 ** Math.min(attempt, 30) * (0.75 + random / 2));
