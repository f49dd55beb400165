import type { IncomingBounce } from './stanza.ts';

/**
 * What an error for a stanza of ours asks for. `again`: the same stanza later. `stop`: it will never arrive.
 * `end`: there is nobody who could be subscribed to, so the relation is over as well.
 */
export type BounceVerdict = 'again' | 'stop' | 'end';

/**
 * Trouble on the way that passes, whatever type the server gives it. COMPAT Prosody says `remote-server-not-found`
 * and `cancel` also for a server that merely refuses the connection at this moment.
 */
const PASSING: ReadonlySet<string> = new Set([
  'recipient-unavailable',
  'remote-server-not-found',
  'remote-server-timeout',
  'resource-constraint',
]);

/** RFC 6120 8.3.3: the account or its server is not there. */
const NOBODY_THERE: ReadonlySet<string> = new Set(['gone', 'item-not-found', 'remote-server-not-found']);

/** `wait` is the server's own word for "retry after waiting" (RFC 6120 8.3.2). Pure and total. */
export const judgeBounce = ({
  stanza,
  condition,
  errorType,
}: Pick<IncomingBounce, 'stanza' | 'condition' | 'errorType'>): BounceVerdict => {
  if (errorType === 'wait') return 'again';
  if (stanza === 'presence' && NOBODY_THERE.has(condition)) return 'end';
  return PASSING.has(condition) ? 'again' : 'stop';
};

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
/** Somewhat under eight hours in all: a night's trouble of the user's server. */
const PAUSES: readonly number[] = [
  30 * SECOND,
  2 * MINUTE,
  10 * MINUTE,
  30 * MINUTE,
  HOUR,
  2 * HOUR,
  4 * HOUR,
];

/** Milliseconds to wait with a stanza that came back so often before; undefined when it has been enough. */
export const pauseAfterBounce = (bouncesBefore: number): number | undefined => PAUSES[bouncesBefore];
