import { EventEmitter } from 'node:events';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Gateway } from '../../src/cli/commands.ts';
import { runUntilStopped } from '../../src/cli/run-until-stopped.ts';
import type { Log } from '../../src/log.ts';

const LIMIT = 10_000;

/** A run whose gateway starts and stops when the test says so. */
function begin() {
  const events = new EventEmitter();
  const logged: string[] = [];
  const note = (event: string): void => {
    logged.push(event);
  };
  const log: Log = { debug: note, info: note, warn: note, error: note };
  const start = Promise.withResolvers<Gateway>();
  const stop = Promise.withResolvers<void>();
  let stops = 0;
  const gateway: Gateway = {
    stop: () => {
      stops += 1;
      return stop.promise;
    },
  };
  const code = runUntilStopped({
    events,
    log,
    start: () => start.promise,
    stopLimitMs: LIMIT,
    now: Date.now,
  });
  return { events, logged, start, stop, gateway, code, stops: () => stops };
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe.each(['SIGTERM', 'SIGINT'])('%s', (signal) => {
  test('stops in order and leaves with 0', async () => {
    const run = begin();
    run.start.resolve(run.gateway);
    run.events.emit(signal);
    run.stop.resolve();
    expect(await run.code).toBe(0);
    expect(run.logged).toEqual(['stopping', 'stopped']);
    expect(run.stops()).toBe(1);
    expect(run.events.eventNames()).toEqual([]);
    expect(vi.getTimerCount()).toBe(0);
  });

  test('during the start waits for it, then stops', async () => {
    const run = begin();
    run.events.emit(signal);
    expect(run.stops()).toBe(0);
    run.start.resolve(run.gateway);
    run.stop.resolve();
    expect(await run.code).toBe(0);
    expect(run.stops()).toBe(1);
  });

  test('a second time leaves at once', async () => {
    const run = begin();
    run.start.resolve(run.gateway);
    run.events.emit(signal);
    await vi.advanceTimersByTimeAsync(1_000);
    run.events.emit(signal);
    expect(await run.code).toBe(signal === 'SIGINT' ? 130 : 143);
  });

  test('that npm passes on although it came already changes nothing', async () => {
    const run = begin();
    run.start.resolve(run.gateway);
    run.events.emit(signal);
    await vi.advanceTimersByTimeAsync(5);
    run.events.emit(signal);
    run.stop.resolve();
    expect(await run.code).toBe(0);
    expect(run.stops()).toBe(1);
  });

  test('with a stop that hangs leaves after the limit', async () => {
    const run = begin();
    run.start.resolve(run.gateway);
    run.events.emit(signal);
    await vi.advanceTimersByTimeAsync(LIMIT - 1);
    expect(run.logged).toEqual(['stopping']);
    await vi.advanceTimersByTimeAsync(1);
    expect(await run.code).toBe(75);
    expect(run.logged).toEqual(['stopping', 'stop-took-too-long']);
  });

  test('with a stop that fails says so', async () => {
    const run = begin();
    run.start.resolve(run.gateway);
    run.events.emit(signal);
    run.stop.reject(new Error('stuck'));
    expect(await run.code).toBe(70);
    expect(run.logged).toEqual(['stopping', 'stop-failed']);
  });
});

test('an uncaught error is logged and ends the run with 70', async () => {
  const run = begin();
  run.start.resolve(run.gateway);
  run.events.emit('uncaughtException', new Error('bug'));
  expect(await run.code).toBe(70);
  expect(run.logged).toEqual(['uncaught-error']);
});

test('a start that fails ends the run with 70', async () => {
  const run = begin();
  run.start.reject(new Error('bug'));
  expect(await run.code).toBe(70);
  expect(run.logged).toEqual(['start-failed']);
});

test('a refusal to start is told without a stack, with 78: a restart does not help', async () => {
  const run = begin();
  run.start.reject(Object.assign(new Error('wrong secret key'), { name: 'StartRefusal' }));
  expect(await run.code).toBe(78);
  expect(run.logged).toEqual(['start-refused']);
});
