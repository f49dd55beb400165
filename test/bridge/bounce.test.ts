import { expect, test } from 'vitest';
import { judgeBounce, pauseAfterBounce } from '../../src/bridge/bounce.ts';
import type { IncomingBounce } from '../../src/bridge/stanza.ts';

type Bounce = [IncomingBounce['stanza'], IncomingBounce['errorType'], string];

test.each<[...Bounce, string]>([
  // What Prosody and ejabberd say while the user's server is away.
  ['message', 'wait', 'remote-server-timeout', 'again'],
  ['message', 'cancel', 'remote-server-not-found', 'again'],
  ['message', 'cancel', 'remote-server-timeout', 'again'],
  ['message', 'wait', 'resource-constraint', 'again'],
  ['message', 'modify', 'resource-constraint', 'again'],
  ['message', 'wait', 'recipient-unavailable', 'again'],
  ['message', 'wait', 'undefined-condition', 'again'],
  ['message', 'cancel', 'item-not-found', 'stop'],
  ['message', 'cancel', 'gone', 'stop'],
  ['message', 'cancel', 'service-unavailable', 'stop'],
  ['message', 'auth', 'forbidden', 'stop'],
  ['message', 'cancel', 'undefined-condition', 'stop'],
  ['presence', 'wait', 'remote-server-timeout', 'again'],
  ['presence', 'wait', 'remote-server-not-found', 'again'],
  ['presence', 'cancel', 'remote-server-timeout', 'again'],
  ['presence', 'cancel', 'remote-server-not-found', 'end'],
  ['presence', 'cancel', 'item-not-found', 'end'],
  ['presence', 'modify', 'gone', 'end'],
  ['presence', 'auth', 'forbidden', 'stop'],
])('a %s that comes back with %s and %s: %s', (stanza, errorType, condition, verdict) => {
  expect(judgeBounce({ stanza, errorType, condition })).toBe(verdict);
});

test('pauses grow, and end before a working day does', () => {
  const pauses: number[] = [];
  for (let pause = pauseAfterBounce(0); pause !== undefined; pause = pauseAfterBounce(pauses.length))
    pauses.push(pause);
  expect(pauses[0]).toBe(30_000);
  expect(pauses).toEqual([...new Set(pauses)].sort((a, b) => a - b));
  const hours = pauses.reduce((sum, pause) => sum + pause, 0) / 3_600_000;
  expect(hours).toBeGreaterThan(4);
  expect(hours).toBeLessThan(8);
});
