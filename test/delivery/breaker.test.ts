import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { SendResult } from '../../src/bridge/send-result.ts';
import { afterFailure, afterNeutralProbe, healthOf } from '../../src/delivery/breaker.ts';
import type { HostState } from '../../src/store/hosts.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const START = Date.parse('2026-01-01T00:00:00Z');
const at = (ms: number): Date => new Date(START + ms);

const WELL: HostState = {
  recentFailures: [],
  openings: 0,
  openUntil: undefined,
  failedOn: undefined,
  failedDays: 0,
  dead: undefined,
};
/** After failures at these milliseconds. */
const failing = (times: readonly number[], from = WELL): HostState =>
  times.reduce((state, ms) => afterFailure(state, at(ms)), from);

/** How long it stays open, in milliseconds from a time; undefined while closed. */
const openFor = ({ openUntil }: HostState, ms: number): number | undefined =>
  openUntil && openUntil.getTime() - at(ms).getTime();

const answered = (status: number, retryAfterSeconds?: number): SendResult => ({
  kind: 'answered',
  status,
  retryAfterSeconds,
});

test.each([
  [answered(202), 'alive'],
  [answered(404), 'alive'],
  [answered(410), 'alive'],
  [answered(401), 'alive'],
  [answered(500), 'failed'],
  [answered(503), 'failed'],
  [answered(302), 'failed'],
  [answered(408), 'failed'],
  [answered(429), 'neutral'],
  [answered(429, 5), 'neutral'],
  [answered(503, 5), 'neutral'],
  [{ kind: 'no-answer', cause: 'timeout', problem: '' }, 'failed'],
  [{ kind: 'no-answer', cause: 'no-such-host', problem: '' }, 'failed'],
  [{ kind: 'no-answer', cause: 'tls', problem: '' }, 'failed'],
  [{ kind: 'no-answer', cause: 'refused-address', problem: '' }, 'neutral'],
] as const)('%j: the host is %s', (result, health) => {
  expect(healthOf(result)).toBe(health);
});

test('the fifth failure within ten minutes opens it for a little under a minute', () => {
  const four = failing([0, 1, 2, 3]);
  expect(four.openUntil).toBeUndefined();
  const five = afterFailure(four, at(10 * MINUTE));
  expect(openFor(five, 10 * MINUTE)).toBe(55_000);
  expect(five.openings).toBe(1);
  expect(afterFailure(four, at(10 * MINUTE + 1)).openUntil).toBeUndefined();
});

test('five failures that never fall within ten minutes of each other leave it closed', () => {
  expect(failing([0, 3, 6, 9, 12, 15, 18].map((n) => n * MINUTE)).openUntil).toBeUndefined();
});

test('each probe that fails doubles the pause, up to half an hour', () => {
  let state = failing([0, 0, 0, 0, 0]);
  const pauses: number[] = [];
  let now = 0;
  for (let n = 0; n < 8; n++) {
    const pause = openFor(state, now) ?? 0;
    pauses.push(pause);
    now += pause;
    state = afterFailure(state, at(now));
  }
  expect(pauses).toEqual([55, 110, 220, 440, 880, 1760, 1800, 1800].map((seconds) => seconds * 1000));
});

test('what was sent before it opened changes nothing when it fails afterwards', () => {
  const open = failing([0, 0, 0, 0, 0]);
  const later = afterFailure(open, at(5_000));
  expect([later.openUntil, later.openings]).toEqual([open.openUntil, 1]);
});

test('failures on seven distinct days make it dead, with one try a day', () => {
  const six = failing([0, 1, 2, 3, 4, 5].map((day) => day * DAY));
  expect([six.failedDays, six.dead]).toEqual([6, undefined]);
  const seven = afterFailure(six, at(6 * DAY));
  expect([seven.failedDays, seven.dead, openFor(seven, 6 * DAY)]).toEqual([7, 'silent', DAY]);
  const eight = afterFailure(seven, at(7 * DAY));
  expect([eight.dead, openFor(eight, 7 * DAY)]).toEqual(['silent', DAY]);
});

test('many failures on one day are one day', () => {
  const hours = Array.from({ length: 24 }, (_, hour) => hour * HOUR);
  expect(failing(hours)).toMatchObject({ failedDays: 1, failedOn: '2026-01-01', dead: undefined });
});

test('a host that said that it is gone stays so', () => {
  const gone: HostState = { ...WELL, dead: 'gone', failedDays: 9, openUntil: at(-1) };
  expect(afterFailure(gone, at(0)).dead).toBe('gone');
});

test('a probe that is told to wait is followed by one when it was told, within the pause', () => {
  const open = failing([0, 0, 0, 0, 0]);
  expect(openFor(afterNeutralProbe(open, at(MINUTE), 2_000), MINUTE)).toBe(2_000);
  expect(openFor(afterNeutralProbe(open, at(MINUTE), HOUR), MINUTE)).toBe(55_000);
  expect(afterNeutralProbe(open, at(1_000), 2_000)).toBe(open);
  expect(afterNeutralProbe(WELL, at(0), 2_000)).toBe(WELL);
});

test('at any failures: no more than five times are kept, the pause is bounded, days only grow', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 2 * DAY }), { maxLength: 60 }), (steps) => {
      let state = WELL;
      let now = 0;
      for (const step of steps) {
        now += step;
        const next = afterFailure(state, at(now));
        expect(next.recentFailures.length).toBeLessThanOrEqual(5);
        expect(next.failedDays - state.failedDays).toBeGreaterThanOrEqual(0);
        expect(next.failedDays - state.failedDays).toBeLessThanOrEqual(1);
        expect(openFor(next, now) ?? 0).toBeLessThanOrEqual(next.dead === undefined ? 30 * MINUTE : DAY);
        expect(next.dead !== undefined).toBe(next.dead !== undefined && next.failedDays >= 7);
        state = next;
      }
    }),
  );
});
