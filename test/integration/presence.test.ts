import { afterAll, beforeAll, expect, test } from 'vitest';
import { DOMAIN } from '../support/attacked-gateway.ts';
import type { TestDatabase } from '../support/database.ts';
import { missingEjabberd, startEjabberd } from '../support/ejabberd.ts';
import { ALICE, type PresenceWorld, startPresenceWorld } from '../support/presence-world.ts';
import { startProsody } from '../support/prosody.ts';
import { addContact, addRosterUser } from '../support/roster.ts';
import type { ClientEvent, XmppClient } from '../support/xmpp-client.ts';

const CONTACT = `bob%social.example@${DOMAIN}`;
const PENDING = `carol%social.example@${DOMAIN}`;
const STRANGER = `nobody%social.example@${DOMAIN}`;

const missing = missingEjabberd();
const servers = [
  { name: 'Prosody', start: startProsody },
  ...(missing === undefined ? [{ name: 'ejabberd', start: startEjabberd }] : []),
];
if (missing !== undefined) test.skip(`ejabberd (skipped: ${missing})`, () => undefined);

const worlds = new Map<string, PresenceWorld & { readonly alice: XmppClient }>();
const worldOf = ({ name }: { readonly name: string }) => {
  const world = worlds.get(name);
  if (world === undefined) throw new Error(`${name} does not run`);
  return world;
};
beforeAll(async () => {
  for (const { name, start } of servers) {
    const world = await startPresenceWorld(start);
    const userId = await addRosterUser(world.database, ALICE);
    await addContact(world.database, userId, 'bob');
    await addContact(world.database, userId, 'carol', 'pending');
    await world.startGateway();
    worlds.set(name, { ...world, alice: await world.logIn() });
  }
});
afterAll(async () => {
  for (const world of worlds.values()) await world.stop();
});

const presence = (from: string, type?: string) => (event: ClientEvent) =>
  event.event === 'presence' && event.from === from && event.type === type;
/** The contact's and the gateway's. */
const both = (client: XmppClient, type?: string) =>
  Promise.all([client.next(presence(CONTACT, type)), client.next(presence(DOMAIN, type))]);

/** Of the caps, which alone have one of that name. */
const attributeOf = ({ xml = '' }: ClientEvent, name: string): string =>
  new RegExp(`:c [^>]*${name}="([^"]+)"`, 'u').exec(xml)?.[1] ?? '';

test.each(servers)(
  '$name: a subscription is answered, and presence says who and what it is',
  async (server) => {
    const { alice } = worldOf(server);
    for (const to of [CONTACT, DOMAIN]) {
      alice.send({ do: 'presence', to, type: 'subscribe' });
      await alice.next(presence(to, 'subscribed'));
    }
    const seen = await both(alice);
    expect(seen[0]).toMatchObject({ nick: 'The bob (@bob@social.example)' });
    for (const event of seen) {
      const node = `${attributeOf(event, 'node')}#${attributeOf(event, 'ver')}`;
      const query = `<query xmlns='http://jabber.org/protocol/disco#info' node='${node}'/>`;
      alice.send({
        do: 'raw',
        xml: `<iq type='get' id='caps-${event.from}' to='${event.from}'>${query}</iq>`,
      });
      const info = await alice.next(({ event: kind, id }) => kind === 'iq' && id === `caps-${event.from}`);
      expect(info).toMatchObject({ type: 'result' });
      expect(info.xml).toContain(node);
    }
  },
);

test.each(servers)('$name: who logs in sees them by the probes of the server', async (server) => {
  const other = await worldOf(server).logIn();
  await both(other);
  await other.close();
});

test.each(servers)('$name: who is not subscribed learns nothing', async (server) => {
  const { alice } = worldOf(server);
  for (const to of [PENDING, STRANGER, CONTACT]) alice.send({ do: 'presence', to, type: 'probe' });
  // Answered in the order of the wire, or not at all.
  await alice.next(presence(CONTACT));
  for (const jid of [PENDING, STRANGER]) expect(alice.seen().filter(presence(jid))).toEqual([]);
});

test.each(servers)(
  '$name: an orderly stop shows them going, the next start shows them coming',
  async (server) => {
    const { alice, stopGateway, startGateway } = worldOf(server);
    await stopGateway();
    await both(alice, 'unavailable');
    await startGateway();
    await both(alice);
  },
);

test.each(servers)('$name: a stream that breaks is restored with all presence', async (server) => {
  const { alice, wire } = worldOf(server);
  wire.reset();
  await both(alice);
});

test.each(servers)('$name: what Alice shows of herself reaches nobody in the Fediverse', async (server) => {
  const { alice, database } = worldOf(server);
  const shown = () => alice.seen().filter(presence(CONTACT)).length;
  const before = shown();
  const show = `<show>dnd</show><status>secret of Alice</status>`;
  for (const to of ['', `to='${STRANGER}'`, `to='${DOMAIN}'`, `to='${CONTACT}'`])
    alice.send({ do: 'raw', xml: `<presence ${to}>${show}</presence>` });
  // Her contact's own comes in answer to the last.
  while (shown() === before) await alice.next(presence(CONTACT));
  expect(await findSecret(database)).toEqual({ deliveries: 0, secrets: 0 });
});

const findSecret = async ({ db }: TestDatabase) => {
  const { rows } = await db.query<{ deliveries: number; secrets: number }>(
    `select (select count(*) from deliveries)::int as deliveries,
       ((select count(*) from notes n where n::text like '%secret of Alice%')
         + (select count(*) from stanzas s where s::text like '%secret of Alice%')
         + (select count(*) from received_stanzas r where r::text like '%secret of Alice%'))::int as secrets`,
  );
  return rows[0];
};
