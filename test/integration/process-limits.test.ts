import { readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { openDatabase } from '../../src/store/database.ts';
import { introduce, sendChat, until } from '../faults/traffic.ts';
import { DOMAIN, type FaultWorld, HOME, startFaultWorld } from '../faults/world.ts';
import { fillBacklog } from '../support/backlog.ts';
import { askReady, type GatewayProcess } from '../support/gateway-process.ts';
import type { XmppClient } from '../support/xmpp-client.ts';

let world: FaultWorld;
let alice: XmppClient;
let actor: string;

beforeAll(async () => {
  world = await startFaultWorld();
  alice = await world.logIn('alice');
  await world.start();
  actor = await introduce(world, alice, 'dave');
  await world.endGateways();
});
afterEach(() => world?.endGateways());
afterAll(() => world?.stop());

const isAlive = ({ pid }: GatewayProcess): boolean => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

/** Mebibytes of memory that the process has in use now. */
const residentOf = ({ pid }: GatewayProcess): number =>
  Number(/^VmRSS:\s+(\d+) kB$/mu.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024;

const countDue = async (): Promise<number> => {
  const { rows } = await world.database.db.query<{ count: number }>(
    `select (select count(*) from deliveries where state = 'due')
       + (select count(*) from inbox where done_at is null)
       + (select count(*) from stanzas where state = 'due') as count`,
  );
  return rows[0]?.count ?? 0;
};

test('a backlog of 100,000 rows in each queue and a heap of 96 MiB', async () => {
  const one = openDatabase({ url: world.database.url, max: 1, onError: () => undefined });
  await fillBacklog(one, {
    rows: 100_000,
    inbox: `http://${world.peer.host}/inbox`,
    sender: new URL(actor).pathname.split('/').at(-1) ?? '',
    home: HOME,
    domain: DOMAIN,
  });
  await one.close();
  const before = await countDue();
  const gateway = await world.start({ nodeArgs: ['--max-old-space-size=96'] });
  await until('some of it is worked', async () => before - (await countDue()) > 3_000, 60_000);
  const early = residentOf(gateway);
  await until('more of it is worked', async () => before - (await countDue()) > 9_000, 60_000);
  expect(isAlive(gateway)).toBe(true);
  expect(residentOf(gateway)).toBeLessThan(early * 1.5 + 32);
  expect(residentOf(gateway)).toBeLessThan(320);
  gateway.signal('SIGTERM');
  // It ends itself after ten seconds, with another code.
  expect(await gateway.ended).toContain('code 0');
  await world.database.db.query('truncate deliveries, inbox, stanzas');
}, 180_000);

test('without descriptors accepting pauses, and goes on when there are some again', async () => {
  const gateway = await world.start({ under: ['prlimit', '--nofile=128:128'] });
  const sockets: Socket[] = [];
  for (let count = 0; count < 400; count += 1) {
    const socket = connect(world.httpPort, '127.0.0.1');
    socket.on('error', () => undefined);
    sockets.push(socket);
  }
  await pause(1_500);
  expect(isAlive(gateway)).toBe(true);
  for (const socket of sockets) socket.destroy();
  await until('it answers again', async () => (await askReady(world.httpPort))?.ok === true);
  sendChat(alice, world.contact('dave'), 'after the flood');
  await alice.next(({ received }) => received === 'after the flood', 20_000);
  expect(gateway.tail(1_000)).not.toContain('uncaught-error');
}, 60_000);
