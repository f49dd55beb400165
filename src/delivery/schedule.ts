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

/** Tries within the life of a delivery, where nothing changes the pauses. */
export const MAX_TRIES = PAUSES.length + 1;

/** After that nobody waits for a chat message any more. */
export const LIFE_MS = 72 * HOUR;
/** The last of the pauses ends some hours before that; who had all tries is not kept waiting for the rest. */
const ENOUGH_MS = 60 * HOUR;
/** A name that does not exist, or that the certificate does not know, may be a mistake that is mended in a day. */
const MISNAMED_MS = 24 * HOUR;
const MISNAMED_TRIES = 3;

/** A peer that could not fetch our key in time may have it a moment later. */
const SECOND_KNOCK_MS = SECOND;

export const MIN_RETRY_AFTER = SECOND;
export const MAX_RETRY_AFTER = 6 * HOUR;

/** What a peer will never take, however often it is sent (RFC 9110 15.5; 501: it does not know the method). */
const PERMANENT: ReadonlySet<number> = new Set([400, 403, 404, 405, 406, 410, 413, 415, 422, 451, 501]);

export type Verdict =
  | { readonly kind: 'done' }
  /** `patient`: the peer named the time. */
  | { readonly kind: 'retry'; readonly inMs: number; readonly patient: boolean }
  | { readonly kind: 'give-up'; readonly refusal: Refusal };

export type Try = {
  /** Tries that had a result, this one included. */
  readonly tries: number;
  /** Milliseconds since the delivery was made. */
  readonly ageMs: number;
  readonly host: string;
  /** 0 … 1, spreads the tries of many deliveries by up to a fifth. */
  readonly jitter: number;
};

/** Judges one try of a delivery: it arrived, it goes again, or it never will arrive. */
export const judge = (result: SendResult, { tries, ageMs, host, jitter }: Try): Verdict => {
  if (result.kind === 'answered' && result.status >= 200 && result.status < 300) return { kind: 'done' };
  const final = finalRefusal(result, { tries, ageMs, host });
  if (final !== undefined) return { kind: 'give-up', refusal: final };
  const asked = result.kind === 'answered' ? result.retryAfterSeconds : undefined;
  const inMs =
    asked === undefined
      ? pauseAfter(result, tries, jitter)
      : Math.min(Math.max(asked * SECOND, MIN_RETRY_AFTER), MAX_RETRY_AFTER);
  // The last try comes when the time is over, not after it.
  const left = Math.max(LIFE_MS - ageMs, SECOND);
  return { kind: 'retry', inMs: Math.min(inMs, left), patient: asked !== undefined };
};

const pauseAfter = (result: SendResult, tries: number, jitter: number): number =>
  result.kind === 'answered' && result.status === 401
    ? SECOND_KNOCK_MS
    : spread(PAUSES[Math.min(tries, PAUSES.length) - 1] ?? SECOND, jitter);

/** Pauses up to a minute become shorter: a short outage is over for the author within a minute of its end. */
const spread = (pause: number, jitter: number): number =>
  Math.round(pause * (pause <= MINUTE ? 1 - jitter / 5 : 1 + jitter / 5));

const finalRefusal = (result: SendResult, soFar: Omit<Try, 'jitter'>): Refusal | undefined => {
  const { tries, ageMs, host } = soFar;
  const final =
    result.kind === 'answered' ? refusalOfAnswer(result.status, soFar) : refusalOfSilence(result, soFar);
  return final ?? (isOver(tries, ageMs) ? { reason: 'host-unreachable', host } : undefined);
};

const refusalOfAnswer = (status: number, { tries, host }: Omit<Try, 'jitter'>): Refusal | undefined => {
  const isFinal = PERMANENT.has(status) || (status === 401 && tries > 1);
  return isFinal ? refusalOfStatus(status, host) : undefined;
};

const refusalOfSilence = (
  { cause }: Extract<SendResult, { kind: 'no-answer' }>,
  { tries, ageMs, host }: Omit<Try, 'jitter'>,
): Refusal | undefined => {
  if (cause === 'refused-address') return { reason: 'policy', host };
  if (tries < MISNAMED_TRIES || ageMs < MISNAMED_MS) return undefined;
  if (cause === 'no-such-host') return { reason: 'host-not-found', host };
  return cause === 'tls-name' ? { reason: 'host-unreachable', host } : undefined;
};

const isOver = (tries: number, ageMs: number): boolean =>
  ageMs >= LIFE_MS || (tries >= MAX_TRIES && ageMs >= ENOUGH_MS);

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
