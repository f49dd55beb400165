import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { renderActorUpdate } from '../../src/activitypub/render-actor.ts';
import { urlsOf } from '../../src/bridge/urls.ts';
import { rotateKey } from '../../src/gateway/rotate-key.ts';
import { newId } from '../../src/ids.ts';
import { makeKeyPair } from '../../src/store/key-pool.ts';
import { createKeyring } from '../../src/store/keyring.ts';
import { findUserByJid } from '../../src/store/users.ts';
import type { Snac } from '../support/snac.ts';
import { DOMAIN, HOME, startWorld, type World } from '../support/world.ts';
import type { ClientEvent, XmppClient } from '../support/xmpp-client.ts';

/** What becomes of an account over there, and of its keys: new ones here and there. */
const CAROL = `carol%snac.test@${DOMAIN}`;
const DAVE = `dave%fedify.test@${DOMAIN}`;
const ALICE = `@alice@${DOMAIN}`;
/** The news of a key begins ten seconds after it, and all else ten seconds later. */
const PATIENCE_MS = 45_000;
const SECRET_KEY = randomBytes(32);

let world: World;
let alice: XmppClient;

beforeAll(async () => {
  world = await startWorld({
    CAUSEWAY_SECRET_KEY: SECRET_KEY.toString('hex'),
    // Whoever fetches the new key has to sign for it, and we verify that with a key that may be new itself.
    CAUSEWAY_SIGNED_FETCH_REQUIRED: 'true',
  });
  await world.startGateway();
  alice = await world.logIn('alice');
});
afterAll(() => world?.stop());

const snacOr = (skip: (why: string) => never): Snac =>
  typeof world.fediverse.snac === 'string' ? skip(world.fediverse.snac) : world.fediverse.snac;

const next = (fits: (event: ClientEvent) => boolean): Promise<ClientEvent> => alice.next(fits, PATIENCE_MS);

/** Writes, and waits until the other side's server has taken it. */
const say = async (to: string, text: string): Promise<void> => {
  alice.send({ do: 'send', to, body: text, id: text, receipt: true });
  await next(({ received }) => received === text);
};

const idOf = async (name: string): Promise<string> => {
  const user = await findUserByJid(world.database.db, `${name}@${HOME}`);
  if (user === undefined) throw new Error(`${name} is not registered`);
  return user.id;
};

/**
 * As the command for it does, in a process of its own: a new key, and all who have to do with her are told. The
 * gateway, which runs, hears of it by what it finds to deliver.
 */
const rotateOurs = async (): Promise<void> => {
  const { db } = world.database;
  const urls = urlsOf(world.origin);
  const keyring = createKeyring({ db, secretKey: SECRET_KEY });
  const rotated = await rotateKey(
    {
      db,
      urls,
      newId,
      renderActorUpdate: (update) => JSON.stringify(renderActorUpdate(urls, { ...update, domain: DOMAIN })),
      wake: { deliveries: () => undefined, stanzas: () => undefined },
      takeKeyPair: makeKeyPair,
      addKey: async (tx, id, pair) => void (await keyring.add(tx, id, pair)),
      replaceKey: keyring.replace,
      forgetKey: keyring.forget,
    },
    await idOf('alice'),
  );
  expect(rotated).toBe(true);
};

describe('a new key of a user here', () => {
  const isAtFedify = (text: string) =>
    world.fediverse.fedify.received.waitFor(
      ({ note }) => note?.content.includes(text) === true,
      text,
      PATIENCE_MS,
    );
  const isAtSnac = (snac: Snac, text: string) =>
    snac.waitForNote('carol', ({ content }) => content.includes(text), PATIENCE_MS);

  beforeAll(async () => {
    const { snac } = world.fediverse;
    alice.send({ do: 'presence', to: DAVE, type: 'subscribe' });
    await next(({ event, from, type }) => event === 'presence' && from === DAVE && type === 'subscribed');
    await say(DAVE, 'the first key');
    await isAtFedify('the first key');
    if (typeof snac !== 'string') {
      await say(CAROL, 'the first key, Carol');
      await isAtSnac(snac, 'the first key, Carol');
    }
    await rotateOurs();
  }, 120_000);

  test('is taken by a Fedify server that knew the old one', async () => {
    await world.fediverse.fedify.received.waitFor(({ type }) => type === 'Update', 'news', PATIENCE_MS);
    await say(DAVE, 'the second key');
    await isAtFedify('the second key');
  }, 120_000);

  test('is taken by snac that knew the old one and looks later, also from who is not followed', async ({
    skip,
  }) => {
    const snac = snacOr(skip);
    await say(CAROL, 'the second key, Carol');
    await isAtSnac(snac, 'the second key, Carol');
  }, 120_000);
});

