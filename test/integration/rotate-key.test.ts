import { randomBytes } from 'node:crypto';
import { buffer } from 'node:stream/consumers';
import { type KeyCache, verifyRequest } from '@fedify/fedify/sig';
import { CryptographicKey } from '@fedify/vocab';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { createAgent } from '../../src/activitypub/agent.ts';
import { renderActor, renderActorUpdate } from '../../src/activitypub/render-actor.ts';
import { createSend } from '../../src/activitypub/send.ts';
import type { SigningKey } from '../../src/activitypub/types.ts';
import { keyIdOf } from '../../src/bridge/urls.ts';
import { deliver } from '../../src/delivery/deliver.ts';
import { createSignAndSend } from '../../src/delivery/sign-and-send.ts';
import { changeProfile } from '../../src/gateway/change-profile.ts';
import { announceProfile } from '../../src/gateway/profile.ts';
import { removeUser } from '../../src/gateway/remove-user.ts';
import { rotateKey } from '../../src/gateway/rotate-key.ts';
import { findOrRegister } from '../../src/gateway/users.ts';
import { findActorKey, purgeOldKeys } from '../../src/store/actor-keys.ts';
import { saveBlock } from '../../src/store/blocks.ts';
import type { Database } from '../../src/store/database.ts';
import { type ClaimedDelivery, callOffDeliveries, completeDelivery } from '../../src/store/deliveries.ts';
import { saveFollow } from '../../src/store/follows.ts';
import { closeHost } from '../../src/store/hosts.ts';
import { makeKeyPair } from '../../src/store/key-pool.ts';
import { createKeyring } from '../../src/store/keyring.ts';
import { saveActor } from '../../src/store/remote-actors.ts';
import { findUserById, saveOwnProfile } from '../../src/store/users.ts';
import { type Peer, startPeer } from '../activitypub/support/peer.ts';
import { createTestDatabase, somebodyWaits, type TestDatabase } from '../support/database.ts';
import { claim, deliveryOf, enqueueAll, letPass } from '../support/deliveries.ts';
import { startDeliveryWorld } from '../support/delivery-world.ts';
import { ALICE, createTestGateway, emptyTables, GATEWAY, remoteActor, urls } from '../support/gateway.ts';

let base: TestDatabase;
let db: Database;
let peer: Peer;
/** What the peer took, and each look that it had at an actor of ours. */
let taken: { readonly name: string; readonly pem: string | undefined }[] = [];
let refused = 0;
let looks = 0;
/** What it answers where it does not look at the request at all. */
let busy: number | undefined;
/** Like snac it may take all, look at the signature later, and never fetch a key that it has. */
let manners: 'fetches' | 'takes and drops' = 'fetches';
let document: (userId: string) => Promise<unknown>;

/** A peer that takes an actor's news takes the key with it. */
const take = async (body: string): Promise<void> => {
  const activity: { type: string; object?: { publicKey: { publicKeyPem: string } } } = JSON.parse(body);
  taken.push({ name: activity.type, pem: activity.object?.publicKey.publicKeyPem });
  if (activity.object === undefined) return;
  const { publicKey } = activity.object;
  const key = await CryptographicKey.fromJsonLd({
    '@context': 'https://w3id.org/security/v1',
    type: 'CryptographicKey',
    ...publicKey,
  });
  if (key.id !== null) cached.set(key.id.href, key);
};

/** Fedify's verifier with a cache of keys, as a server keeps one. */
const cached = new Map<string, Awaited<ReturnType<KeyCache['get']>>>();
const keyCache: KeyCache = {
  get: async (keyId) => cached.get(keyId.href),
  set: async (keyId, key) => void cached.set(keyId.href, key),
};
const documentLoader = async (url: string) => {
  if (manners !== 'fetches' && cached.size > 0) throw new Error('not fetched again');
  looks += 1;
  const userId = /\/u\/([^#/]+)/u.exec(url)?.[1] ?? '';
  return { contextUrl: null, documentUrl: url, document: await document(userId) };
};

beforeAll(async () => {
  base = await createTestDatabase();
  db = base.db;
  peer = await startPeer(async (incoming, response) => {
    const body = await buffer(incoming);
    if (busy !== undefined) return void response.writeHead(busy).end();
    const headers = Object.entries(incoming.headers).map(([name, value]): [string, string] => [
      name,
      String(value),
    ]);
    const url = `${peer.origin}${incoming.url}`;
    const request = new Request(url, { method: 'POST', headers, body: new Uint8Array(body) });
    const key = await verifyRequest(request, { documentLoader, keyCache });
    if (key === null) refused += 1;
    else await take(body.toString('utf8'));
    response.writeHead(key === null && manners === 'fetches' ? 401 : 202).end();
  });
});
beforeEach(async () => {
  await emptyTables(db);
  taken = [];
  refused = 0;
  looks = 0;
  busy = undefined;
  manners = 'fetches';
  cached.clear();
});
const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});
afterAll(async () => {
  await peer.close();
  await base.drop();
});

