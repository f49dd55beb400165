import { describe, expect, test } from 'vitest';
import { createInOrder } from '../../src/gateway/in-order.ts';
import { createWaitingRoom, type StepAside } from '../../src/gateway/waiting-room.ts';

const setUp = (limits = { perSender: 2, total: 3 }) => {
  const conversations = createInOrder();
  const room = createWaitingRoom({ conversations, ...limits });
  const happened: string[] = [];
  const lookUp = Promise.withResolvers<string>();
  /** A stanza whose work asks a silent host, and notes what came of it. */
  const ask = (sender: string, contact: string, name: string): Promise<void> =>
    room.run(
      { conversation: `${sender} ${contact}`, sender },
      async (stepAside: StepAside) => {
        happened.push(`${name} ${await stepAside(() => lookUp.promise, 'no place')}`);
      },
      async () => void happened.push(`${name} turned away`),
    );
  return { room, conversations, happened, lookUp, ask };
};

describe('a stanza that waits for a silent host', () => {
  test('is no longer waited for, and ends in its order', async () => {
    const { ask, happened, lookUp, conversations } = setUp();
    await ask('alice', 'slow', 'first');
    await ask('alice', 'slow', 'second');
    expect(happened).toEqual([]);
    lookUp.resolve('found');
    await conversations.idle();
    expect(happened).toEqual(['first found', 'second found']);
  });

  test('has no place beyond the limit of its sender, and that is told at once', async () => {
    const { ask, happened, lookUp, conversations } = setUp();
    await ask('alice', 'slow1', 'a1');
    await ask('alice', 'slow2', 'a2');
    await ask('alice', 'slow3', 'a3');
    await ask('alice', 'slow1', 'a4');
    expect(happened).toEqual(['a3 no place', 'a4 turned away']);
    await ask('bob', 'slow1', 'b1');
    await ask('carol', 'slow1', 'c1');
    expect(happened.slice(2)).toEqual(['c1 no place']);
    lookUp.resolve('found');
    await conversations.idle();
    expect(happened.slice(3).toSorted()).toEqual(['a1 found', 'a2 found', 'b1 found']);
  });

  test('takes aside, or turns away, those that were queued behind it before it asked', async () => {
    const { ask, happened, lookUp, conversations } = setUp();
    const all = [1, 2, 3].map((each) => ask('alice', 'slow', `a${each}`));
    await Promise.all(all);
    expect(happened).toEqual(['a3 turned away']);
    lookUp.resolve('found');
    await conversations.idle();
    expect(happened).toEqual(['a3 turned away', 'a1 found', 'a2 found']);
  });

  test('gives its place back, also when the look-up fails', async () => {
    const { room, conversations, ask, happened, lookUp } = setUp({ perSender: 1, total: 1 });
    const fail = (stepAside: StepAside) => stepAside(() => Promise.reject(new Error('broken')), undefined);
    for (let i = 0; i < 3; i += 1)
      await room
        .run({ conversation: 'c', sender: 'alice' }, fail, async () => undefined)
        .catch(() => undefined);
    await conversations.idle();
    await ask('alice', 'slow', 'a1');
    lookUp.resolve('found');
    await conversations.idle();
    expect(happened).toEqual(['a1 found']);
  });
});

test('a stanza that asks nobody is waited for to its end', async () => {
  const { room } = setUp();
  const work = Promise.withResolvers<void>();
  let isOver = false;
  const running = room.run(
    { conversation: 'c', sender: 'a' },
    () => work.promise,
    async () => undefined,
  );
  void running.then(() => {
    isOver = true;
  });
  await Promise.resolve();
  expect(isOver).toBe(false);
  work.resolve();
  await running;
});
