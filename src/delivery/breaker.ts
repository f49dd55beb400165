import type { SendResult } from '../bridge/send-result.ts';
import type { HostState } from '../store/hosts.ts';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const DAY = 24 * 60 * MINUTE;

/** So many failures within the window open the breaker. */
const FAILURES = 5;
const WINDOW_MS = 10 * MINUTE;
/**
 * A little under a minute, so that the probe has been answered when the minute is over: an outage shorter
 * than that is over for everybody within a minute of its end.
 */
const FIRST_PAUSE_MS = 55 * SECOND;
const LONGEST_PAUSE_MS = 30 * MINUTE;
/** Failures on so many distinct days, and no success in between. */
export const DEAD_AFTER_DAYS = 7;
/** A host that fell silent may come back without a word to us: one try a day. */
export const DEAD_PAUSE_MS = DAY;

/**
 * What one try says of the host. `alive`: it takes messages, or says for good that it does not take this
 * one. `neutral`: nothing; it is busy and says so, or we never asked it.
 */
export const healthOf = (result: SendResult): 'alive' | 'neutral' | 'failed' => {
  if (result.kind === 'no-answer') return result.cause === 'refused-address' ? 'neutral' : 'failed';
  const { status, retryAfterSeconds } = result;
  if (status === 429 || (status === 503 && retryAfterSeconds !== undefined)) return 'neutral';
  if (status >= 200 && status < 300) return 'alive';
  return status >= 400 && status < 500 && status !== 408 ? 'alive' : 'failed';
};

const pauseOf = (openings: number): number =>
  Math.min(FIRST_PAUSE_MS * 2 ** Math.min(openings - 1, 10), LONGEST_PAUSE_MS);

const later = (now: Date, ms: number): Date => new Date(now.getTime() + ms);

/**
 * What is known of a host after one more failure. Five within ten minutes open the breaker for a minute;
 * each probe that fails doubles that, up to half an hour. What fails while it is open was sent before and
 * says nothing new. After failures on seven distinct days the host is dead.
 */
export const afterFailure = (state: HostState, now: Date): HostState => {
  const today = now.toISOString().slice(0, 10);
  const failedDays = state.failedOn === today ? state.failedDays : state.failedDays + 1;
  const recentFailures = [...state.recentFailures, now].slice(-FAILURES);
  const counted = { ...state, recentFailures, failedOn: today, failedDays };
  if (state.openUntil !== undefined && state.openUntil > now) return counted;
  if (failedDays >= DEAD_AFTER_DAYS)
    return { ...counted, dead: state.dead ?? 'silent', openUntil: later(now, DEAD_PAUSE_MS) };
  const [first] = recentFailures;
  const isProbe = state.openUntil !== undefined;
  const isBurst =
    recentFailures.length === FAILURES && first !== undefined && now.getTime() - first.getTime() <= WINDOW_MS;
  if (!isProbe && !isBurst) return counted;
  const openings = state.openings + 1;
  return { ...counted, openings, openUntil: later(now, pauseOf(openings)) };
};

/** What is known of a host whose probe said nothing of it (429, 503 with Retry-After): the next one is due then. */
export const afterNeutralProbe = (state: HostState, now: Date, inMs: number): HostState =>
  state.openUntil === undefined || state.openUntil > now
    ? state
    : { ...state, openUntil: later(now, Math.min(inMs, pauseOf(Math.max(state.openings, 1)))) };
