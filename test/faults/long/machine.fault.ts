import { readdir, readFile } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { expect } from 'vitest';
import { findFreePort } from '../../support/free-port.ts';
import { NOTHING_WRONG } from '../../support/ledger.ts';
import { startOwnCluster } from '../../support/own-cluster.ts';
import { testFault } from '../fault.ts';
import { createLoad, inWords } from '../load.ts';
import { withLoad, worldOf } from '../scene.ts';
import { countRows, sendChat, until } from '../traffic.ts';

const LONG = { timeoutMs: 300_000 };

testFault(
  '14',
  (watch) =>
    withLoad(watch, async ({ world, load, alice }) => {
      const first = await world.start();
      const port = await findFreePort();
      await world.start({ unready: true, env: { CAUSEWAY_HTTP_LISTEN: `127.0.0.1:${port}` } });
      load.sendOut(40);
      await load.allTold();
      await pause(3_000);
      expect(world.toProsody.connections()).toBe(1);
      await first.kill();
      watch.causeGone();
      let asked = 0;
      const isCarried = () => alice.seen().some(({ received }) => received?.startsWith('again-') === true);
      await until('the other carries messages', async () => {
        // Without a component the server itself answers with an error.
        sendChat(alice, world.contact('dave'), `again-${asked}`);
        asked += 1;
        await pause(250);
        return isCarried();
      });
      watch.recovered();
      expect(load.out()).toMatchObject({ ...NOTHING_WRONG, untold: [] });
      return `one connection while both ran; ${inWords(load.out(), load.in())}`;
    }),
  LONG,
);

const TOGETHER = 8;

testFault(
  '37',
  async (watch) => {
    const world = await worldOf(watch, { database: (undo) => startOwnCluster(undo, { empty: true }) });
    const alice = await world.logIn('alice');
    watch.causeGone();
    const ports = [world.httpPort];
    while (ports.length < TOGETHER) ports.push(await findFreePort());
    const gateways = await Promise.all(
      ports.map((port, index) =>
        world.start({
          unready: true,
          logName: `together-${index}.log`,
          env: { CAUSEWAY_HTTP_LISTEN: `127.0.0.1:${port}` },
        }),
      ),
    );
    await until(
      'all have started',
      () => gateways.every((gateway) => gateway.tail(200).includes('"event":"started"')),
      60_000,
    );
    await until(
      'one is connected',
      () => gateways.some((gateway) => gateway.tail(200).includes('"status":"online"')),
      30_000,
    );
    const load = await createLoad(world, () => alice);
    load.sendOut(80);
    await load.sendIn(80);
    await load.allTold();
    await load.drained();
    watch.recovered();
    const migrated = gateways.filter((gateway) => gateway.tail(200).includes('"event":"migrated"'));
    expect(migrated).toHaveLength(1);
    expect(world.toProsody.connections()).toBe(1);
    expect(load.out()).toMatchObject({ ...NOTHING_WRONG, untold: [], repeats: 0 });
    expect(load.in()).toMatchObject({ ...NOTHING_WRONG, repeats: 0 });
    return `one of ${TOGETHER} migrated, one is connected; ${inWords(load.out(), load.in())}`;
  },
  LONG,
);

testFault(
  '42',
  (watch) =>
    withLoad(watch, async ({ world, load }) => {
      const gateway = await world.start({ under: ['prlimit', '--nofile=64:64'] });
      const sockets: Socket[] = [];
      for (let index = 0; index < 200; index += 1) {
        const socket = connect(world.httpPort, '127.0.0.1');
        socket.on('error', () => {});
        sockets.push(socket);
      }
      load.sendOut(8);
      // The most that it had open at one time: it may well close those that say nothing.
      let most = 0;
      const end = performance.now() + 5_000;
      while (performance.now() < end) {
        most = Math.max(most, (await readdir(`/proc/${gateway.pid}/fd`)).length);
        await pause(20);
      }
      process.kill(gateway.pid, 0);
      const limit = await readFile(`/proc/${gateway.pid}/limits`, 'utf8');
      expect(limit).toMatch(/Max open files\s+64\s/u);
      expect(most).toBeGreaterThanOrEqual(62);
      for (const socket of sockets) socket.destroy();
      watch.causeGone();
      await load.sendIn(8);
      await load.drained();
      load.sendAgain();
      await load.allTold();
      watch.recovered();
      process.kill(gateway.pid, 0);
      expect(load.out()).toMatchObject({ ...NOTHING_WRONG, untold: [] });
      expect(load.in()).toMatchObject(NOTHING_WRONG);
      return `the limit of 64 was reached; ${inWords(load.out(), load.in())}`;
    }),
  LONG,
);

testFault(
  '43',
  (watch) =>
    withLoad(watch, async ({ world, load, alice }) => {
      const isTold = () => alice.seen().some(({ id }) => id === 'poison');
      let deaths = 0;
      const doomed = await world.start({ failpoint: 'out.claimed:kill' });
      sendChat(alice, world.contact('dave'), 'poison');
      await doomed.ended;
      // It kills whoever claims it, each time the lease is over; here the lease ends at once.
      for (deaths = 1; deaths < 20; deaths += 1) {
        await world.database.db.query(`update deliveries set lease_until = now() where state = 'due'`);
        const next = await world.start({ failpoint: 'out.claimed:kill', unready: true });
        const end = await Promise.race([next.ended, untilTold(isTold)]);
        if (end === undefined) break;
      }
      await world.endGateways();
      watch.causeGone();
      await world.start();
      load.sendOut(8);
      await load.allTold();
      watch.recovered();
      expect(isTold()).toBe(true);
      expect(deaths).toBeLessThan(20);
      expect(await countRows(world, `select count(*) from deliveries where state = 'failed'`)).toBe(1);
      return `set aside after ${deaths} deaths, its author told; the others flow`;
    }),
  LONG,
);

const untilTold = async (isTold: () => boolean): Promise<undefined> => {
  await until('its author is told', isTold, 60_000);
};
