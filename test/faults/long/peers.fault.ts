import { createServer } from 'node:net';
import { expect } from 'vitest';
import { startDeafListener } from '../../support/deaf-listener.ts';
import type { PeerAnswer } from '../../support/peer-answers.ts';
import { testFault } from '../fault.ts';
import { withLoad } from '../scene.ts';
import { age, hurry, introduce, sendChat, until } from '../traffic.ts';
import { DOMAIN, PEER } from '../world.ts';

const TRIES = 17;

testFault(
  '25',
  (watch) =>
    withLoad(watch, async ({ world, alice }) => {
      await world.start();
      world.peer.answerPosts(() => ({ kind: 'status', status: 500 }));
      sendChat(alice, world.contact('dave'), 'doomed');
      const tries = () => world.peer.posts.entries.filter(({ text }) => text === 'doomed');
      await until('a second try', () => tries().length === 2);
      const [first, second] = tries();
      const pauseMs = (second?.at ?? 0) - (first?.at ?? 0);
      watch.causeGone();
      const isTold = (): boolean => alice.seen().some(({ id }) => id === 'doomed');
      while (!isTold()) {
        // The last try is that of the third day.
        if (tries().length === TRIES - 1) await age(world, 71);
        const before = tries().length;
        // Again and again: one that is in hand at this moment is put off afterwards.
        await until('another try, or the end', async () => {
          await hurry(world);
          return tries().length > before || isTold();
        });
      }
      watch.recovered();
      const errors = alice.seen().filter(({ id }) => id === 'doomed');
      expect(errors).toHaveLength(1);
      expect(errors[0]?.error).toMatchObject({ condition: 'remote-server-timeout', type: 'wait' });
      expect(new Set(tries().map(({ activityId }) => activityId)).size).toBe(1);
      expect(tries()).toHaveLength(TRIES);
      expect(pauseMs).toBeGreaterThan(4_900);
      expect(pauseMs).toBeLessThan(10_000);
      return `${TRIES} tries of one activity, the second after ${(pauseMs / 1_000).toFixed(1)} s; one error`;
    }),
  { timeoutMs: 200_000 },
);

const TRICKS: Readonly<Record<string, PeerAnswer>> = {
  silent: { kind: 'silent' },
  dripping: { kind: 'drip', status: 200, everyMs: 1_000 },
  flooding: { kind: 'flood', status: 200, bytes: 100 * 1_048_576 },
  bombing: { kind: 'bomb', status: 200, bytes: 100 * 1_048_576 },
  resetting: { kind: 'reset' },
};

const median = (numbers: readonly number[]): number =>
  numbers.toSorted((one, other) => one - other)[Math.floor(numbers.length / 2)] ?? 0;

testFault(
  '29',
  (watch) =>
    withLoad(watch, async ({ world, alice }) => {
      const gateway = await world.start();
      const measure = async (name: string): Promise<number> => {
        const before = performance.now();
        sendChat(alice, world.contact('dave'), name);
        await alice.next(({ received }) => received === name, 20_000);
        return performance.now() - before;
      };
      const calm: number[] = [];
      for (let index = 0; index < 10; index += 1) calm.push(await measure(`calm-${index}`));
      const peers = await Promise.all(
        Object.entries(TRICKS).map(async ([name, trick]) => {
          const peer = await world.startPeer();
          await introduce(world, alice, 'victim', peer);
          peer.answerPosts(() => trick);
          peer.answerGets((path) => (path.includes('stranger') ? trick : undefined));
          return { name, peer };
        }),
      );
      // The bomb is made before time counts.
      await fetch(`http://${peers[3]?.peer.host}/stranger`).then((response) => response.body?.cancel());
      watch.causeGone();
      const begun = performance.now();
      for (const { name, peer } of peers) {
        for (let index = 0; index < 10; index += 1)
          sendChat(alice, world.contact('victim', peer), `${name}-${index}`);
        sendChat(alice, world.contact('stranger', peer), `look-up-${name}`);
      }
      const troubled: number[] = [];
      for (let index = 0; index < 10; index += 1) troubled.push(await measure(`troubled-${index}`));
      for (const { name } of peers)
        await alice.next(({ id, type }) => id === `look-up-${name}` && type === 'error', 20_000);
      const toldMs = performance.now() - begun;
      await until('the silent peer is given up for now', () =>
        gateway.tail(1_000).includes('"error":"timeout'),
      );
      watch.recovered();
      expect(toldMs).toBeLessThan(17_000);
      expect(median(troubled)).toBeLessThan(Math.max(2 * median(calm), 500));
      const names = Object.keys(TRICKS).join(', ');
      return (
        `${names}: each look-up told within ${(toldMs / 1_000).toFixed(0)} s; a living peer ` +
        `${median(calm).toFixed(0)} ms before, ${median(troubled).toFixed(0)} ms beside them`
      );
    }),
  { timeoutMs: 200_000 },
);

testFault(
  '29b',
  (watch) =>
    withLoad(watch, async ({ world, alice }) => {
      await world.start();
      const mute = createServer((socket) => socket.on('error', () => undefined));
      const mutePort = await new Promise<number>((resolve) => {
        mute.listen(0, '127.0.0.1', () => {
          const address = mute.address();
          resolve(typeof address === 'object' && address !== null ? address.port : 0);
        });
      });
      watch.undo.add(async () => void mute.close());
      const deaf = await startDeafListener();
      watch.undo.add(deaf.stop);
      watch.causeGone();
      const begun = performance.now();
      for (const port of [deaf.port, mutePort])
        sendChat(alice, `someone%${PEER}\\3a${port}@${DOMAIN}`, `no-answer-${port}`);
      sendChat(alice, world.contact('dave'), 'meanwhile');
      await alice.next(({ received }) => received === 'meanwhile', 5_000);
      const livingMs = performance.now() - begun;
      const conditions: unknown[] = [];
      for (const port of [deaf.port, mutePort]) {
        const told = await alice.next(
          ({ id, type }) => id === `no-answer-${port}` && type === 'error',
          20_000,
        );
        conditions.push(told.error?.condition);
      }
      watch.recovered();
      const toldMs = performance.now() - begun;
      expect(conditions).toEqual(['remote-server-timeout', 'remote-server-timeout']);
      expect(toldMs).toBeLessThan(17_000);
      return `both told within ${(toldMs / 1_000).toFixed(0)} s; a message to a living peer took ${livingMs.toFixed(0)} ms meanwhile`;
    }),
  { timeoutMs: 120_000 },
);
