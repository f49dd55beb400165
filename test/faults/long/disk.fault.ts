import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'vitest';
import { type DiskCluster, startDiskCluster } from '../../support/cluster-on-disk.ts';
import { NOTHING_WRONG } from '../../support/ledger.ts';
import { testFault, type Watch } from '../fault.ts';
import { inWords } from '../load.ts';
import { type Scene, withLoad } from '../scene.ts';

const LONG = { timeoutMs: 300_000 };
const DISK_MEGABYTES = 200;

const onSmallDisk = (
  watch: Watch,
  run: (scene: Scene & { readonly cluster: DiskCluster }) => Promise<string>,
) => {
  let cluster: DiskCluster | undefined;
  return withLoad(
    watch,
    (scene) => {
      if (cluster === undefined) throw new Error('no cluster');
      return run({ ...scene, cluster });
    },
    {
      database: async (undo) => {
        cluster = await startDiskCluster(undo, { diskMegabytes: DISK_MEGABYTES });
        return cluster;
      },
    },
  );
};

testFault(
  '23',
  (watch) =>
    onSmallDisk(watch, async ({ world, load, cluster }) => {
      const gateway = await world.start();
      const filler = join(cluster.folder, 'filler');
      await writeFile(filler, Buffer.alloc(DISK_MEGABYTES * 1_048_576)).catch(() => undefined);
      load.sendOut(40);
      let isTaken = false;
      const posting = load.sendIn(400).then(() => {
        isTaken = true;
      });
      await new Promise((resolve) => setTimeout(resolve, 8_000));
      const wasTaken = isTaken;
      const refused = load.refused();
      await rm(filler);
      watch.causeGone();
      await posting;
      await load.drained();
      load.sendAgain();
      await load.allTold();
      await load.drained();
      watch.recovered();
      process.kill(gateway.pid, 0);
      expect(wasTaken).toBe(false);
      expect(refused.filter((status) => status === 503).length).toBeGreaterThan(0);
      expect(load.out()).toMatchObject({ ...NOTHING_WRONG, untold: [] });
      expect(load.in()).toMatchObject(NOTHING_WRONG);
      return `${refused.length} POSTs were not taken while it was full (${[...new Set(refused)].join(', ')}); ${inWords(load.out(), load.in())}`;
    }),
  LONG,
);

const MESSAGES = 150;

testFault(
  '24',
  (watch) =>
    withLoad(watch, async ({ world, load }) => {
      await world.start();
      const timeRound = async (): Promise<number> => {
        const before = performance.now();
        load.sendOut(MESSAGES);
        await Promise.all([load.sendIn(MESSAGES), load.allTold()]);
        await load.drained();
        return performance.now() - before;
      };
      await timeRound();
      const calm = await timeRound();
      const release = Promise.withResolvers<void>();
      const begun = Promise.withResolvers<void>();
      const idle = world.database.db.transaction(async (tx) => {
        await tx.query('set transaction isolation level repeatable read');
        await tx.query('select count(*) from deliveries');
        begun.resolve();
        await release.promise;
      });
      await begun.promise;
      for (let round = 0; round < 3; round += 1) await timeRound();
      watch.causeGone();
      const held = await timeRound();
      watch.recovered();
      release.resolve();
      await idle;
      expect(held).toBeLessThan(2 * calm);
      return `${((2 * MESSAGES * 1_000) / calm).toFixed(0)} messages a second before, ${((2 * MESSAGES * 1_000) / held).toFixed(0)} under it`;
    }),
  LONG,
);
