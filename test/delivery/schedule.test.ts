import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { SendResult } from '../../src/bridge/send-result.ts';
import { judge, MAX_ATTEMPTS } from '../../src/delivery/schedule.ts';

const answered = (status: number, retryAfterSeconds?: number): SendResult => ({
  kind: 'answered',
  status,
  retryAfterSeconds,
});
const noAnswer: SendResult = { kind: 'no-answer', cause: 'timeout', problem: 'deadline' };
const HOUR = 3_600_000;

test.each([200, 201, 202, 204, 299])('%i is delivered', (status) => {
  expect(judge(answered(status), 1, 'h', 0)).toEqual({ kind: 'done' });
});

test.each([
  [400, 'rejected-by-host'],
  [401, 'refused-by-host'],
  [403, 'refused-by-host'],
  [404, 'not-found'],
  [405, 'rejected-by-host'],
  [406, 'rejected-by-host'],
  [410, 'gone'],
  [413, 'too-long'],
  [415, 'rejected-by-host'],
  [422, 'rejected-by-host'],
  [451, 'rejected-by-host'],
  [501, 'rejected-by-host'],
] as const)('%i stops at once: %s', (status, reason) => {
  expect(judge(answered(status), 1, 'peer.example', 0)).toEqual({
    kind: 'give-up',
    refusal: { reason, host: 'peer.example' },
  });
});

test.each([301, 302, 408, 409, 425, 429, 500, 502, 503, 504, 521, 599])('%i is tried again', (status) => {
  expect(judge(answered(status), 1, 'h', 0)).toEqual({ kind: 'retry', inMs: 5000 });
});

test('an address that we never connect to is our own rule and final', () => {
  const result: SendResult = { kind: 'no-answer', cause: 'refused-address', problem: '127.0.0.1' };
  expect(judge(result, 1, 'h', 0)).toEqual({
    kind: 'give-up',
    refusal: { reason: 'policy', host: 'h' },
  });
});

test('17 tries spread over about 72 hours, then the sender is told', () => {
  let total = 0;
  const pauses: number[] = [];
  for (let attempt = 1; attempt < MAX_ATTEMPTS; attempt += 1) {
    const verdict = judge(noAnswer, attempt, 'h', 0);
    if (verdict.kind !== 'retry') throw new Error(`gave up after ${attempt}`);
    pauses.push(verdict.inMs);
    total += verdict.inMs;
  }
  expect(MAX_ATTEMPTS).toBe(17);
  expect(pauses).toEqual(pauses.toSorted((a, b) => a - b));
  expect(total).toBeGreaterThan(60 * HOUR);
  expect(total).toBeLessThan(76 * HOUR);
  expect(judge(noAnswer, MAX_ATTEMPTS, 'h', 0)).toEqual({
    kind: 'give-up',
    refusal: { reason: 'host-unreachable', host: 'h' },
  });
});

test('jitter adds up to a fifth and never takes away', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: MAX_ATTEMPTS - 1 }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (attempt, jitter) => {
        const base = judge(noAnswer, attempt, 'h', 0);
        const spread = judge(noAnswer, attempt, 'h', jitter);
        if (base.kind !== 'retry' || spread.kind !== 'retry') throw new Error('gave up');
        expect(spread.inMs).toBeGreaterThanOrEqual(base.inMs);
        expect(spread.inMs).toBeLessThanOrEqual(base.inMs * 1.2 + 1);
      },
    ),
  );
});

test.each([
  [0, 1000],
  [1, 1000],
  [90, 90_000],
  [10_000_000, 6 * HOUR],
])('Retry-After %i s is honoured between 1 s and 6 h', (seconds, inMs) => {
  expect(judge(answered(429, seconds), 3, 'h', 1)).toEqual({ kind: 'retry', inMs });
});
