import { expect, test } from 'vitest';
import { createBatcher } from '../src/batch.ts';

/** A flush that waits until it is let go, and keeps what it was given. */
const gatedFlush = (fails: (items: readonly string[]) => boolean = () => false) => {
  const batches: (readonly string[])[] = [];
  const gates: PromiseWithResolvers<void>[] = [];
  const flush = async (items: readonly string[]): Promise<void> => {
    batches.push(items);
    const gate = Promise.withResolvers<void>();
    gates.push(gate);
    await gate.promise;
    if (fails(items)) throw new Error(`failed: ${items.join()}`);
  };
  const openAll = async (): Promise<void> => {
    for (let next = gates.shift(); next !== undefined; next = gates.shift()) {
      next.resolve();
      // Let the batcher go on to its next flush, if it has one.
      await new Promise((resolve) => setImmediate(resolve));
    }
  };
  return { batches, flush, openAll };
};

test('one caller alone is flushed at once', async () => {
  const { batches, flush, openAll } = gatedFlush();
  const { add } = createBatcher({ flush, maxBatch: 10 });
  const added = add('a');
  expect(batches).toEqual([['a']]);
  await openAll();
  await expect(added).resolves.toBeUndefined();
});

test('what arrives during a flush goes together next, in order, at most maxBatch at a time', async () => {
  const { batches, flush, openAll } = gatedFlush();
  const { add } = createBatcher({ flush, maxBatch: 3 });
  const added = ['a', 'b', 'c', 'd', 'e', 'f'].map(add);
  await openAll();
  await Promise.all(added);
  expect(batches).toEqual([['a'], ['b', 'c', 'd'], ['e', 'f']]);
});

test('a promise settles with its own batch, not before', async () => {
  const { flush, openAll } = gatedFlush();
  const { add } = createBatcher({ flush, maxBatch: 3 });
  let settled = false;
  const added = add('a').then(() => {
    settled = true;
  });
  await new Promise((resolve) => setImmediate(resolve));
  expect(settled).toBe(false);
  await openAll();
  await added;
  expect(settled).toBe(true);
});

test('a poisoned item fails alone', async () => {
  const { batches, flush, openAll } = gatedFlush((items) => items.includes('poison'));
  const { add } = createBatcher({ flush, maxBatch: 10 });
  const results = Promise.allSettled(['first', 'a', 'poison', 'b'].map(add));
  await openAll();
  expect((await results).map(({ status }) => status)).toEqual([
    'fulfilled',
    'fulfilled',
    'rejected',
    'fulfilled',
  ]);
  expect(batches).toEqual([['first'], ['a', 'poison', 'b'], ['a'], ['poison'], ['b']]);
});

test('where nothing can succeed the batch fails at once and the next one is tried', async () => {
  let away = true;
  const { batches, flush, openAll } = gatedFlush(() => away);
  const { add } = createBatcher({ flush, maxBatch: 10, isHopeless: () => true });
  const results = Promise.allSettled(['a', 'b', 'c'].map(add));
  await openAll();
  expect((await results).map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
  expect(batches).toEqual([['a'], ['b', 'c']]);
  away = false;
  const later = add('d');
  await openAll();
  await expect(later).resolves.toBeUndefined();
});
