import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { SendResult } from '../../src/bridge/send-result.ts';
import { judge, LIFE_MS, MAX_TRIES } from '../../src/delivery/schedule.ts';

const answered = (status: number, retryAfterSeconds?: number): SendResult => ({
  kind: 'answered',
  status,
  retryAfterSeconds,
});
type Cause = Extract<SendResult, { kind: 'no-answer' }>['cause'];
const silent = (cause: Cause): SendResult => ({ kind: 'no-answer', cause, problem: 'x' });
const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const first = { tries: 1, ageMs: 0, host: 'h', jitter: 0 };

test.each([200, 201, 202, 204, 299])('%i is delivered', (status) => {
  expect(judge(answered(status), first)).toEqual({ kind: 'done' });
});

test.each([
  [400, 'rejected-by-host'],
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
  expect(judge(answered(status), { ...first, host: 'peer.example' })).toEqual({
    kind: 'give-up',
    refusal: { reason, host: 'peer.example' },
  });
});

test('401 is believed the second time', () => {
  expect(judge(answered(401), first)).toEqual({ kind: 'retry', inMs: SECOND, patient: false });
  expect(judge(answered(401), { ...first, tries: 2 })).toEqual({
    kind: 'give-up',
    refusal: { reason: 'refused-by-host', host: 'h' },
  });
});

test.each([301, 302, 408, 409, 425, 429, 500, 502, 503, 504, 521, 599])('%i is tried again', (status) => {
  expect(judge(answered(status), first)).toEqual({ kind: 'retry', inMs: 5 * SECOND, patient: false });
});

test('an address that we never connect to is our own rule and final', () => {
  expect(judge(silent('refused-address'), first)).toEqual({
    kind: 'give-up',
    refusal: { reason: 'policy', host: 'h' },
  });
});

test.each([
  ['no-such-host', 'host-not-found'],
  ['tls-name', 'host-unreachable'],
] as const)('%s is permanent after three tries over a day', (cause, reason) => {
  expect(judge(silent(cause), { ...first, tries: 3, ageMs: DAY - 1 }).kind).toBe('retry');
  expect(judge(silent(cause), { ...first, tries: 2, ageMs: DAY }).kind).toBe('retry');
  expect(judge(silent(cause), { ...first, tries: 3, ageMs: DAY })).toEqual({
    kind: 'give-up',
    refusal: { reason, host: 'h' },
  });
});

test.each(['tls', 'timeout', 'connection'] as const)('%s has all its time', (cause) => {
  expect(judge(silent(cause), { ...first, tries: 5, ageMs: 2 * DAY }).kind).toBe('retry');
});

/** The times of all tries, in milliseconds from the first, of a host that never gets well. */
const timesOf = (jitter: () => number, retryAfter?: number): readonly number[] => {
  const times = [0];
  for (;;) {
    const now = times.at(-1) ?? 0;
    const verdict = judge(answered(500, retryAfter), {
      tries: times.length,
      ageMs: now,
      host: 'h',
      jitter: jitter(),
    });
    if (verdict.kind !== 'retry') {
      expect(verdict).toEqual({ kind: 'give-up', refusal: { reason: 'host-unreachable', host: 'h' } });
      return times;
    }
    times.push(now + verdict.inMs);
  }
};

test('17 tries over about 72 hours, then the author is told', () => {
  const times = timesOf(() => 0);
  const pauses = times.slice(1).map((time, n) => time - (times[n] ?? 0));
  expect(pauses).toEqual([
    5 * SECOND,
    20 * SECOND,
    MINUTE,
    3 * MINUTE,
    10 * MINUTE,
    30 * MINUTE,
    HOUR,
    2 * HOUR,
    4 * HOUR,
    ...Array<number>(7).fill(8 * HOUR),
  ]);
  expect(times).toHaveLength(MAX_TRIES);
  expect(times.at(-1)).toBeGreaterThan(60 * HOUR);
});

test('whatever the jitter and whatever the peer asks, it is over after 72 hours', () => {
  const jitters = fc.infiniteStream(fc.double({ min: 0, max: 1, noNaN: true }));
  const asks = fc.option(fc.integer({ min: 60, max: 10_000_000 }), { nil: undefined });
  fc.assert(
    fc.property(jitters, asks, (jitter, asked) => {
      const times = timesOf(() => jitter.next().value ?? 0, asked);
      expect(times.at(-1)).toBeGreaterThanOrEqual(60 * HOUR);
      expect(times.at(-1)).toBeLessThanOrEqual(LIFE_MS);
    }),
    { numRuns: 50 },
  );
});

test('tries that were brought forward do not use up the time', () => {
  expect(judge(answered(500), { ...first, tries: 40, ageMs: 10 * HOUR })).toMatchObject({ inMs: 8 * HOUR });
});

test('an outage of up to a minute is over for the author within a minute of its end', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 60 * SECOND }),
      fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 5, maxLength: 5 }),
      (end, jitters) => {
        const next = jitters[Symbol.iterator]();
        const times = timesOf(() => next.next().value ?? 0);
        const arrival = times.find((time) => time >= end) ?? Number.POSITIVE_INFINITY;
        expect(arrival - end).toBeLessThanOrEqual(MINUTE);
      },
    ),
  );
});

test('jitter changes a pause by up to a fifth: shorter up to a minute, longer above', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: MAX_TRIES - 1 }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (tries, jitter) => {
        const base = judge(silent('timeout'), { ...first, tries });
        const spread = judge(silent('timeout'), { ...first, tries, jitter });
        if (base.kind !== 'retry' || spread.kind !== 'retry') throw new Error('gave up');
        const [low, high] = base.inMs <= MINUTE ? [0.8, 1] : [1, 1.2];
        expect(spread.inMs).toBeGreaterThanOrEqual(base.inMs * low - 1);
        expect(spread.inMs).toBeLessThanOrEqual(base.inMs * high + 1);
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
  expect(judge(answered(429, seconds), { ...first, tries: 3, jitter: 1 })).toEqual({
    kind: 'retry',
    inMs,
    patient: true,
  });
});
