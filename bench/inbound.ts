import { z } from 'zod';
import { createUndoStack, type UndoStack } from '../test/support/undo.ts';
import { compare, type Run } from './compare.ts';
import type { BenchDatabase } from './database.ts';
import { type GatewayPart, startGatewayPart } from './gateway.ts';
import { median } from './numbers.ts';
import type { Part } from './part.ts';
import { ALICE, invitePeers, type People, seedPeople, URLS } from './people.ts';
import type { Report } from './report.ts';
import { IN_FLIGHT, PEERS } from './sizes.ts';
import { startHelped, type World } from './world.ts';

const NOWHERE = 'https://nowhere.test';

/**
 * Signed Creates of known actors to the personal inbox of one user. Floor: Express, SHA-256, RSA verify and
 * JSON.parse, nothing stored. The gateway: its own HTTP server with the role `web` alone, so that what is
 * measured ends with the 202, which is the commit. Both get the same bytes.
 */
export const measureInbound = async (world: World): Promise<Report> => {
  const undo = createUndoStack();
  try {
    const people = await invitePeers(PEERS, [NOWHERE]);
    const { db, url } = await world.cluster.create('inbound');
    await seedPeople(db, people.peers);
    const load = await startLoad(world, undo, people);
    const floor = startHelped(world, undo, 'inbound-floor.ts');
    const floorPort = await floor.ask('start', { publicPem: people.peerKey.publicPem }, z.number());
    const gateway = await startGatewayPart({ folder: world.folder, databaseUrl: url, roles: ['web'] });
    undo.add(gateway.stop);
    return await measureSides(world, { db, url }, load, { part: floor, port: floorPort }, gateway);
  } finally {
    await undo.run();
  }
};

/** The generator, all requests of the run already made. */
const startLoad = async ({ sizes, ...world }: World, undo: UndoStack, people: People): Promise<Part> => {
  const load = startHelped({ sizes, ...world }, undo, 'inbound-load.ts');
  await load.ask(
    'prepare',
    {
      authors: people.peers.map(({ id }) => id),
      recipient: URLS.actor(ALICE.id),
      inbox: URLS.inbox(ALICE.id),
      privateKey: people.peerKey.privateDer.toString('base64'),
      count: sizes.warmUp + sizes.rounds * sizes.requests,
    },
    z.number(),
  );
  return load;
};

const measureSides = async (
  { cluster, sizes }: World,
  { db }: BenchDatabase,
  load: Part,
  floor: { readonly part: Part; readonly port: number },
  gateway: GatewayPart,
): Promise<Report> => {
  const run = async (part: Part, port: number, from: number, count: number): Promise<Run> => {
    const before = await part.cpuMs();
    const input = { port, from, count, connections: IN_FLIGHT.requests };
    const seconds = await load.ask('run', input, z.number());
    return { count, seconds, cpuMs: (await part.cpuMs()) - before };
  };
  await run(floor.part, floor.port, 0, sizes.warmUp);
  await run(gateway, gateway.httpPort, 0, sizes.warmUp);
  const database: number[] = [];
  const firstOf = (round: number): number => sizes.warmUp + round * sizes.requests;
  const comparison = await compare(sizes.rounds, {
    floor: (round) => run(floor.part, floor.port, firstOf(round), sizes.requests),
    ours: async (round) => {
      const before = await cluster.cpuMs();
      const measured = await run(gateway, gateway.httpPort, firstOf(round), sizes.requests);
      database.push(((await cluster.cpuMs()) - before) / sizes.requests);
      return measured;
    },
  });
  const { rows } = await db.query<{ commits: number; activities: number }>(
    // Nobody has worked the rows yet, so each still bears the transaction that accepted it.
    'select count(distinct xmin::text) as commits, count(*) as activities from inbox',
  );
  const [counted] = rows;
  return {
    throughput: [{ name: 'inbound: signed Create to 202', ...comparison, databaseCpuMs: median(database) }],
    latency: [],
    facts: [
      {
        name: 'inbound: activities that share a commit',
        value: (counted?.activities ?? 0) / (counted?.commits ?? 1),
        unit: 'activities',
      },
    ],
  };
};
