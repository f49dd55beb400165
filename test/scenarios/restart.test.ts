import { afterAll, beforeAll, expect, test } from 'vitest';
import { DOMAIN, startWorld, type World } from '../support/world.ts';
import type { XmppClient } from '../support/xmpp-client.ts';

let world: World;

beforeAll(async () => {
  world = await startWorld();
  await world.startGateway();
});
afterAll(() => world?.stop());

const contact = `dave%fedify.test@${DOMAIN}`;

const introduce = async (alice: XmppClient): Promise<void> => {
  alice.send({ do: 'send', to: contact, body: 'Hello', id: 'hello', receipt: true });
  await alice.next(({ received }) => received === 'hello', 45_000);
};

test('a note that was answered with 202 while the XMPP server was away arrives after a restart, once', async () => {
  const { fediverse, xmppServer } = world;
  if (!('kill' in xmppServer)) throw new Error('not a Prosody');
  const first = await world.logIn('alice');
  await introduce(first);
  await first.close();
  await xmppServer.kill();
  await fediverse.fedify.sendDirect('dave', `@alice@${DOMAIN}`, 'sent into the dark');
  await fediverse.fedify.requests.waitFor(() => true, 'request', 1_000);
  await waitForRows('stanzas');
  await world.stopGateway();
  await xmppServer.restart();
  const alice = await world.logIn('alice');
  await world.startGateway();
  const message = await alice.next(({ body }) => body === 'sent into the dark', 45_000);
  expect(message.from).toBe(contact);
  await drained('stanzas');
  expect(alice.seen().filter(({ body }) => body === 'sent into the dark')).toHaveLength(1);
  await alice.close();
});

test('a message whose first delivery failed goes out after a restart, under the same id, with its receipt', async () => {
  const { fedify } = world.fediverse;
  const alice = await world.logIn('alice');
  fedify.refusePosts(503);
  alice.send({ do: 'send', to: contact, body: 'delivered late', id: 'late', receipt: true });
  await fedify.requests.waitFor(({ status }) => status === 503, 'refused POST', 45_000);
  await world.stopGateway();
  fedify.refusePosts(undefined);
  await world.startGateway();
  await alice.next(({ received }) => received === 'late', 45_000);
  const notes = fedify.received.entries.filter(({ note }) => note?.content.includes('delivered late'));
  expect(notes).toHaveLength(1);
  await drained('deliveries');
  await alice.close();
});

test('a permanent refusal is told once, with the id of the message', async () => {
  const { fedify } = world.fediverse;
  const alice = await world.logIn('alice');
  fedify.refusePosts(403);
  alice.send({ do: 'send', to: contact, body: 'unwanted', id: 'unwanted', receipt: true });
  const error = await alice.next(({ id, type }) => id === 'unwanted' && type === 'error', 45_000);
  expect(error.error).toMatchObject({ condition: 'forbidden', type: 'auth' });
  expect(error.error?.text).toContain('fedify.test');
  expect(error.from).toBe(contact);
  fedify.refusePosts(undefined);
  await drained('deliveries');
  expect(alice.seen().filter(({ id }) => id === 'unwanted')).toHaveLength(1);
  expect(alice.seen().some(({ received }) => received === 'unwanted')).toBe(false);
});

type Table = 'stanzas' | 'deliveries';

const countDue = async (table: Table): Promise<number> => {
  const { rows } = await world.database.db.query<{ count: number }>(
    `select count(*) as count from ${table} where state = 'due'`,
  );
  return rows[0]?.count ?? 0;
};

const until = async (what: string, holds: () => Promise<boolean>): Promise<void> => {
  const deadline = Date.now() + 45_000;
  while (!(await holds())) {
    if (Date.now() > deadline) throw new Error(`still not: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
};

const waitForRows = (table: Table) => until(`${table} waiting`, async () => (await countDue(table)) > 0);
const drained = (table: Table) => until(`${table} drained`, async () => (await countDue(table)) === 0);