describe('a new key', () => {
  test('of a person of a Fedify server is fetched once, and the message is there', async () => {
    const { fedify } = world.fediverse;
    const fetched = () =>
      fedify.requests.entries.filter(({ method, path }) => method === 'GET' && path === '/users/dave').length;
    await fedify.sendDirect('dave', ALICE, 'with the old key');
    await next(({ from, body }) => from === DAVE && (body ?? '').includes('with the old key'));
    await fedify.replaceKey('dave');
    const before = fetched();
    for (const text of ['with the new key', 'and with the new key again']) {
      await fedify.sendDirect('dave', ALICE, text);
      await next(({ from, body }) => from === DAVE && (body ?? '').includes(text));
    }
    expect(fetched() - before).toBe(1);
  }, 60_000);
});

describe('a person of snac', () => {
  test('sees the new name of somebody here, without following', async ({ skip }) => {
    const snac = snacOr(skip);
    await say(CAROL, 'Hello.');
    alice.send({ do: 'send', to: DOMAIN, body: 'name Alice Liddell' });
    const actor = urlsOf(world.origin).actor(await idOf('alice'));
    await snac.waitForName(actor, 'Alice Liddell', PATIENCE_MS);
  }, 60_000);

  test('forgets who leaves here', async ({ skip }) => {
    const snac = snacOr(skip);
    const bob = await world.logIn('bob');
    bob.send({ do: 'send', to: CAROL, body: 'Bob was here.', id: 'bob' });
    await snac.waitForNote('carol', ({ content }) => content.includes('Bob was here.'), PATIENCE_MS);
    const actor = urlsOf(world.origin).actor(await idOf('bob'));
    await snac.waitForName(actor, 'bob', PATIENCE_MS);
    bob.send({ do: 'send', to: DOMAIN, body: 'leave yes' });
    await snac.waitForName(actor, undefined, PATIENCE_MS);
  }, 60_000);

  test('who is refused is told, and snac does not listen: it goes on waiting', async ({ skip }) => {
    const snac = snacOr(skip);
    const actor = urlsOf(world.origin).actor(await idOf('alice'));
    await snac.follow('carol', ALICE);
    await next(({ event, from, type }) => event === 'presence' && from === CAROL && type === 'subscribe');
    alice.send({ do: 'presence', to: CAROL, type: 'unsubscribed' });
    await expect
      .poll(() => snac.tail(50), { timeout: PATIENCE_MS })
      .toContain("Ignored message of type 'Reject'");
    expect(await snac.following('carol')).toEqual({ asked: [actor], accepted: [] });
    const left = async () => (await world.database.db.query('select from deliveries')).rowCount;
    await expect.poll(left).toBe(0);
  }, 60_000);

  test('who changes the name is shown with it', async ({ skip }) => {
    const snac = snacOr(skip);
    // snac tells those who follow.
    alice.send({ do: 'presence', to: CAROL, type: 'subscribe' });
    await next(({ event, from, type }) => event === 'presence' && from === CAROL && type === 'subscribed');
    await snac.rename('carol', 'Carol the Second');
    await next(
      ({ event, from, xml = '' }) =>
        event === 'presence' && from === CAROL && xml.includes('Carol the Second (@carol@snac.test)'),
    );
  }, 60_000);

  test('with a new key writes on: it is fetched once', async ({ skip }) => {
    const snac = snacOr(skip);
    const fetched = async () =>
      (await readFile(snac.logFile, 'utf8')).split('[carol] serving actor [Causeway/').length - 1;
    await snac.sendDirect('carol', `${ALICE} before`);
    await next(({ from, body }) => from === CAROL && (body ?? '').includes('before'));
    const before = await fetched();
    await snac.replaceKey('carol');
    await snac.sendDirect('carol', `${ALICE} after`);
    await next(({ from, body }) => from === CAROL && (body ?? '').includes('after'));
    expect((await fetched()) - before).toBe(1);
  }, 60_000);

  test('who is deleted cannot be written to any more, and whoever writes is told', async ({ skip }) => {
    await snacOr(skip).removeUser('carol');
    alice.send({ do: 'send', to: CAROL, body: 'Are you there?', id: 'last', receipt: true });
    const { error } = await next(({ type, id }) => type === 'error' && id === 'last');
    expect(error?.condition).toBe('item-not-found');
  }, 60_000);
});
