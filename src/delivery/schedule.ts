import type { Refusal } from '../bridge/outcome.ts';
import type { SendResult } from '../bridge/send-result.ts';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

/** Pauses after the 1st, 2nd … failed try, in milliseconds: 17 tries over about 72 hours. */
const PAUSES: readonly number[] = [
  5 * SECOND,
  20 * SECOND,
  MINUTE,
  3 * MINUTE,
  10 * MINUTE,
  30 * MINUTE,
  HOUR,
  2 * HOUR,
  4 * HOUR,
  8 * HOUR,
  8 * HOUR,
  8 * HOUR,
  8 * HOUR,
  8 * HOUR,
  8 * HOUR,
  8 * HOUR,
];

export const MAX_ATTEMPTS = PAUSES.length + 1;

const MIN_RETRY_AFTER = SECOND;
const MAX_RETRY_AFTER = 6 * HOUR;

/** What a peer will never take, however often it is sent (RFC 9110 15.5; 501: it does not know the method). */
const PERMANENT: ReadonlySet<number> = new Set([400, 401, 403, 404, 405, 406, 410, 413, 415, 422, 451, 501]);

export type Verdict =
  | { readonly kind: 'done' }
  | { readonly kind: 'retry'; readonly inMs: number }
  | { readonly kind: 'give-up'; readonly refusal: Refusal };

/**
 * Judges one try of a delivery.
 * @param attempts tries made so far, this one included
 * @param jitter 0 … 1, spreads the tries of many deliveries by up to a fifth
 */
export const judge = (result: SendResult, attempts: number, host: string, jitter: number): Verdict => {
  if (result.kind === 'answered') {
    if (result.status >= 200 && result.status < 300) return { kind: 'done' };
    if (PERMANENT.has(result.status))
      return { kind: 'give-up', refusal: refusalOfStatus(result.status, host) };
  } else if (result.cause === 'refused-address') {
    return { kind: 'give-up', refusal: { reason: 'policy', host } };
  }
  const pause = PAUSES[attempts - 1];
  if (pause === undefined) return { kind: 'give-up', refusal: { reason: 'host-unreachable', host } };
  const asked = result.kind === 'answered' ? result.retryAfterSeconds : undefined;
  if (asked !== undefined)
    return { kind: 'retry', inMs: Math.min(Math.max(asked * SECOND, MIN_RETRY_AFTER), MAX_RETRY_AFTER) };
  return { kind: 'retry', inMs: Math.round(pause * (1 + jitter / 5)) };
};

const refusalOfStatus = (status: number, host: string): Refusal => {
  switch (status) {
    case 401:
    case 403:
      return { reason: 'refused-by-host', host };
    case 404:
      return { reason: 'not-found', host };
    case 410:
      return { reason: 'gone', host };
    case 413:
      return { reason: 'too-long', host };
    default:
      return { reason: 'rejected-by-host', host };
  }
};
