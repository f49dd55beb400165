import { afterAll, beforeAll, expect, test } from 'vitest';
import { DOMAIN, HOME, startWorld, type World } from '../support/world.ts';
import type { ClientEvent, XmppClient } from '../support/xmpp-client.ts';

/** A Prosody that lets the gateway read and write rosters, with the module of XEP-0356 from prosody-modules. */
const CONTACT = `dave%fedify.test@${DOMAIN}`;
const PATIENCE_MS = 45_000;
let world: World;
let alice: XmppClient;
let count = 0;

beforeAll(async () => {
  world = await startWorld({}, 'privileged prosody');
  await world.startGateway();
  alice = await world.logIn('alice');
});
afterAll(() => world?.stop());

const ask = async (type: 'get' | 'set', inner: string): Promise<ClientEvent> => {
  count += 1;
  const id = `r${count}`;
  const query = `<query xmlns='jabber:iq:roster'>${inner}</query>`;
  alice.send({ do: 'raw', xml: `<iq xmlns='jabber:client' type='${type}' id='${id}'>${query}</iq>` });
  return await alice.next((seen) => seen.event === 'iq' && seen.id === id, PATIENCE_MS);
};
const subscribe = async (): Promise<void> => {
  alice.send({ do: 'presence', to: CONTACT, type: 'subscribe' });
  await alice.next(
    ({ event, from, type }) => event === 'presence' && from === CONTACT && type === 'subscribed',
    PATIENCE_MS,
  );
};

test('a contact that accepts gets its name and a group in the roster, without a question', async () => {
  await subscribe();
  const roster = async (): Promise<string> => (await ask('get', '')).xml ?? '';
  await expect.poll(roster).toContain('name="dave of Fedify (@dave@fedify.test)"');
  expect(await roster()).toContain('>Fediverse<');
  await expect.poll(roster).toMatch(/subscription="to"/u);
});

test('a name that the user chose stays', async () => {
  await ask('set', `<item jid='${CONTACT}' subscription='remove'/>`);
  await ask('set', `<item jid='${CONTACT}' name='Dave next door'/>`);
  await subscribe();
  // Behind the gateway's own question for the roster, which it asks before it changes anything.
  await expect.poll(async () => (await ask('get', '')).xml).toMatch(/subscription="to"/u);
  alice.send({ do: 'send', to: DOMAIN, body: 'help', id: 'help' });
  await alice.next(({ from, body }) => from === DOMAIN && body?.includes('leave –') === true);
  expect((await ask('get', '')).xml).toContain('Dave next door');
});

test('the gateway knows what it may, and for whom', () => {
  expect(world.logged.join('')).toContain(`"domain":"${HOME}","roster":"both"`);
});