/** Alice with a real key, and a neighbour on the peer who follows her. */
const setUp = async () => {
  const keyring = createKeyring({ db, secretKey: randomBytes(32) });
  const { ports } = createTestGateway(db, {
    takeKeyPair: makeKeyPair,
    addKey: async (tx, actorId, pair) => void (await keyring.add(tx, actorId, pair)),
    replaceKey: keyring.replace,
    forgetKey: keyring.forget,
    renderActorUpdate: (update) => JSON.stringify(renderActorUpdate(urls, { ...update, domain: GATEWAY })),
  });
  const found = await findOrRegister(ports, ALICE);
  if (!found.ok) throw new Error('not registered');
  const userId = found.value.id;
  document = async (id) => {
    const actor = await findUserById(db, id);
    const publicPem = await keyring.publicPemOf(id);
    if (actor === undefined || publicPem === undefined) throw new Error('no such actor');
    return renderActor(urls, { actor, publicPem, domain: GATEWAY });
  };
  const id = `${peer.origin}/u/nora`;
  await saveActor(
    db,
    remoteActor('nora', peer.host, { id, inbox: `${id}/inbox`, sharedInbox: `${peer.origin}/inbox` }),
  );
  await saveFollow(db, { userId, actorId: id, direction: 'in', state: 'accepted', followId: `${id}/f` });
  const agent = createAgent({ allowPrivate: true });
  const send = createSend({ agent, allowPrivate: true, now: () => new Date() });
  const keyId = keyIdOf(urls.actor(userId));
  const world = await startDeliveryWorld(db, {
    send: createSignAndSend<SigningKey>({
      send,
      keyOf: async (sender) => ({ keyId, privateKey: await keyring.privateKeyOf(sender) }),
      oldKeyOf: async (sender, oldKey) => {
        const privateKey = await keyring.oldKeyOf(sender, oldKey);
        return privateKey && { keyId, privateKey };
      },
      forgetKey: keyring.forget,
    }),
  });
  closing.push(
    () => world.close(),
    () => agent.close(),
  );
  const enqueue = (name: string) => {
    const body = JSON.stringify({ type: name, actor: urls.actor(userId) });
    return enqueueAll(
      db,
      deliveryOf(name, { sender: userId, inbox: `${peer.origin}/inbox`, host: peer.host, body }),
    );
  };
  const deliverAll = async () => {
    for (let batch = await claim(db); batch.length > 0; batch = await claim(db))
      for (const each of batch) await deliver(world.ports, each);
  };
  /** All that is due now, and a moment later. */
  const deliverAllAndWait = async () => {
    await deliverAll();
    await letPass(db, 11_000);
    await deliverAll();
  };
  const tryOne = (delivery: ClaimedDelivery) => deliver(world.ports, delivery);
  const rotateNow = async () => expect(await rotateKey(ports, userId)).toBe(true);
  /** And the time in which what was sent before is settled. */
  const rotate = async () => {
    await rotateNow();
    await letPass(db, 11_000);
  };
  return { ports, keyring, userId, enqueue, deliverAll, deliverAllAndWait, tryOne, rotate, rotateNow };
};

const PROFILE = {
  displayName: 'Alice L.',
  bio: undefined,
  showsJid: false,
  links: [],
  picture: undefined,
};

const namesTaken = () => taken.map(({ name }) => name);
const countKeys = async () => (await db.query('select from actor_keys')).rowCount;

