import { randomBytes } from 'node:crypto';
import { buffer } from 'node:stream/consumers';
import { type KeyCache, verifyRequest } from '@fedify/fedify/sig';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { createAgent } from '../../src/activitypub/agent.ts';
import { renderActor, renderActorUpdate } from '../../src/activitypub/render-actor.ts';
import { createSend } from '../../src/activitypub/send.ts';
import { keyIdOf } from '../../src/bridge/urls.ts';
import { deliver } from '../../src/delivery/deliver.ts';
import { removeUser } from '../../src/gateway/remove-user.ts';
import { rotateKey } from '../../src/gateway/rotate-key.ts';
import { findOrRegister } from '../../src/gateway/users.ts';
import { findActorKey } from '../../src/store/actor-keys.ts';
import type { Database } from '../../src/store/database.ts';
import { saveFollow } from '../../src/store/follows.ts';
import { makeKeyPair } from '../../src/store/key-pool.ts';
import { createKeyring } from '../../src/store/keyring.ts';
import { saveActor } from '../../src/store/remote-actors.ts';
import { findUserById } from '../../src/store/users.ts';
import { type Peer, startPeer } from '../activitypub/support/peer.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { claim, deliveryOf, enqueueAll } from '../support/deliveries.ts';
import { startDeliveryWorld } from '../support/delivery-world.ts';
import { ALICE, createTestGateway, emptyTables, GATEWAY, remoteActor, urls } from '../support/gateway.ts';

let base: TestDatabase;
let db: Database;
let peer: Peer;
/** What the peer took, and each look that it had at an actor of ours. */
let taken: { readonly type: string; readonly pem: string | undefined }[] = [];
let refused = 0;
let looks = 0;
let document: (userId: string) => Promise<unknown>;

/** Fedify's verifier with a cache of keys, as a server keeps one. */
const cached = new Map<string, Awaited<ReturnType<KeyCache['get']>>>();
const keyCache: KeyCache = {
  get: async (keyId) => cached.get(keyId.href),
  set: async (keyId, key) => void cached.set(keyId.href, key),
};
const documentLoader = async (url: string) => {
  looks += 1;
  const userId = /\/u\/([^#/]+)/u.exec(url)?.[1] ?? '';
  return { contextUrl: null, documentUrl: url, document: await document(userId) };
};

beforeAll(async () => {
  base = await createTestDatabase();
  db = base.db;
  peer = await startPeer(async (incoming, response) => {
    const body = await buffer(incoming);
    const headers = Object.entries(incoming.headers).map(([name, value]): [string, string] => [
      name,
      String(value),
    ]);
    const url = `${peer.origin}${incoming.url}`;
    const request = new Request(url, { method: 'POST', headers, body: new Uint8Array(body) });
    const key = await verifyRequest(request, { documentLoader, keyCache });
    if (key === null) refused += 1;
    else {
      const activity: { type: string; object?: { publicKey?: { publicKeyPem?: string } } } = JSON.parse(
        body.toString('utf8'),
      );
      taken.push({ type: activity.type, pem: activity.object?.publicKey?.publicKeyPem });
    }
    response.writeHead(key === null ? 401 : 202).end();
  });
});
beforeEach(async () => {
  await emptyTables(db);
  taken = [];
  refused = 0;
  looks = 0;
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
  const world = await startDeliveryWorld(db, {
    send: async ({ inbox, body, sender }) => {
      const key = { keyId: keyIdOf(urls.actor(sender)), privateKey: await keyring.privateKeyOf(sender) };
      return send({ inbox, body, key });
    },
  });
  closing.push(
    () => world.close(),
    () => agent.close(),
  );
  const enqueue = (name: string) => {
    const body = JSON.stringify({ type: 'Create', actor: urls.actor(userId) });
    return enqueueAll(
      db,
      deliveryOf(name, { sender: userId, inbox: `${peer.origin}/inbox`, host: peer.host, body }),
    );
  };
  const deliverAll = async () => {
    for (let batch = await claim(db); batch.length > 0; batch = await claim(db))
      for (const each of batch) await deliver(world.ports, each);
  };
  return { ports, keyring, userId, enqueue, deliverAll };
};

test('what waits goes out with the new key, which everybody is told and the peer fetches anew', async () => {
  const { ports, keyring, userId, enqueue, deliverAll } = await setUp();
  await enqueue('first');
  await deliverAll();
  const before = await keyring.publicPemOf(userId);
  expect(taken).toMatchObject([{ type: 'Create' }]);
  expect(looks).toBe(1);

  await enqueue('waits');
  expect(await rotateKey(ports, userId)).toBe(true);
  const after = await keyring.publicPemOf(userId);
  expect(after).not.toBe(before);
  await deliverAll();
  expect(refused).toBe(0);
  expect(looks).toBe(2);
  expect(taken.map(({ type }) => type)).toEqual(['Create', 'Create', 'Update']);
  expect(taken.at(-1)?.pem).toBe(after);

  // The old key is nowhere any more, and the new one lies sealed.
  const { rows } = await db.query<{ public_pem: string }>('select public_pem from actor_keys');
  expect(rows).toEqual([{ public_pem: after }]);
  const stored = await findActorKey(db, userId);
  const opened = (await keyring.privateKeyOf(userId)).export({ type: 'pkcs8', format: 'der' });
  expect(stored?.sealed.includes(opened.subarray(30, 60))).toBe(false);
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
  expect(taken).toMatchObject([{ type: 'Create' }]);
});

test('who left, or never was here, has no key to rotate', async () => {
  const { ports, userId } = await setUp();
  await removeUser(ports, ALICE);
  await db.query('truncate deliveries');
  expect(await rotateKey(ports, userId)).toBe(false);
  expect(await rotateKey(ports, 'nobody')).toBe(false);
  expect(await claim(db)).toEqual([]);
});
