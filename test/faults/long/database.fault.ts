import { setTimeout as pause } from 'node:timers/promises';
import { expect } from 'vitest';
import { openDatabase } from '../../../src/store/database.ts';
import { askReady } from '../../support/gateway-process.ts';
import { NOTHING_WRONG } from '../../support/ledger.ts';
import { type OwnCluster, startOwnCluster } from '../../support/own-cluster.ts';
import { testFault, type Watch } from '../fault.ts';
import { inWords, type Load } from '../load.ts';
import { type Scene, withLoad } from '../scene.ts';
import { sendChat, until } from '../traffic.ts';

const CUT_ALL = `select pg_terminate_backend(pid) from pg_stat_activity
  where backend_type = 'client backend' and application_name <> 'test'`;
const LONG = { timeoutMs: 400_000 };

/** All is told and nothing is wrong on either end; in words. */
const settle = async (load: Load, watch: Watch): Promise<string> => {
  await load.drained();
  const silent = load.out().untold.length;
  load.sendAgain();
  await load.allTold();
  await load.drained();
  watch.recovered();
  expect(load.out()).toMatchObject({ ...NOTHING_WRONG, untold: [] });
  expect(load.in()).toMatchObject(NOTHING_WRONG);
  return `${inWords(load.out(), load.in())}; ${silent} heard nothing and were sent again`;
};

const onOwnCluster = async (
  watch: Watch,
  run: (scene: Scene & { readonly cluster: OwnCluster }) => Promise<string>,
  settings: Readonly<Record<string, string>> = {},
): Promise<string> => {
  let cluster: OwnCluster | undefined;
  return await withLoad(
    watch,
    (scene) => {
      if (cluster === undefined) throw new Error('no cluster');
      return run({ ...scene, cluster });
    },
    {
      database: async (undo) => {
        cluster = await startOwnCluster(undo, { settings });
        return cluster;
      },
    },
  );
};

for (const [row, signal] of [
  ['18', 'SIGINT'],
  ['19', 'SIGKILL'],
] as const)
  testFault(
    row,
    (watch) =>
      onOwnCluster(watch, async ({ world, load, alice, cluster }) => {
        const gateway = await world.start();
        load.sendOut(100);
        const posting = load.sendIn(100);
        const before = load.arrivedOut();
        await until('a part has arrived', () => load.arrivedOut() - before >= 10);
        await cluster.signal(signal);
        await until('it is not ready', async () => (await askReady(world.httpPort))?.ok === false);
        await until('it is ready again', async () => (await askReady(world.httpPort))?.ok === true, 30_000);
        watch.causeGone();
        const fresh = performance.now();
        sendChat(alice, world.contact('heidi'), 'fresh');
        await world.peer.posts.waitFor(({ text }) => text === 'fresh', 'new message', 10_000);
        const freshMs = performance.now() - fresh;
        await posting;
        const words = await settle(load, watch);
        process.kill(gateway.pid, 0);
        expect(freshMs).toBeLessThan(5_000);
        return `new messages after ${(freshMs / 1_000).toFixed(1)} s; ${words}`;
      }),
    LONG,
  );

testFault(
  '20',
  (watch) =>
    onOwnCluster(watch, async ({ world, load, cluster }) => {
      const gateway = await world.start();
      load.sendOut(100);
      const posting = load.sendIn(100);
      let cut = 0;
      for (let round = 0; round < 25; round += 1) {
        const { rowCount } = await cluster.db.query(CUT_ALL);
        cut += rowCount ?? 0;
        await pause(200);
      }
      watch.causeGone();
      await posting;
      const words = await settle(load, watch);
      process.kill(gateway.pid, 0);
      expect(cut).toBeGreaterThan(20);
      return `${cut} connections cut; ${words}`;
    }),
  LONG,
);

const SLOTS = 25;

/** The status of a page that needs the database. */
const askPage = async (port: number): Promise<number> => {
  const response = await fetch(`http://127.0.0.1:${port}/u/nobody`, {
    headers: { accept: 'application/activity+json' },
    signal: AbortSignal.timeout(20_000),
  });
  await response.body?.cancel();
  return response.status;
};

testFault(
  '22',
  (watch) =>
    onOwnCluster(
      watch,
      async ({ world, load, cluster }) => {
        const gateway = await world.start();
        const hold = openDatabase({
          url: cluster.url,
          max: SLOTS,
          applicationName: 'test',
          onError: () => {},
        });
        world.undo.add(() => hold.close());
        const release = Promise.withResolvers<void>();
        world.undo.add(async () => release.resolve());
        const holding: Promise<unknown>[] = [];
        // From inside one connection that is there already: the next one might not be had.
        await cluster.db.transaction(async (tx) => {
          let refused = 0;
          // The slots that the gateway loses are taken before it comes back for them.
          await until(
            'it stays not ready',
            async () => {
              await tx.query(CUT_ALL);
              for (let slot = 0; slot < SLOTS; slot += 1)
                holding.push(hold.transaction(() => release.promise).catch(() => undefined));
              const isCut =
                (await askReady(world.httpPort))?.ok === false && (await askPage(world.httpPort)) === 503;
              refused = isCut ? refused + 1 : 0;
              return refused > 1;
            },
            60_000,
          );
        });
        const ready = await askReady(world.httpPort);
        const status = await askPage(world.httpPort);
        load.sendOut(4);
        release.resolve();
        await Promise.all(holding);
        watch.causeGone();
        await load.sendIn(4);
        const words = await settle(load, watch);
        process.kill(gateway.pid, 0);
        expect(ready?.ok).toBe(false);
        expect(status).toBe(503);
        expect(ready?.text).toMatch(/database/u);
        return `503, not ready (${ready?.text.trim()}); ${words}`;
      },
      { max_connections: String(SLOTS) },
    ),
  LONG,
);
