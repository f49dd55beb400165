import { expect, test } from 'vitest';
import { createInOrder } from '../../src/gateway/in-order.ts';

test('one key is worked in order, whatever each piece takes', async () => {
  const order = createInOrder();
  const seen: number[] = [];
  const gate = Promise.withResolvers<void>();
  void order.run('a', async () => {
    await gate.promise;
    seen.push(1);
  });
  void order.run('a', async () => void seen.push(2));
  gate.resolve();
  await order.idle();
  expect(seen).toEqual([1, 2]);
});

test('another key does not wait', async () => {
  const order = createInOrder();
  const gate = Promise.withResolvers<void>();
  void order.run('slow', () => gate.promise);
  await order.run('fast', async () => {});
  gate.resolve();
  await order.idle();
});

test('a rejection is the caller’s and does not stop the key', async () => {
  const order = createInOrder();
  await expect(order.run('a', () => Promise.reject(new Error('bug')))).rejects.toThrow('bug');
  let worked = false;
  await order.run('a', async () => {
    worked = true;
  });
  expect(worked).toBe(true);
});

test('keys do not stay behind', async () => {
  const order = createInOrder();
  for (let key = 0; key < 100; key += 1) void order.run(String(key), async () => {});
  await order.idle();
  expect(order.size()).toBe(0);
});