test('the news goes first, signed with the key that the peer knows, and all else after it with the new one', async () => {
  const { keyring, userId, enqueue, deliverAll, deliverAllAndWait, rotate } = await setUp();
  manners = 'takes and drops';
  await enqueue('first');
  await deliverAll();
  const before = await keyring.publicPemOf(userId);
  expect(namesTaken()).toEqual(['first']);

  await enqueue('waits');
  await rotate();
  const after = await keyring.publicPemOf(userId);
  expect(after).not.toBe(before);
  await enqueue('written later');
  await deliverAll();
  // The peer looks at it in its own time: until then it hears nothing that it could not prove.
  expect(namesTaken()).toEqual(['first', 'Update']);
  expect(taken.at(-1)?.pem).toBe(after);
  await deliverAllAndWait();
  expect(namesTaken()).toEqual(['first', 'Update', 'waits', 'written later']);
  expect({ refused, looks }).toEqual({ refused: 0, looks: 1 });

  // The old key is nowhere any more once that is over, and the new one lies sealed.
  expect(await purgeOldKeys(db)).toBe(1);
  const { rows } = await db.query<{ public_pem: string }>('select public_pem from actor_keys');
  expect(rows).toEqual([{ public_pem: after }]);
  const stored = await findActorKey(db, userId);
  const opened = (await keyring.privateKeyOf(userId)).export({ type: 'pkcs8', format: 'der' });
  expect(stored?.sealed.includes(opened.subarray(30, 60))).toBe(false);
});

test('nothing goes out while what was sent with the old key may not have been looked at', async () => {
  const { enqueue, deliverAll, rotateNow } = await setUp();
  manners = 'takes and drops';
  await enqueue('a moment before');
  await deliverAll();
  await rotateNow();
  await enqueue('a moment later');
  // Half of it, so that what this machine takes in between does not count.
  await letPass(db, 5_000);
  await deliverAll();
  expect(namesTaken()).toEqual(['a moment before']);
  await letPass(db, 6_000);
  await deliverAll();
  expect(namesTaken()).toEqual(['a moment before', 'Update']);
});

test('a peer that knows no key, or the new one already, takes the news with the new one', async () => {
  const { keyring, userId, enqueue, deliverAllAndWait, rotate } = await setUp();
  await rotate();
  await enqueue('after');
  await deliverAllAndWait();
  expect(namesTaken()).toEqual(['Update', 'after']);
  expect(taken[0]?.pem).toBe(await keyring.publicPemOf(userId));
});

test('the old key stays for as long as somebody is to be told with it', async () => {
  const { enqueue, deliverAll, deliverAllAndWait, rotate } = await setUp();
  manners = 'takes and drops';
  await enqueue('first');
  await deliverAll();
  busy = 503;
  await rotate();
  await enqueue('second');
  await deliverAll();
  await rotate();
  expect(await purgeOldKeys(db)).toBe(0);
  expect(await countKeys()).toBe(3);
  busy = undefined;
  // One news after the other, each signed with the key that the one before it told of.
  for (let round = 0; round < 3; round += 1) await deliverAllAndWait();
  expect(namesTaken()).toEqual(['first', 'Update', 'Update', 'second']);
  expect(refused).toBe(0);
  expect(await purgeOldKeys(db)).toBe(2);
});

test.each([500, 404])('a peer that answers the news with %d is written to all the same', async (status) => {
  const { enqueue, deliverAll, rotate, tryOne } = await setUp();
  await enqueue('first');
  await deliverAll();
  await rotate();
  busy = status;
  const [news, ...others] = await claim(db);
  expect([news?.body.includes('"Update"'), others]).toEqual([true, []]);
  if (news !== undefined) await tryOne(news);
  busy = undefined;
  await enqueue('second');
  await deliverAll();
  expect(namesTaken()).toEqual(['first', 'second']);
});

test('news that shows the old key is called off, also while it is being sent, and holds up nothing', async () => {
  const { keyring, ports, userId, deliverAllAndWait, rotate, tryOne } = await setUp();
  const change = (displayName: string) => changeProfile(ports, ALICE, { displayName });
  await change('One');
  await change('Two');
  const [sending] = await claim(db);
  await rotate();
  await change('Three');
  busy = 503;
  if (sending !== undefined) await tryOne(sending);
  busy = undefined;
  await closeHost(db, peer.host);
  await deliverAllAndWait();
  expect(namesTaken()).toEqual(['Update', 'Update']);
  const pem = await keyring.publicPemOf(userId);
  expect(taken.map((each) => each.pem)).toEqual([pem, pem]);
  expect((await findUserById(db, userId))?.displayName).toBe('Three');
  expect((await db.query('select from deliveries')).rowCount).toBe(0);
});

