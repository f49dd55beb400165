import { getEventListeners } from 'node:events';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { abandonOn, waitAtMost } from '../src/abandon.ts';

describe('a function that is abandoned on a signal', () => {
  test('answers as before until then, and leaves no listener behind', async () => {
    const { signal } = new AbortController();
    const double = abandonOn(signal, (value: number) => Promise.resolve(value * 2));
    expect(await Promise.all([double(1), double(2)])).toEqual([2, 4]);
    const fail = abandonOn(signal, () => Promise.reject(new Error('no')));
    await expect(fail()).rejects.toThrow('no');
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });

  test('open calls reject at once, later ones before they begin', async () => {
    const stopping = new AbortController();
    const work = vi.fn(() => new Promise<never>(() => {}));
    const abandoned = abandonOn(stopping.signal, work);
    const open = abandoned();
    stopping.abort();
    await expect(open).rejects.toThrow('stopping');
    await expect(abandoned()).rejects.toThrow('stopping');
    expect(work).toHaveBeenCalledTimes(1);
  });

  test('what fails after it was abandoned is nobody’s unhandled rejection', async () => {
    const stopping = new AbortController();
    const { promise, reject } = Promise.withResolvers<never>();
    const open = abandonOn(stopping.signal, () => promise)();
    stopping.abort();
    await expect(open).rejects.toThrow('stopping');
    reject(new Error('too late'));
    await new Promise((resolve) => setImmediate(resolve));
  });
});

describe('waiting for at most so long', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  test('ends with the work, and leaves no timer', async () => {
    await waitAtMost(1_000, Promise.resolve());
    expect(vi.getTimerCount()).toBe(0);
    await expect(waitAtMost(1_000, Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(vi.getTimerCount()).toBe(0);
  });

  test('ends without it', async () => {
    let isOver = false;
    const waiting = waitAtMost(1_000, new Promise(() => {})).then(() => {
      isOver = true;
    });
    await vi.advanceTimersByTimeAsync(999);
    expect(isOver).toBe(false);
    await vi.advanceTimersByTimeAsync(1);
    await waiting;
    expect(isOver).toBe(true);
  });
});
