import { z } from 'zod';
import { renderActivity } from '../src/activitypub/render.ts';
import { countDeliveries } from '../src/store/deliveries.ts';
import { createUndoStack } from '../test/support/undo.ts';
import { composeNote, enqueueNotes } from './backlog.ts';
import { measureCommits } from './commits.ts';
import { compare, type Run } from './compare.ts';
import { startGatewayPart } from './gateway.ts';
import { median } from './numbers.ts';
import { invitePeers, seedPeople } from './people.ts';
import type { Report } from './report.ts';
import { IN_FLIGHT, PEERS, SINK_ORIGINS } from './sizes.ts';
import { until } from './until.ts';
import { startHelped, type World } from './world.ts';

/**
 * Deliveries to inboxes that take everything. Floor: sign and post, 16 at once. The gateway: the worker
 * loop on rows that lie ready: claim, sign, post, settle with the receipt to the author. The time runs from
 * the first POST that arrives.
 */
export const measureOutbound = async (world: World): Promise<Report> => {
  const { folder, cluster, sizes } = world;
  const undo = createUndoStack();
  try {
    const sink = startHelped(world, undo, 'http-sink.ts');
    const origins = await sink.ask('start', { listeners: SINK_ORIGINS }, z.array(z.string()));
    const { peers, peerKey } = await invitePeers(PEERS, origins);
    const { db, url } = await cluster.create('outbound');
    await seedPeople(db, peers);
    const floor = startHelped(world, undo, 'outbound-floor.ts');
    await floor.ask('start', { privateKey: peerKey.privateDer.toString('base64') }, z.unknown());
    const gateway = await startGatewayPart({ folder, databaseUrl: url, roles: ['worker'] });
    undo.add(gateway.stop);
    const bodies = peers.map((peer) =>
      JSON.stringify(renderActivity(composeNote(peer, new Date()).activity)),
    );

    const runFloor = async (count: number): Promise<Run> => {
      const before = await floor.cpuMs();
      const arrived = sink.ask('waitFor', { count }, z.number());
      await floor.ask('run', { origins, bodies, count, inFlight: IN_FLIGHT.deliveries }, z.unknown());
      return { count, seconds: await arrived, cpuMs: (await floor.cpuMs()) - before };
    };
    const database: number[] = [];
    const runOurs = async (count: number): Promise<Run> => {
      const arrived = sink.ask('waitFor', { count }, z.number());
      const before = await gateway.cpuMs();
      await enqueueNotes(db, peers, count);
      const databaseBefore = await cluster.cpuMs();
      const seconds = await arrived;
      await until('the deliveries to be settled', async () => (await countDeliveries(db)).due === 0);
      database.push(((await cluster.cpuMs()) - databaseBefore) / count);
      return { count, seconds, cpuMs: (await gateway.cpuMs()) - before };
    };

    await runFloor(sizes.warmUp);
    await runOurs(sizes.warmUp);
    const comparison = await compare(sizes.rounds, {
      floor: () => runFloor(sizes.deliveries),
      ours: () => runOurs(sizes.deliveries),
    });
    const commits = await measureCommits(db, sizes.deliveries);
    return {
      throughput: [
        { name: 'outbound: row to POST and receipt', ...comparison, databaseCpuMs: median(database) },
      ],
      latency: [],
      facts: [{ name: 'database: commits to the disk, ten at once', value: commits, unit: 'a second' }],
    };
  } finally {
    await undo.run();
  }
};
