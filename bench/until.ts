import { setTimeout as pause } from 'node:timers/promises';

const LOOK_EVERY_MS = 5;

/** Resolves when it holds; rejects after `limitMs` milliseconds with what was awaited. */
export const until = async (what: string, holds: () => Promise<boolean>, limitMs = 30_000): Promise<void> => {
  const deadline = performance.now() + limitMs;
  while (!(await holds())) {
    if (performance.now() > deadline) throw new Error(`waited in vain for ${what}`);
    await pause(LOOK_EVERY_MS);
  }
};
