import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { introduce, sendChat, until } from '../faults/traffic.ts';
import { type FaultWorld, startFaultWorld } from '../faults/world.ts';
import { findFreePort } from '../support/free-port.ts';
import { askReady, type GatewayProcess } from '../support/gateway-process.ts';
import type { XmppClient } from '../support/xmpp-client.ts';

/**
 * What a standby may take to have the stream, in milliseconds: for a machine that does other things too. What is
 * promised is measured by the table of faults.
 */
const TAKEOVER_MS = 45_000;

let world: FaultWorld;
let alice: XmppClient;

beforeAll(async () => {
  world = await startFaultWorld();
  alice = await world.logIn('alice');
});
afterEach(() => world?.endGateways());
afterAll(() => world?.stop());

type Member = { readonly process: GatewayProcess; readonly port: number };

/** One more process on the same database and the same component. */
const join = async (): Promise<Member> => {
  const port = await findFreePort();
  const process = await world.start({
    env: { CAUSEWAY_HTTP_LISTEN: `127.0.0.1:${port}` },
    unready: true,
    logName: `gateway-${port}.log`,
  });
  await until('the process is ready', async () => (await askReady(port))?.ok === true);
  return { process, port };
};

const isStandby = async ({ port }: Member): Promise<boolean> =>
  (await askReady(port))?.text.includes('"standby":true') === true;

/** Online and ready: it has the stream. One question, since between two a standby may have become neither. */
const hasStream = async ({ port }: Member): Promise<boolean> => {
  const told = await askReady(port);
  return told?.ok === true && !told.text.includes('"standby":true');
};

const exchange = async (id: string, ms = 60_000): Promise<void> => {
  sendChat(alice, world.contact('dave'), id);
  await alice.next(({ received }) => received === id, ms);
};

/** Handshakes that Prosody saw: two that fight for the stream make many. */
const handshakes = (): number =>
  world.prosody.log().split('External component successfully authenticated').length - 1;

test('the second process is a standby that says so, and takes over from a first one that is killed', async () => {
  const first = await join();
  await until('the first has the stream', () => hasStream(first));
  const second = await join();
  await until('the second is a standby', () => isStandby(second));
  await introduce(world, alice, 'dave');
  await exchange('with a standby');
  await until('Prosody has said so', () => handshakes() === 1);

  const killed = performance.now();
  await first.process.kill();
  await until('the second has the stream', () => hasStream(second), TAKEOVER_MS);
  expect(performance.now() - killed).toBeLessThan(TAKEOVER_MS);
  await exchange('after the takeover');
  await until('Prosody has said so', () => handshakes() === 2);

  const third = await join();
  await until('the third is a standby', () => isStandby(third));
  // An orderly end hands the stream on.
  await second.process.stop(20_000);
  expect(second.process.tail(20)).toContain('"event":"stopped"');
  await until('the third has the stream', () => hasStream(third), TAKEOVER_MS);
  await exchange('after an orderly end');
}, 180_000);

test('a process that hangs is replaced, and is a standby when it goes on', async () => {
  const first = await join();
  await until('the first has the stream', () => hasStream(first));
  const second = await join();
  await until('the second is a standby', () => isStandby(second));
  first.process.signal('SIGSTOP');
  await until('the second has the stream', () => hasStream(second), TAKEOVER_MS);
  await exchange('with the first one hung');
  first.process.signal('SIGCONT');
  await until('the first is a standby', () => isStandby(first));
  await exchange('with the first one back');
  expect(await hasStream(second)).toBe(true);
}, 180_000);

test('a holder whose database is cut off closes the stream before another one opens it', async () => {
  const first = await join();
  await until('the first has the stream', () => hasStream(first));
  const direct = { env: { CAUSEWAY_DATABASE_URL: world.database.url } };
  const port = await findFreePort();
  const process = await world.start({
    env: { ...direct.env, CAUSEWAY_HTTP_LISTEN: `127.0.0.1:${port}` },
    unready: true,
    logName: `gateway-${port}.log`,
  });
  const second = { process, port };
  await until('the second is a standby', () => isStandby(second));
  const before = handshakes();
  // Nothing passes and nobody is told: the connections stay open on both sides.
  world.toDatabase.blackhole(true);
  await until('the second has the stream', () => hasStream(second), TAKEOVER_MS);
  // Prosody answers first and logs then.
  await until('Prosody has said so', () => handshakes() > before);
  const log = world.prosody.log();
  // Closed by the first itself, not kicked by the second.
  expect(log.slice(log.lastIndexOf('successfully authenticated') - 400)).not.toContain('Replaced');
  const told = await askReady(first.port);
  expect(told?.ok).toBe(false);
  expect(told?.text).toContain('database');
  world.toDatabase.blackhole(false);
  world.toDatabase.reset();
  await until('the first is a standby', () => isStandby(first), 30_000);
  await exchange('after the cut');
  expect(handshakes()).toBe(before + 1);
}, 180_000);
