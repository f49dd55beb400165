import { createPublicKey, generateKeyPairSync } from 'node:crypto';
import { expect, test } from 'vitest';
import { readPrivateKey, renderCreate, renderSignedRequest } from '../../bench/signed-notes.ts';
import { parseActivity } from '../../src/activitypub/parse.ts';
import { readSignature, verifySignature } from '../../src/activitypub/signatures/verify.ts';

const NOW = new Date('2026-11-21T10:00:00Z');
const WHO = {
  author: 'https://peer0.test/users/p0',
  recipient: 'https://ap.test/u/alice',
  inbox: 'https://ap.test/u/alice/inbox',
};
const pair = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  publicKeyEncoding: { type: 'spki', format: 'pem' },
  privateKeyEncoding: { type: 'pkcs8', format: 'der' },
});
const key = readPrivateKey(pair.privateKey.toString('base64'));

test('the load is a Note that the gateway can carry, and no two are the same', () => {
  const parsed = parseActivity(JSON.parse(renderCreate(WHO, '17', NOW)));
  expect(parsed).toMatchObject({
    ok: true,
    value: { type: 'Create', actor: WHO.author, note: { to: [WHO.recipient], attributedTo: WHO.author } },
  });
  expect(JSON.parse(renderCreate(WHO, '18', NOW)).id).not.toBe(JSON.parse(renderCreate(WHO, '17', NOW)).id);
});

test('its bytes on the wire are one whole request with a good signature', async () => {
  const body = renderCreate(WHO, '17', NOW);
  const bytes = await renderSignedRequest(WHO, body, key, NOW);
  const [head = '', rest = ''] = bytes.toString().split('\r\n\r\n');
  const [first, ...lines] = head.split('\r\n');
  expect(first).toBe('POST /u/alice/inbox HTTP/1.1');
  expect(rest).toBe(body);
  const headers = lines.map((line) => {
    const colon = line.indexOf(': ');
    return [line.slice(0, colon), line.slice(colon + 2)] as const;
  });
  expect(new Map(headers).get('content-length')).toBe(String(Buffer.byteLength(body)));
  const request = { method: 'POST', target: '/u/alice/inbox', headers, body: Buffer.from(rest) };
  const read = readSignature(request, { now: NOW, hosts: ['ap.test'], origin: 'https://ap.test' });
  if (!read.ok) throw new Error(read.problem);
  expect(read.value.keyId).toBe(`${WHO.author}#main-key`);
  expect(verifySignature(read.value, createPublicKey(pair.publicKey))).toBe(true);
});
