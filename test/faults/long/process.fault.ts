import { setTimeout as pause } from 'node:timers/promises';
import { expect } from 'vitest';
import { NOTHING_WRONG } from '../../support/ledger.ts';
import { testFault } from '../fault.ts';
import { flow, inWords } from '../load.ts';
import { withLoad } from '../scene.ts';
import { until } from '../traffic.ts';

const LONG = { timeoutMs: 400_000 };

testFault(
  '9b',
  (watch) =>
    withLoad(watch, async ({ world, load }) => {
      const doomed = await world.start();
      load.sendOut(200);
      const posting = load.sendIn(200);
      const before = load.arrivedOut();
      await until('a part has arrived', () => load.arrivedOut() - before >= 20);
      await doomed.kill();
      watch.causeGone();
      await world.start();
      await posting;
      await load.drained();
      const again = load.sendAgain();
      await load.allTold();
      await load.drained();
      watch.recovered();
      expect(load.out()).toMatchObject({ ...NOTHING_WRONG, untold: [] });
      expect(load.in()).toMatchObject(NOTHING_WRONG);
      expect(again).toBeLessThanOrEqual(10);
      return `${inWords(load.out(), load.in())}; ${again} of 200 were not written down when it died: their senders heard nothing and sent them again`;
    }),
  LONG,
);

testFault(
  '9',
  (watch) =>
    withLoad(watch, async ({ world, load }) => {
      let kills = 0;
      const flowing = flow(load, 10, 60);
      const end = performance.now() + 60_000;
      while (performance.now() < end) {
        const doomed = await world.start({ unready: true });
        await pause(2_000);
        await doomed.kill();
        kills += 1;
      }
      watch.causeGone();
      await world.start();
      await flowing;
      await load.drained();
      const again = load.sendAgain();
      await load.allTold();
      await load.drained();
      watch.recovered();
      expect(load.out()).toMatchObject({ ...NOTHING_WRONG, untold: [] });
      expect(load.in()).toMatchObject(NOTHING_WRONG);
      return `${kills} kills: ${inWords(load.out(), load.in())}; ${again} whose senders heard nothing were sent again`;
    }),
  LONG,
);

testFault(
  '10',
  (watch) =>
    withLoad(watch, async ({ world, load }) => {
      const stopped = await world.start();
      load.sendOut(100);
      const posting = load.sendIn(100);
      const before = load.arrivedOut();
      await until('a part has arrived', () => load.arrivedOut() - before >= 10);
      const asked = performance.now();
      stopped.signal('SIGTERM');
      const end = await stopped.ended;
      const tookMs = performance.now() - asked;
      watch.causeGone();
      await world.start();
      await posting;
      await load.drained();
      const without = load.out().untold.length;
      load.sendAgain();
      await load.allTold();
      await load.drained();
      watch.recovered();
      expect(end).toContain('code 0');
      expect(tookMs).toBeLessThan(10_000);
      expect(load.out()).toMatchObject({ ...NOTHING_WRONG, untold: [] });
      expect(load.in()).toMatchObject(NOTHING_WRONG);
      expect(without).toBe(0);
      return `ended in ${(tookMs / 1_000).toFixed(1)} s with code 0; ${inWords(load.out(), load.in())}`;
    }),
  LONG,
);

testFault(
  '11',
  (watch) =>
    withLoad(watch, async ({ world, load }) => {
      const gateway = await world.start();
      load.sendOut(60);
      const posting = load.sendIn(60);
      gateway.signal('SIGSTOP');
      await pause(60_000);
      gateway.signal('SIGCONT');
      watch.causeGone();
      await posting;
      await load.drained();
      await load.allTold();
      watch.recovered();
      expect(load.out()).toMatchObject({ ...NOTHING_WRONG, untold: [] });
      expect(load.in()).toMatchObject(NOTHING_WRONG);
      return `${inWords(load.out(), load.in())}`;
    }),
  LONG,
);
