import { expect } from 'vitest';
import { askReady } from '../../support/gateway-process.ts';
import { NOTHING_WRONG } from '../../support/ledger.ts';
import type { XmppClient } from '../../support/xmpp-client.ts';
import { testFault } from '../fault.ts';
import { createLoad, inWords } from '../load.ts';
import { withLoad, worldOf } from '../scene.ts';
import { countRows, until } from '../traffic.ts';

testFault(
  '12',
  (watch) =>
    withLoad(watch, async ({ world, load }) => {
      await world.start();
      world.toProsody.blackhole(true);
      const dark = performance.now();
      await load.sendIn(4);
      await until('it is noticed', async () => (await askReady(world.httpPort))?.ok === false, 60_000);
      const noticedMs = performance.now() - dark;
      world.toProsody.blackhole(false);
      watch.causeGone();
      await until('it is ready again', async () => (await askReady(world.httpPort))?.ok === true, 60_000);
      await load.drained();
      load.sendOut(4);
      await load.allTold();
      watch.recovered();
      expect(noticedMs).toBeLessThan(30_000);
      expect(load.in()).toMatchObject(NOTHING_WRONG);
      return `noticed after ${(noticedMs / 1_000).toFixed(0)} s; ${inWords(load.out(), load.in())}`;
    }),
  { timeoutMs: 200_000 },
);

const NOTES = 1_000;

testFault(
  '13b',
  async (watch) => {
    const world = await worldOf(watch);
    let alice: XmppClient = await world.logIn('alice');
    await world.start();
    const load = await createLoad(world, () => alice);
    // Away: what the server took for a client that is there can die in the socket between those two.
    await load.drained();
    await alice.close();
    const posting = load.sendIn(NOTES);
    for (const part of [NOTES / 4, NOTES / 2]) {
      const written = (): Promise<number> =>
        countRows(
          world,
          `select (select count(*) from inbox where done_at is not null)
          - (select count(*) from stanzas where state = 'due') as count`,
        );
      await until('a part has gone out', async () => (await written()) >= part, 60_000);
      await world.prosody.kill();
      await world.prosody.restart();
    }
    watch.causeGone();
    await posting;
    await until(
      'all is written',
      async () => (await countRows(world, `select count(*) from stanzas where state = 'due'`)) === 0,
      90_000,
    );
    alice = await world.logIn('alice');
    await load.drained();
    watch.recovered();
    expect(load.in()).toMatchObject(NOTHING_WRONG);
    return `${NOTES} of ${NOTES} shown; ${inWords(load.out(), load.in())}`;
  },
  { timeoutMs: 300_000 },
);
