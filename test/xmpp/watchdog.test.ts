import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { startWatchdog } from '../../src/xmpp/watchdog.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** A peer whose bytes and answers the test decides about. */
const setUp = (answers: (count: number) => boolean) => {
  let lastByte = performance.now();
  let pings = 0;
  let deadAt: number | undefined;
  let isPaused = false;
  const started = performance.now();
  const end = startWatchdog({
    idleMs: 10_000,
    silentFor: () => performance.now() - lastByte,
    isPaused: () => isPaused,
    ping: async () => {
      pings += 1;
      const isAnswered = answers(pings);
      await new Promise((resolve) => setTimeout(resolve, isAnswered ? 10 : 15_000));
      if (isAnswered) lastByte = performance.now();
      return isAnswered;
    },
    onDead: () => {
      deadAt = performance.now() - started;
    },
  });
  return {
    end,
    pings: () => pings,
    deadAt: () => deadAt,
    receive: () => {
      lastByte = performance.now();
    },
    pause: (value: boolean) => {
      isPaused = value;
    },
  };
};

test('a half-open connection is noticed within 30 seconds of its last byte', async () => {
  const peer = setUp(() => false);
  await vi.advanceTimersByTimeAsync(9_000);
  peer.receive();
  await vi.advanceTimersByTimeAsync(30_000);
  expect(peer.deadAt()).toBeLessThanOrEqual(9_000 + 30_000);
  expect(peer.pings()).toBe(1);
});

test('a peer that answers lives, asked once in ten seconds', async () => {
  const peer = setUp(() => true);
  await vi.advanceTimersByTimeAsync(100_000);
  expect(peer.deadAt()).toBeUndefined();
  expect(peer.pings()).toBeGreaterThanOrEqual(8);
  expect(peer.pings()).toBeLessThanOrEqual(10);
});

test('a busy peer that answers late lives for some pings, not for ever', async () => {
  const peer = setUp(() => false);
  const bytes = setInterval(peer.receive, 12_000);
  await vi.advanceTimersByTimeAsync(40_000);
  expect(peer.deadAt()).toBeUndefined();
  await vi.advanceTimersByTimeAsync(120_000);
  expect(peer.deadAt()).toBeDefined();
  clearInterval(bytes);
});

test('nobody is called dead while we do not read, or after the end', async () => {
  const peer = setUp(() => false);
  peer.pause(true);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(peer.pings()).toBe(0);
  peer.pause(false);
  await vi.advanceTimersByTimeAsync(12_000);
  expect(peer.pings()).toBe(1);
  peer.end();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(peer.deadAt()).toBeUndefined();
});
