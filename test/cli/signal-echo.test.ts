import { expect, test } from 'vitest';
import { createEchoFilter } from '../../src/cli/signal-echo.ts';

const listen = () => {
  const clock = { now: 1_000 };
  const isEcho = createEchoFilter(() => clock.now);
  return {
    isEcho,
    after: (milliseconds: number, signal: string) => {
      clock.now += milliseconds;
      return isEcho(signal);
    },
  };
};

test('the first is none', () => {
  expect(listen().isEcho('SIGINT')).toBe(false);
});

test('the same within a quarter of a second is', () => {
  const { isEcho, after } = listen();
  isEcho('SIGINT');
  expect(after(0, 'SIGINT')).toBe(true);
  expect(after(249, 'SIGINT')).toBe(true);
});

test('the same later is a second wish', () => {
  const { isEcho, after } = listen();
  isEcho('SIGINT');
  expect(after(250, 'SIGINT')).toBe(false);
});

test('echoes do not put the second wish off for ever', () => {
  const { isEcho, after } = listen();
  isEcho('SIGINT');
  expect(after(200, 'SIGINT')).toBe(true);
  expect(after(100, 'SIGINT')).toBe(false);
});

test('another signal is another wish at once', () => {
  const { isEcho, after } = listen();
  isEcho('SIGINT');
  expect(after(0, 'SIGTERM')).toBe(false);
});
