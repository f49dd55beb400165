import { createPrivateKey, createPublicKey } from 'node:crypto';
import { afterEach, expect, test, vi } from 'vitest';
import { createKeyPool, type KeyPair, type KeyPool, makeKeyPair } from '../../src/store/key-pool.ts';

let pool: KeyPool | undefined;
afterEach(() => pool?.stop());

const pairNumber = (n: number): KeyPair => ({ publicPem: `pair ${n}`, privateDer: Buffer.alloc(0) });
const countingMaker = () => {
  let made = 0;
  let atOnce = 0;
  const seen = { mostAtOnce: 0 };
  const make = async (): Promise<KeyPair> => {
    atOnce++;
    seen.mostAtOnce = Math.max(seen.mostAtOnce, atOnce);
    await Promise.resolve();
    atOnce--;
    return pairNumber(++made);
  };
  return { make, made: () => made, seen };
};

test('makes RSA pairs of 2048 bits that belong together', async () => {
  const { publicPem, privateDer } = await makeKeyPair();
  const privateKey = createPrivateKey({ key: privateDer, format: 'der', type: 'pkcs8' });
  expect(privateKey.asymmetricKeyDetails?.modulusLength).toBe(2048);
  expect(publicPem).toMatch(/^-----BEGIN PUBLIC KEY-----/u);
  expect(createPublicKey(privateKey).equals(createPublicKey(publicPem))).toBe(true);
});

test('fills up to its size and refills after a take, one at a time', async () => {
  const maker = countingMaker();
  pool = createKeyPool({ size: 3, make: maker.make });
  await vi.waitUntil(() => pool?.ready() === 3, 15_000);
  const taken = await Promise.all(Array.from({ length: 10 }, () => pool?.take()));
  expect(new Set(taken.map((pair) => pair?.publicPem)).size).toBe(10);
  await vi.waitUntil(() => pool?.ready() === 3, 15_000);
  expect(maker.made()).toBe(13);
  expect(maker.seen.mostAtOnce).toBe(1);
});

test('with no size a pair is made for each take', async () => {
  const maker = countingMaker();
  pool = createKeyPool({ size: 0, make: maker.make });
  for (let n = 1; n <= 50; n++) expect(await pool.take()).toEqual(pairNumber(n));
  expect(maker.made()).toBe(50);
});

test('whoever waits hears that a pair could not be made, and the next take tries again', async () => {
  let fails = true;
  pool = createKeyPool({
    size: 1,
    make: async () => {
      if (fails) throw new Error('no entropy');
      return pairNumber(1);
    },
  });
  await expect(pool.take()).rejects.toThrow('no entropy');
  fails = false;
  expect(await pool.take()).toEqual(pairNumber(1));
});

test('after stop nothing is made and nobody waits for ever', async () => {
  const gate = Promise.withResolvers<KeyPair>();
  const make = vi.fn(() => gate.promise);
  const stopping = createKeyPool({ size: 5, make });
  const waiting = stopping.take();
  const stopped = stopping.stop();
  await expect(waiting).rejects.toThrow('stopped');
  gate.resolve(pairNumber(1));
  await stopped;
  await expect(stopping.take()).rejects.toThrow('stopped');
  expect(make).toHaveBeenCalledTimes(1);
});
