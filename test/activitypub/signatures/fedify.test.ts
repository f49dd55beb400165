import { webcrypto } from 'node:crypto';
import { formatAcceptSignature, generateCryptoKeyPair, signRequest, verifyRequest } from '@fedify/fedify/sig';
import { describe, expect, test } from 'vitest';
import { readAcceptSignature } from '../../../src/activitypub/signatures/accept-signature.ts';
import { signGet, signPost } from '../../../src/activitypub/signatures/sign.ts';
import { signMessageGet, signMessagePost } from '../../../src/activitypub/signatures/sign-message.ts';
import { readSignature, verifySignature } from '../../../src/activitypub/signatures/verify.ts';
import type { RawRequest } from '../../../src/activitypub/types.ts';
import { makeKey } from '../support/keys.ts';

/** Fedify as an independent witness: it verifies what we sign, we verify what it signs. */
const owner = 'https://m.example/u/alice';
const key = makeKey(`${owner}#main-key`);
const BODY = '{"type":"Follow","name":"Grüße"}';

const RSA = { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' };
const importPrivate = (): Promise<webcrypto.CryptoKey> =>
  webcrypto.subtle.importKey('pkcs8', key.privateKey.export({ type: 'pkcs8', format: 'der' }), RSA, true, [
    'sign',
  ]);

/** Fedify asks for the key by its URL, and carries both contexts itself: nothing leaves this process. */
const documentLoader = async (url: string) => ({
  contextUrl: null,
  documentUrl: url,
  document: {
    '@context': ['https://www.w3.org/ns/activitystreams', 'https://w3id.org/security/v1'],
    id: owner,
    type: 'Person',
    inbox: `${owner}/inbox`,
    publicKey: { id: key.keyId, owner, publicKeyPem: key.pem },
  },
});

const toRawRequest = async (request: Request): Promise<RawRequest> => {
  const url = new URL(request.url);
  return {
    method: request.method,
    target: `${url.pathname}${url.search}`,
    headers: [...request.headers.entries()],
    body: new Uint8Array(await request.arrayBuffer()),
  };
};

describe('Fedify verifies', () => {
  test('a POST of ours', async () => {
    const url = new URL('https://ap.example/inbox');
    const signed = await signPost(
      { url, body: Buffer.from(BODY), contentType: 'application/activity+json' },
      key,
      new Date(),
    );
    const request = new Request(url.href, { method: 'POST', body: BODY, headers: { ...signed } });
    const verified = await verifyRequest(request, { documentLoader });
    expect(verified?.id?.href).toBe(key.keyId);
  });

  test.each([
    ['https://ap.example/u/1', true],
    // Fedify rebuilds the target without the query: the form that a GET falls back to after a 401.
    ['https://ap.example/u/1?page=2', false],
  ])('a GET of %s of ours (query signed: %s)', async (href, signQuery) => {
    const signed = await signGet({ url: new URL(href), signQuery }, key, new Date());
    const request = new Request(href, { headers: { ...signed } });
    const verified = await verifyRequest(request, { documentLoader });
    expect(verified?.id?.href).toBe(key.keyId);
  });

  const post = {
    url: new URL('https://ap.example/inbox?a=b'),
    body: Buffer.from(BODY),
    contentType: 'application/activity+json',
  };
  const toRequest = (headers: Readonly<Record<string, string>>, body = BODY) =>
    new Request(post.url.href, { method: 'POST', body, headers: { ...headers } });

  test('a POST of ours after RFC 9421, and not with another body', async () => {
    const signed = await signMessagePost(post, key, new Date());
    const verified = await verifyRequest(toRequest(signed), { documentLoader });
    expect(verified?.id?.href).toBe(key.keyId);
    expect(await verifyRequest(toRequest(signed, `${BODY} `), { documentLoader })).toBeNull();
  });

  test('a GET of ours after RFC 9421', async () => {
    const signed = await signMessageGet({ url: post.url }, key, new Date());
    const request = new Request(post.url.href, { headers: { ...signed } });
    expect((await verifyRequest(request, { documentLoader }))?.id?.href).toBe(key.keyId);
  });

  test('what it wished for itself', async () => {
    const challenge = formatAcceptSignature([
      {
        label: 'sig1',
        components: ['@method', '@target-uri', '@authority', 'content-digest'].map((value) => ({
          value,
          params: {},
        })),
        parameters: { created: true, nonce: 'bm9uY2U' },
      },
    ]);
    const wish = readAcceptSignature(challenge, { method: 'POST', keyId: key.keyId });
    expect(wish?.nonce).toBe('bm9uY2U');
    const signed = await signMessagePost(post, key, new Date(), wish);
    expect((await verifyRequest(toRequest(signed), { documentLoader }))?.id?.href).toBe(key.keyId);
  });

  test('nothing of ours whose body was changed', async () => {
    const url = new URL('https://ap.example/inbox');
    const signed = await signPost(
      { url, body: Buffer.from(BODY), contentType: 'application/activity+json' },
      key,
      new Date(),
    );
    const request = new Request(url.href, { method: 'POST', body: `${BODY} `, headers: { ...signed } });
    expect(await verifyRequest(request, { documentLoader })).toBeNull();
  });
});

describe('we verify', () => {
  test.each([
    ['POST', 'draft-cavage-http-signatures-12'],
    ['GET', 'draft-cavage-http-signatures-12'],
    ['POST', 'rfc9421'],
    ['GET', 'rfc9421'],
  ] as const)('a %s that Fedify signed after %s', async (method, spec) => {
    const request = new Request('https://ap.example/inbox?x=1', {
      method,
      ...(method === 'POST' ? { body: BODY } : {}),
      headers: { 'content-type': 'application/activity+json', host: 'ap.example' },
    });
    const signed = await signRequest(request, await importPrivate(), new URL(key.keyId), {
      spec,
    });
    const raw = await toRawRequest(signed);
    const read = readSignature(raw, { now: new Date(), hosts: ['ap.example'], origin: 'https://ap.example' });
    expect(read).toMatchObject({ ok: true, value: { keyId: key.keyId } });
    expect(read.ok && verifySignature(read.value, key.publicKey)).toBe(true);
  });

  // Ed25519 as others sign with it is in second-voice.test.ts; should Fedify learn it, this says so.
  test.each(['draft-cavage-http-signatures-12', 'rfc9421'] as const)(
    'nothing of Fedify with Ed25519 after %s: it does not sign so',
    async (spec) => {
      const { privateKey } = await generateCryptoKeyPair('Ed25519');
      const request = new Request('https://ap.example/inbox', { method: 'POST', body: BODY });
      await expect(signRequest(request, privateKey, new URL(key.keyId), { spec })).rejects.toThrow(
        'Unsupported algorithm: Ed25519',
      );
    },
  );

  test('a GET of a key of ours, of which it signs the fragment too; no other fragment', async () => {
    const verifies = async (href: string): Promise<boolean> => {
      const request = new Request(href, { headers: { host: 'ap.example' } });
      const signed = await signRequest(request, await importPrivate(), new URL(key.keyId), {
        spec: 'rfc9421',
      });
      const rules = { now: new Date(), hosts: ['ap.example'], origin: 'https://ap.example' };
      const read = readSignature(await toRawRequest(signed), rules);
      return read.ok && verifySignature(read.value, key.publicKey);
    };
    expect(await verifies('https://ap.example/u/1#main-key')).toBe(true);
    expect(await verifies('https://ap.example/u/1#other')).toBe(false);
  });
});
