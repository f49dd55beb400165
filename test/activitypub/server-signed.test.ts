import { createHash, type webcrypto } from 'node:crypto';
import { signRequest } from '@fedify/fedify/sig';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createAuthenticator } from '../../src/activitypub/authenticate.ts';
import type { AcceptedActivity } from '../../src/activitypub/inbox-gate.ts';
import { done, refuse } from '../../src/bridge/outcome.ts';
import { ACTIVITY_TYPE, type Ask, BOB, createPorts, DOMAIN, follow, startServer } from './server-fixture.ts';
import { makeKey, type TestKey } from './support/keys.ts';

const bobs = makeKey(`${BOB}#main-key`);
const forgers = makeKey(bobs.keyId, { pair: 'other' });

const RSA = { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' };
const forFedify = ({ privateKey }: TestKey): webcrypto.CryptoKey =>
  privateKey.toCryptoKey(RSA, true, ['sign']);

/** The wire from end to end: signed by Fedify, read by the server, verified by our own code. */
let ask: Ask;
let close: () => Promise<void>;
let accepted: readonly AcceptedActivity[];

beforeAll(async () => {
  const fakes = createPorts({
    authenticate: createAuthenticator({
      findKey: async (keyId) =>
        keyId === bobs.keyId ? done({ owner: BOB, key: bobs.publicKey }) : refuse('not-found'),
      isHostBlocked: async () => false,
      hosts: [DOMAIN],
      origin: `https://${DOMAIN}`,
      now: () => new Date(),
    }),
  });
  accepted = fakes.accepted;
  ({ ask, close } = await startServer(fakes.ports));
});
afterAll(() => close());

const signed = async (method: 'GET' | 'POST', target: string, body?: string, key = bobs) => {
  const request = await signRequest(
    new Request(`https://${DOMAIN}${target}`, {
      method,
      headers: { Accept: ACTIVITY_TYPE, ...(body === undefined ? {} : { 'Content-Type': ACTIVITY_TYPE }) },
      ...(body === undefined ? {} : { body }),
    }),
    forFedify(key),
    new URL(bobs.keyId),
    { spec: 'draft-cavage-http-signatures-12' },
  );
  return { ...Object.fromEntries(request.headers), host: DOMAIN };
};

test('a signed activity comes in, and its text is what was judged', async () => {
  const body = JSON.stringify(follow);
  const answer = await ask('/inbox', { method: 'POST', headers: await signed('POST', '/inbox', body), body });
  expect(answer.status).toBe(202);
  expect(accepted.at(-1)).toEqual({ activityId: follow.id, actorId: BOB, body, saysState: true });
});

test('one byte changed, another inbox, another method or another key: 401, and nothing comes in', async () => {
  const body = JSON.stringify(follow);
  const headers = await signed('POST', '/inbox', body);
  const before = accepted.length;
  const post = async (target: string, changed: string, more: Readonly<Record<string, string>> = {}) =>
    (await ask(target, { method: 'POST', headers: { ...headers, ...more }, body: changed })).status;
  const other = body.replace('follows/1', 'follows/2');
  const digest = `SHA-256=${createHash('sha256').update(other).digest('base64')}`;
  expect(await post('/inbox', other)).toBe(401);
  expect(await post('/inbox', other, { digest })).toBe(401);
  expect(await post('/u/alice1/inbox', body)).toBe(401);
  expect(await post('/inbox', body, await signed('POST', '/inbox', body, forgers))).toBe(401);
  expect(accepted).toHaveLength(before);
});

test('a signed GET opens the note that was addressed to the signer', async () => {
  expect((await ask('/n/note1', { headers: await signed('GET', '/n/note1') })).status).toBe(200);
  // The same signature opens nothing else.
  const elsewhere = await ask('/n/note1/create', { headers: await signed('GET', '/n/note1') });
  expect(elsewhere.status).toBe(404);
});
