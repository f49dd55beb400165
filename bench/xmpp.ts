import { z } from 'zod';
import { countStanzas } from '../src/store/stanzas.ts';
import { renderOutbound } from '../src/xmpp/outbound.ts';
import { createUndoStack } from '../test/support/undo.ts';
import { composeMessage, enqueueMessages } from './backlog.ts';
import { compare, type Run } from './compare.ts';
import { startGatewayPart } from './gateway.ts';
import { median } from './numbers.ts';
import { DOMAIN } from './people.ts';
import type { Report } from './report.ts';
import { PEERS } from './sizes.ts';
import { until } from './until.ts';
import { startHelped, type World } from './world.ts';

/**
 * Stanzas to a server end that takes everything. Floor: the same text written from memory, one proof that
 * it was taken at the end. The gateway: the outbox on rows that lie ready: claim, render, write, proof, delete.
 */
export const measureXmpp = async (world: World): Promise<Report> => {
  const { folder, cluster, sizes } = world;
  const undo = createUndoStack();
  try {
    const sink = startHelped(world, undo, 'xmpp-sink.ts');
    const port = await sink.ask('start', undefined, z.number());
    const { db, url } = await cluster.create('xmpp');
    const floor = startHelped(world, undo, 'xmpp-floor.ts');
    await floor.ask('start', { port }, z.unknown());
    const gateway = await startGatewayPart({ folder, databaseUrl: url, roles: ['xmpp'], xmppPort: port });
    undo.add(gateway.stop);
    const now = new Date();
    const stanza = renderOutbound(composeMessage(0), { domain: DOMAIN, maxBytes: 100_000, now });
    if (!stanza.ok) throw new Error(stanza.reason);

    const runFloor = async (count: number): Promise<Run> => {
      const before = await floor.cpuMs();
      const arrived = sink.ask('waitFor', { count }, z.number());
      await floor.ask('run', { count, stanza: stanza.xml }, z.unknown());
      return { count, seconds: await arrived, cpuMs: (await floor.cpuMs()) - before };
    };
    const database: number[] = [];
    const runOurs = async (count: number): Promise<Run> => {
      const arrived = sink.ask('waitFor', { count }, z.number());
      const before = await gateway.cpuMs();
      await enqueueMessages(db, PEERS, count);
      const databaseBefore = await cluster.cpuMs();
      const seconds = await arrived;
      await until('the stanzas to be settled', async () => (await countStanzas(db)).due === 0);
      database.push(((await cluster.cpuMs()) - databaseBefore) / count);
      return { count, seconds, cpuMs: (await gateway.cpuMs()) - before };
    };

    await runFloor(sizes.warmUp);
    await runOurs(sizes.warmUp);
    const comparison = await compare(sizes.rounds, {
      floor: () => runFloor(sizes.stanzas),
      ours: () => runOurs(sizes.stanzas),
    });
    return {
      throughput: [{ name: 'xmpp: row to stanza taken', ...comparison, databaseCpuMs: median(database) }],
      latency: [],
      facts: [],
    };
  } finally {
    await undo.run();
  }
};