test('a profile that is changed at the same moment is told with the key of then', async () => {
  const { keyring, ports, userId, deliverAllAndWait } = await setUp();
  const entered = Promise.withResolvers<void>();
  const goOn = Promise.withResolvers<void>();
  const changing = db.transaction(async (tx) => {
    await saveOwnProfile(tx, userId, PROFILE);
    await announceProfile(ports, tx, userId);
    entered.resolve();
    await goOn.promise;
  });
  await entered.promise;
  const rotating = rotateKey(ports, userId);
  await somebodyWaits(db);
  goOn.resolve();
  await Promise.all([changing, rotating]);
  await letPass(db, 11_000);
  await deliverAllAndWait();
  expect(taken.at(-1)?.pem).toBe(await keyring.publicPemOf(userId));
  expect(namesTaken()).toEqual(['Update']);
});

test('the news holds up nobody else, and nothing to other hosts', async () => {
  const { userId, rotate } = await setUp();
  await rotate();
  await enqueueAll(
    db,
    deliveryOf('of another', { sender: 'bert', host: peer.host }),
    deliveryOf('elsewhere', { sender: userId }),
    deliveryOf('held', { sender: userId, host: peer.host }),
  );
  const claimed = await claim(db);
  expect(claimed.map(({ activityId }) => activityId.replace(/^.*#updates.*$/u, 'news'))).toEqual([
    'news',
    'of another',
    'elsewhere',
  ]);
});

/** Somebody of big.example, or of a server without a shared inbox, who has to do with Alice. */
const know = async (
  userId: string,
  name: string,
  { host = 'big.example', shared = true, direction = 'out' as 'in' | 'out' } = {},
) => {
  const id = `https://${host}/u/${name}`;
  const sharedInbox = shared ? `https://${host}/inbox` : undefined;
  await saveActor(db, remoteActor(name, host, { id, inbox: `${id}/inbox`, sharedInbox }));
  const state = direction === 'in' ? 'accepted' : 'pending';
  await saveFollow(db, { userId, actorId: id, direction, state, followId: `${id}/f` });
  return id;
};

const addressed = async (): Promise<readonly string[]> => {
  const { rows } = await db.query<{ body: string }>(`select body from deliveries where host = 'big.example'`);
  const updates = rows.map(({ body }) => JSON.parse(body) as { cc: string[]; object: { cc?: string[] } });
  expect(updates).toHaveLength(1);
  for (const { cc, object } of updates) expect(object.cc ?? []).toEqual(cc);
  return updates.flatMap(({ cc }) => cc);
};

test('the news names one reader where nobody of a server follows: who wrote last, and nobody learns who else did', async () => {
  const { userId, rotate } = await setUp();
  for (const name of ['bob', 'carol', 'mallory']) await know(userId, name);
  await db.query(
    `insert into chats (user_id, actor_id, started_by, context, conversation, updated_at) values
       ($1, 'https://big.example/u/carol', 'user', 'c', 'c', now()),
       ($1, 'https://big.example/u/bob', 'actor', 'b', 'b', now() - interval '1 day')`,
    [userId],
  );
  await rotate();
  expect(await addressed()).toEqual(['https://big.example/u/carol']);
});

test('the news names nobody where a follower is behind the inbox, or nobody but who is blocked', async () => {
  const { userId, rotate } = await setUp();
  const mallory = await know(userId, 'mallory');
  await saveBlock(db, { userId, actorId: mallory, direction: 'out' });
  await rotate();
  expect(await addressed()).toEqual([]);
  await db.query('truncate deliveries');
  await know(userId, 'bob');
  await know(userId, 'carol', { direction: 'in' });
  await rotate();
  expect(await addressed()).toEqual([]);
});

test('an inbox of one person that is busy for hours holds up nothing but what goes there', async () => {
  const { userId, rotate } = await setUp();
  const tilde = { host: 'tilde.example', shared: false };
  const [bob, mallory] = [await know(userId, 'bob', tilde), await know(userId, 'mallory', tilde)];
  await rotate();
  const write = (to: string) =>
    deliveryOf(`to ${to}`, { sender: userId, host: tilde.host, inbox: `${to}/inbox`, recipient: to });
  await enqueueAll(db, write(bob), write(mallory));
  for (const { id, inbox } of await claim(db, { limit: 10 })) {
    const status = inbox.startsWith(mallory) ? 503 : 202;
    await db.query(
      `update deliveries set last_status = $2, lease_until = null, due_at = now() + interval '10 seconds' where id = $1`,
      [id, status],
    );
    if (status === 202) await db.query('delete from deliveries where id = $1', [id]);
  }
  expect((await claim(db, { limit: 10 })).map(({ activityId }) => activityId)).toEqual([`to ${bob}`]);
});

test('the farewell does not overtake the news at the inbox of one person', async () => {
  const { userId, rotate, ports } = await setUp();
  await know(userId, 'bob', { host: 'tilde.example', shared: false });
  await rotate();
  await removeUser(ports, ALICE);
  const there = (await claim(db, { limit: 10 })).filter(({ host }) => host === 'tilde.example');
  expect(there.map(({ body }) => (JSON.parse(body) as { type: string }).type)).toEqual(['Update']);
});

test('of two persons with one inbox both wait for the news that goes there', async () => {
  const { userId, rotate } = await setUp();
  const inbox = 'https://one.example/in';
  const ids = ['bob', 'carol'].map((name) => `https://one.example/u/${name}`);
  for (const [index, id] of ids.entries()) {
    const places = { id, inbox, sharedInbox: undefined };
    await saveActor(db, remoteActor(`p${index}`, 'one.example', places));
    await saveFollow(db, { userId, actorId: id, direction: 'out', state: 'pending', followId: `${id}/f` });
  }
  await rotate();
  for (const recipient of ids)
    await enqueueAll(db, deliveryOf(recipient, { sender: userId, host: 'one.example', inbox, recipient }));
  const there = (await claim(db, { limit: 10 })).filter(({ host }) => host === 'one.example');
  expect(there.map(({ body }) => (JSON.parse(body) as { type?: string }).type)).toEqual(['Update']);
});

test('calling off and settling in one lane do not wait for each other', async () => {
  const lane = 'alice https://s.example/inbox';
  const inbox = 'https://s.example/inbox';
  await enqueueAll(
    db,
    deliveryOf('u#updates/1', { lane, inbox }),
    deliveryOf('u#updates/2', { lane, inbox }),
  );
  const [head] = await claim(db);
  if (head === undefined) throw new Error('nothing to claim');
  // As autovacuum does. A claim writes the row anew, so that a reader of the whole table meets its follower first.
  await db.query('analyze deliveries');
  const held = Promise.withResolvers<void>();
  const release = Promise.withResolvers<void>();
  const third = db.transaction(async (tx) => {
    await tx.query('select pg_advisory_xact_lock(hashtextextended($1, 2))', [lane]);
    held.resolve();
    await release.promise;
  });
  await held.promise;
  const settling = completeDelivery(db, head);
  await somebodyWaits(db);
  const calling = db.transaction((tx) => callOffDeliveries(tx, { lane, idsFrom: 'u#updates/' }));
  await somebodyWaits(db, 2);
  release.resolve();
  await third;
  await expect(Promise.all([settling, calling])).resolves.toEqual([true, undefined]);
});

test('a rotation that fails changes nothing', async () => {
  const { ports, keyring, userId, enqueue, deliverAll } = await setUp();
  const before = await keyring.publicPemOf(userId);
  const renderActorUpdate = () => {
    throw new Error('broken');
  };
  await expect(rotateKey({ ...ports, renderActorUpdate }, userId)).rejects.toThrow('broken');
  keyring.forget(userId);
  expect(await keyring.publicPemOf(userId)).toBe(before);
  await enqueue('after');
  await deliverAll();
  expect(namesTaken()).toEqual(['after']);
});

test('who left, or never was here, has no key to rotate', async () => {
  const { ports, userId } = await setUp();
  await removeUser(ports, ALICE);
  await db.query('truncate deliveries');
  expect(await rotateKey(ports, userId)).toBe(false);
  expect(await rotateKey(ports, 'nobody')).toBe(false);
  expect(await claim(db)).toEqual([]);
});
