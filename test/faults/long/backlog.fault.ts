import { readFile } from 'node:fs/promises';
import { expect } from 'vitest';
import { testFault, type Watch } from '../fault.ts';
import { type Scene, withLoad } from '../scene.ts';
import { countRows, growBacklog, hurry, introduce, sendChat, until } from '../traffic.ts';

const LONG = { timeoutMs: 400_000 };

/** One message waits for a second peer that answers 503; no gateway runs. */
const withWaiting = (watch: Watch, run: (scene: Scene & { readonly dead: Dead }) => Promise<string>) =>
  withLoad(watch, async (scene) => {
    const { world, alice } = scene;
    const dead = await world.startPeer();
    await world.start();
    await introduce(world, alice, 'victim', dead);
    dead.answerPosts(() => ({ kind: 'status', status: 503 }));
    sendChat(alice, world.contact('victim', dead), 'waiting');
    await dead.posts.waitFor(({ text }) => text === 'waiting', 'first try', 10_000);
    await world.endGateways();
    return await run({ ...scene, dead });
  });

type Dead = Awaited<ReturnType<Scene['world']['startPeer']>>;

/** Milliseconds from sending to the receipt. */
const time = async ({ world, alice }: Scene, id: string): Promise<number> => {
  const before = performance.now();
  sendChat(alice, world.contact('dave'), id);
  await alice.next(({ received }) => received === id, 60_000);
  return performance.now() - before;
};

/** Resident memory in megabytes (proc(5)). */
const memoryOf = async (pid: number): Promise<number> => {
  const text = await readFile(`/proc/${pid}/status`, 'utf8');
  return Math.round(Number(/VmRSS:\s+(\d{1,12})/u.exec(text)?.[1] ?? 0) / 1_024);
};

testFault(
  '39',
  (watch) =>
    withWaiting(watch, async (scene) => {
      const { world } = scene;
      const empty = await world.start();
      await time(scene, 'before');
      const small = await memoryOf(empty.pid);
      await world.endGateways();
      await growBacklog(world, 1_000_000, 'in an hour');
      watch.causeGone();
      const gateway = await world.start();
      const first = await time(scene, 'first');
      watch.recovered();
      const large = await memoryOf(gateway.pid);
      expect(first).toBeLessThan(1_000);
      expect(large - small).toBeLessThan(60);
      return `the first message took ${first.toFixed(0)} ms; ${small} MB without, ${large} MB with it`;
    }),
  LONG,
);

testFault(
  '40',
  (watch) =>
    withWaiting(watch, async (scene) => {
      const { world, dead } = scene;
      dead.answerPosts(() => ({ kind: 'silent' }));
      await growBacklog(world, 100_000, 'now');
      await hurry(world);
      const before = dead.posts.entries.length;
      watch.causeGone();
      await world.start();
      const times: number[] = [];
      for (let index = 0; index < 20; index += 1) times.push(await time(scene, `living-${index}`));
      watch.recovered();
      const slowest = Math.max(...times);
      const tried = dead.posts.entries.length - before;
      // It really stands in the way: its deliveries are tried at the same time.
      expect(tried).toBeGreaterThan(0);
      expect(slowest).toBeLessThan(5_000);
      return `twenty messages to the living one, the slowest took ${slowest.toFixed(0)} ms; ${tried} tries at the dead one meanwhile`;
    }),
  LONG,
);

testFault(
  '41',
  (watch) =>
    withWaiting(watch, async (scene) => {
      const { world, dead } = scene;
      dead.answerPosts(undefined);
      await growBacklog(world, 20_000, 'now');
      await hurry(world);
      watch.causeGone();
      const gateway = await world.start({ nodeArgs: ['--max-old-space-size=96'] });
      await until(
        'the backlog is worked off',
        async () => (await countRows(world, `select count(*) from deliveries where state = 'due'`)) === 0,
        170_000,
      );
      watch.recovered();
      const memory = await memoryOf(gateway.pid);
      process.kill(gateway.pid, 0);
      const accepted = dead.posts.entries.filter((post) => post.accepted);
      expect(new Set(accepted.map(({ activityId }) => activityId)).size).toBeGreaterThanOrEqual(20_001);
      return `20,000 delivered; ${memory} MB resident at the end`;
    }),
  LONG,
);
