import { expect, test } from 'vitest';
import { createInHand } from '../../src/delivery/in-hand.ts';

type Row = { readonly id: number; readonly attempts: number };

const row = (id: number): Row => ({ id, attempts: 1 });
const AWAY = new Error('away');

const begin = () => {
  const released: (readonly number[])[] = [];
  const works = new Map<number, PromiseWithResolvers<void>>();
  let canRelease = true;
  const hand = createInHand<Row>({
    claim: (limit) => Promise.resolve(Array.from({ length: limit }, (_, id) => row(id))),
    work: ({ id }) => {
      const work = Promise.withResolvers<void>();
      works.set(id, work);
      return work.promise;
    },
    release: (claims) => {
      if (!canRelease) return Promise.reject(AWAY);
      released.push(claims.map(({ id }) => id));
      return Promise.resolve();
    },
    isOurs: (error) => error === AWAY,
  });
  const settle = async (id: number, error?: Error): Promise<void> => {
    const work = works.get(id);
    if (error === undefined) work?.resolve();
    else work?.reject(error);
    await new Promise((resolve) => setImmediate(resolve));
  };
  const allowRelease = (allowed: boolean): void => {
    canRelease = allowed;
  };
  return { hand, released, settle, allowRelease };
};

test('what is settled is not given back, what is at work is', async () => {
  const { hand, released, settle } = begin();
  const works = [1, 2, 3].map((id) => hand.work(row(id)));
  await settle(2);
  await hand.giveBack();
  expect(released).toEqual([[1, 3]]);
  await settle(1);
  await settle(3);
  await Promise.all(works);
  await hand.giveBack();
  expect(released.at(-1)).toEqual([]);
});

test('what our own trouble left unsettled is given back before the next claim, once', async () => {
  const { hand, released, settle, allowRelease } = begin();
  const work = hand.work(row(7));
  const failed = expect(work).rejects.toBe(AWAY);
  await settle(7, AWAY);
  await failed;
  allowRelease(false);
  await expect(hand.claim(2)).rejects.toBe(AWAY);
  allowRelease(true);
  expect(await hand.claim(2)).toEqual([row(0), row(1)]);
  await hand.claim(2);
  expect(released).toEqual([[7]]);
});

test('a row that fails by itself keeps its lease: it must not come back at once, for ever', async () => {
  const { hand, released, settle } = begin();
  const failed = expect(hand.work(row(7))).rejects.toThrow('poison');
  await settle(7, new Error('poison'));
  await failed;
  await hand.claim(1);
  await hand.giveBack();
  expect(released).toEqual([[]]);
});

test('what is left unsettled while other rows are given back is given back the next time', async () => {
  const released: (readonly number[])[] = [];
  const releases: PromiseWithResolvers<void>[] = [];
  const hand = createInHand<Row>({
    claim: async () => [],
    work: () => Promise.reject(AWAY),
    release: (claims) => {
      released.push(claims.map(({ id }) => id));
      const release = Promise.withResolvers<void>();
      releases.push(release);
      return release.promise;
    },
    isOurs: () => true,
  });
  await expect(hand.work(row(1))).rejects.toBe(AWAY);
  const claiming = hand.claim(1);
  await expect(hand.work(row(2))).rejects.toBe(AWAY);
  releases[0]?.resolve();
  await claiming;
  const next = hand.claim(1);
  releases[1]?.resolve();
  await next;
  expect(released).toEqual([[1], [2]]);
});
