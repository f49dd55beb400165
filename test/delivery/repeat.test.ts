import { expect, test } from 'vitest';
import { createRepeat } from '../../src/delivery/repeat.ts';

test('it comes again after an error, one turn at a time, and not after stop()', async () => {
  const errors: string[] = [];
  const third = Promise.withResolvers<void>();
  let turns = 0;
  let atOnce = 0;
  const repeat = createRepeat({
    everyMs: 1,
    work: async () => {
      atOnce += 1;
      expect(atOnce).toBe(1);
      await new Promise(setImmediate);
      atOnce -= 1;
      turns += 1;
      if (turns === 1) throw new Error('first');
      if (turns === 3) third.resolve();
    },
    onError: (error) => errors.push(String(error)),
  });
  repeat.start();
  repeat.start();
  await third.promise;
  await repeat.stop();
  const after = turns;
  await new Promise((resolve) => setTimeout(resolve, 5));
  expect(turns).toBe(after);
  expect(errors).toEqual(['Error: first']);
});

test('stop() waits for the turn under way', async () => {
  const begun = Promise.withResolvers<void>();
  const release = Promise.withResolvers<void>();
  let ended = false;
  const repeat = createRepeat({
    everyMs: 1,
    work: async () => {
      begun.resolve();
      await release.promise;
      ended = true;
    },
    onError: (error) => release.reject(error),
  });
  repeat.start();
  await begun.promise;
  const stopped = repeat.stop();
  release.resolve();
  await stopped;
  expect(ended).toBe(true);
});
