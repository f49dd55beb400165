import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { DOMAIN, HOME, startWorld, type World } from '../support/world.ts';
import type { XmppClient } from '../support/xmpp-client.ts';

/** The web server of the XMPP domain forwards WebFinger to the gateway, as an administrator would have it. */
let world: World;
let alice: XmppClient;

beforeAll(async () => {
  world = await startWorld({ CAUSEWAY_HANDLE_IS_JID: 'true' });
  await world.startGateway();
  await vi.waitFor(() => expect(world.logged.join('')).toMatch(/"event":"handle-is-jid"/u), 45_000);
  alice = await world.logIn('alice');
});
afterAll(() => world?.stop());

test('a user is found, and written to, under the JID', async () => {
  const { fedify } = world.fediverse;
  const contact = `dave%fedify.test@${DOMAIN}`;
  alice.send({ do: 'send', to: contact, body: 'Hello Dave', id: 'm1', receipt: true });
  await alice.next(({ received }) => received === 'm1', 45_000);
  const welcome = await alice.next(({ body }) => (body ?? '').includes('Welcome'));
  expect(welcome.body).toContain(`You are now @alice@${HOME}`);

  const document = await fedify.lookUp('dave', `@alice@${HOME}`);
  expect(document).toMatchObject({ preferredUsername: 'alice' });
  await fedify.sendDirect('dave', `@alice@${HOME}`, 'Hello Alice');
  await alice.next(({ from, body }) => from === contact && body === 'Hello Alice', 45_000);
});

test('both handles lead to one subject', async () => {
  for (const host of [HOME, DOMAIN]) {
    const response = await fetch(
      `https://${host}/.well-known/webfinger?resource=${encodeURIComponent(`acct:alice@${host}`)}`,
    );
    expect(await response.json()).toMatchObject({ subject: `acct:alice@${HOME}` });
  }
});
