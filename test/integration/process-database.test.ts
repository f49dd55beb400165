import { open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import {
  balanceIn,
  balanceOut,
  directNote,
  inboxOf,
  introduce,
  sendChat,
  toldOf,
  until,
} from '../faults/traffic.ts';
import { type FaultWorld, startFaultWorld } from '../faults/world.ts';
import { type DiskCluster, startDiskCluster } from '../support/cluster-on-disk.ts';
import { askReady, type GatewayProcess } from '../support/gateway-process.ts';
import { NOTHING_WRONG, type Sent } from '../support/ledger.ts';
import type { XmppClient } from '../support/xmpp-client.ts';

let world: FaultWorld;
let cluster: DiskCluster;
let alice: XmppClient;
let actor: string;
let gateway: GatewayProcess;

beforeAll(async () => {
  world = await startFaultWorld({
    database: async (undo) => {
      cluster = await startDiskCluster(undo, process.getuid?.() === 0 ? { diskMegabytes: 160 } : {});
      return cluster;
    },
  });
  alice = await world.logIn('alice');
  gateway = await world.start();
  actor = await introduce(world, alice, 'dave');
});
afterEach(async () => {
  // Whatever happened: still the same process.
  expect(() => process.kill(gateway.pid, 0)).not.toThrow();
  await until('it is ready again', async () => (await askReady(world.httpPort))?.ok === true, 30_000);
});
afterAll(() => world?.stop());

/** Messages one way and notes the other, all the time until told to stop: what each end was told. */
const startTraffic = (name: string) => {
  const messages: Sent[] = [];
  const notes: Sent[] = [];
  const statuses = new Map<string, number>();
  let isOver = false;
  const send = async (): Promise<void> => {
    for (let count = 0; !isOver; count += 1) {
      const id = `${name}-x-${count}`;
      messages.push({ id, lane: 'out' });
      sendChat(alice, world.contact('dave'), id);
      await pause(20);
    }
  };
  const post = async (worker: number): Promise<void> => {
    for (let count = 0; !isOver; count += 1) {
      const id = `${name}-n-${worker}-${count}`;
      notes.push({ id, lane: `in ${worker}` });
      const note = directNote(world.peer, 'dave', actor, id);
      const status = await world.peer.post('dave', note, inboxOf(world, actor)).catch(() => 0);
      statuses.set(id, status);
      await pause(20);
    }
  };
  const all = Promise.all([send(), post(0), post(1), post(2)]);
  return {
    messages,
    notes,
    statuses,
    stop: async (): Promise<void> => {
      isOver = true;
      await all;
    },
  };
};

type Traffic = ReturnType<typeof startTraffic>;

/** Both ledgers: nothing acknowledged is missing, nobody is left without a word. */
const settle = async (name: string, { messages, notes, statuses }: Traffic): Promise<void> => {
  const taken = new Set([...statuses].flatMap(([id, status]) => (status === 202 ? id : [])));
  await until(
    'every sender is told',
    () => messages.every(({ id }) => toldOf(alice.seen()).has(id)),
    120_000,
  );
  await until(
    'every accepted note is shown',
    () => {
      const bodies = new Set(alice.seen().map(({ body }) => body));
      return [...taken].every((id) => bodies.has(id));
    },
    60_000,
  );
  expect(
    balanceOut(messages, alice.seen(), world.peer, (text) => text.startsWith(`${name}-x`)),
  ).toMatchObject({
    ...NOTHING_WRONG,
    untold: [],
  });
  const shown = alice.seen().filter(({ body }) => body?.startsWith(`${name}-n`) === true);
  const { lost, twice } = balanceIn(notes, taken, shown);
  expect({ lost, twice }).toEqual({ lost: [], twice: [] });
  const errors = alice.seen().filter(({ id, type }) => type === 'error' && id?.startsWith(name) === true);
  expect(errors.filter(({ error }) => error?.type !== 'wait')).toEqual([]);
  expect([...new Set(statuses.values())].filter((status) => ![202, 503].includes(status))).toEqual([]);
};

const answersAgain = async (name: string, ms: number): Promise<void> => {
  await until('it is ready', async () => (await askReady(world.httpPort))?.ok === true, ms);
  sendChat(alice, world.contact('dave'), `${name}-resumed`);
  await alice.next(({ received }) => received === `${name}-resumed`, ms);
};

/** How soon work resumes is measured by the table of faults. */
describe.each([
  ['restart -m fast', 'SIGINT'],
  ['restart -m immediate', 'SIGQUIT'],
  ['kill -9 of the postmaster', 'SIGKILL'],
] as const)('%s', (_, signal) => {
  test('nothing acknowledged is missing, everyone is told, work resumes by itself', async () => {
    const traffic = startTraffic(signal);
    await pause(500);
    await cluster.signal(signal);
    await until('the database is back', () =>
      cluster.db.query('select').then(
        () => true,
        () => false,
      ),
    );
    await pause(500);
    await traffic.stop();
    await answersAgain(signal, 60_000);
    await settle(signal, traffic);
  }, 240_000);
});

test('connections that are terminated all the time', async () => {
  const traffic = startTraffic('terminate');
  const deadline = performance.now() + 3_000;
  while (performance.now() < deadline) {
    await cluster.db.query(
      "select pg_terminate_backend(pid) from pg_stat_activity where application_name in ('causeway', 'causeway lock')",
    );
    await pause(100);
  }
  await traffic.stop();
  await answersAgain('terminate', 60_000);
  await settle('terminate', traffic);
}, 240_000);

test('a full disk: 503, a reason in words, and work that resumes when there is room', async ({ skip }) => {
  if (process.getuid?.() !== 0) skip('only root can mount a disk of its own');
  const traffic = startTraffic('full');
  await pause(300);
  const filler = join(cluster.folder, 'filler');
  await fill(filler);
  try {
    await until('an inbox answers 503', () => [...traffic.statuses.values()].includes(503), 60_000);
    await until(
      'it says why',
      async () => {
        const answer = await askReady(world.httpPort);
        return answer?.ok === false && /database/u.test(answer.text);
      },
      30_000,
    );
    const answer = await fetch(`http://127.0.0.1:${world.httpPort}/readyz`);
    expect(answer.status).toBe(503);
  } finally {
    await rm(filler);
  }
  await until(
    'the database is back',
    () =>
      cluster.db.query('select').then(
        () => true,
        () => false,
      ),
    30_000,
  );
  await traffic.stop();
  await answersAgain('full', 60_000);
  await settle('full', traffic);
}, 180_000);

/** Writes until there is no room left. */
const fill = async (path: string): Promise<void> => {
  const file = await open(path, 'w');
  const block = Buffer.alloc(1024 * 1024);
  try {
    for (;;) await file.write(block);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOSPC')) throw error;
  } finally {
    await file.close();
  }
};
