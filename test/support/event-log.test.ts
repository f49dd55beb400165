import { expect, test, vi } from 'vitest';
import { createEventLog } from './event-log.ts';

test('waitFor finds what was there before, the oldest first', async () => {
  const log = createEventLog<number>();
  for (const n of [1, 2, 4]) log.add(n);
  expect(await log.waitFor((n) => n % 2 === 0, 'even number', 10)).toBe(2);
  expect(log.entries).toEqual([1, 2, 4]);
});

test('waitFor awaits what is to come and passes over what does not match', async () => {
  const log = createEventLog<number>();
  const even = log.waitFor((n) => n % 2 === 0, 'even number', 10_000);
  log.add(1);
  log.add(6);
  log.add(8);
  expect(await even).toBe(6);
});

test('waitFor gives up in time and names what was awaited', async () => {
  vi.useFakeTimers();
  try {
    const log = createEventLog<number>();
    const waiting = expect(log.waitFor(() => true, 'number', 5_000)).rejects.toThrow(
      'no number within 5000 ms',
    );
    await vi.advanceTimersByTimeAsync(5_000);
    await waiting;
  } finally {
    vi.useRealTimers();
  }
});

test('listen hears each entry to come until it is ended', () => {
  const log = createEventLog<string>();
  log.add('before');
  const heard: string[] = [];
  const stop = log.listen((entry) => heard.push(entry));
  log.add('a');
  log.add('b');
  stop();
  log.add('after');
  expect(heard).toEqual(['a', 'b']);
});
