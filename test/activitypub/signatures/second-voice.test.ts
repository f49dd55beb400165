import { generateKeyPairSync } from 'node:crypto';
import { cavage, createSigner, createVerifier, httpbis } from 'http-message-signatures';
import { describe, expect, test } from 'vitest';
import { renderDigest } from '../../../src/activitypub/signatures/digest.ts';
import { signGet, signPost } from '../../../src/activitypub/signatures/sign.ts';
import { signMessageGet, signMessagePost } from '../../../src/activitypub/signatures/sign-message.ts';
import { readSignature, verifySignature } from '../../../src/activitypub/signatures/verify.ts';
import type { RawRequest } from '../../../src/activitypub/types.ts';
import { makeKey } from '../support/keys.ts';
import { CREATED, contentDigestOf, KEY_ID, MESSAGE_BODY } from '../support/messages.ts';
import { NOW, RULES } from '../support/requests.ts';

/** `http-message-signatures` reads both texts and shares nothing with our reading, nor with Fedify's. */
type Headers = Readonly<Record<string, string | readonly string[]>>;

const rsa = makeKey(KEY_ID);
const edwards = generateKeyPairSync('ed25519');
const URL_TEXT = 'https://ap.example/inbox?a=b';
const url = new URL(URL_TEXT);
const post = { url, body: Buffer.from(MESSAGE_BODY), contentType: 'application/activity+json' };

const keyLookup = async () => ({
  id: KEY_ID,
  algs: ['rsa-v1_5-sha256'],
  verify: createVerifier(rsa.publicKey, 'rsa-v1_5-sha256'),
});

/** What it signed, as it would come to our server. */
const toRaw = (headers: Headers, method = 'POST'): RawRequest => ({
  method,
  target: '/inbox?a=b',
  headers: Object.entries(headers).map(([name, value]) => [name.toLowerCase(), String(value)] as const),
  body: Buffer.from(method === 'POST' ? MESSAGE_BODY : ''),
});

describe('after RFC 9421 http-message-signatures', () => {
  const wish = { label: 'w', components: ['@authority', '@query'], expires: true, nonce: 'n', tag: 't' };
  const accepts = (method: string, href: string, headers: Record<string, string>) =>
    httpbis.verifyMessage(
      { keyLookup, requiredFields: ['@method', '@target-uri'], tolerance: 5 },
      { method, url: href, headers },
    );

  test('accepts a POST of ours, plain and as it was wished for, and none that was changed', async () => {
    for (const each of [undefined, wish]) {
      const headers = { ...(await signMessagePost(post, rsa, new Date(), each)) };
      expect(await accepts('POST', URL_TEXT, headers)).toBe(true);
      expect(await accepts('POST', `${URL_TEXT}c`, headers)).not.toBe(true);
    }
  });

  test('accepts a GET of ours', async () => {
    const headers = { ...(await signMessageGet({ url }, rsa, new Date(), wish)) };
    expect(await accepts('GET', URL_TEXT, headers)).toBe(true);
    expect(await accepts('HEAD', URL_TEXT, headers)).not.toBe(true);
  });

  test.each([
    ['rsa-v1_5-sha256', rsa.privateKey, rsa.publicKey],
    ['ed25519', edwards.privateKey, edwards.publicKey],
  ] as const)('signs a POST with %s that we accept', async (algorithm, privateKey, publicKey) => {
    const signed = await httpbis.signMessage(
      {
        key: createSigner(privateKey, algorithm, KEY_ID),
        fields: ['@method', '@target-uri', '@authority', 'content-digest', 'content-type'],
        paramValues: { created: new Date(CREATED * 1000), expires: new Date((CREATED + 60) * 1000) },
        params: ['created', 'expires', 'keyid', 'alg'],
      },
      {
        method: 'POST',
        url: URL_TEXT,
        headers: { 'content-digest': contentDigestOf(MESSAGE_BODY), 'content-type': 'application/json' },
      },
    );
    const read = readSignature(toRaw(signed.headers), RULES);
    expect(read).toMatchObject({ ok: true, value: { keyId: KEY_ID, algorithm } });
    expect(read.ok && verifySignature(read.value, publicKey)).toBe(true);
  });
});

describe('after draft-cavage http-message-signatures', () => {
  const accepts = (method: string, href: string, headers: Record<string, string>) =>
    cavage.verifyMessage({ keyLookup }, { method, url: href, headers });

  test('accepts a POST of ours, and none that was changed', async () => {
    const headers = { ...(await signPost(post, rsa, new Date())) };
    expect(await accepts('POST', URL_TEXT, headers)).toBe(true);
    expect(await accepts('PUT', URL_TEXT, headers)).toBe(false);
    expect(await accepts('POST', `${URL_TEXT}c`, headers)).toBe(false);
    const other = { ...headers, digest: renderDigest(Buffer.from('{}')) };
    expect(await accepts('POST', URL_TEXT, other)).toBe(false);
  });

  test.each([
    [true, URL_TEXT],
    [false, 'https://ap.example/inbox'],
  ])('accepts a GET of ours (query signed: %s)', async (signQuery, seen) => {
    const headers = { ...(await signGet({ url, signQuery }, rsa, new Date())) };
    expect(await accepts('GET', seen, headers)).toBe(true);
    expect(await accepts('GET', 'https://ap.example/u', headers)).toBe(false);
  });

  const sign = async (method: string, alg: string, fields: readonly string[], params: readonly string[]) => {
    const { sign: make } = createSigner(rsa.privateKey, 'rsa-v1_5-sha256', KEY_ID);
    const headers = {
      host: 'ap.example',
      date: NOW.toUTCString(),
      ...(method === 'POST' ? { digest: renderDigest(Buffer.from(MESSAGE_BODY)) } : {}),
    };
    const signed = await cavage.signMessage(
      {
        key: { id: KEY_ID, alg, sign: make },
        fields: [...fields],
        params: [...params],
        paramValues: { created: NOW, expires: new Date(NOW.getTime() + 60_000) },
      },
      { method, url: URL_TEXT, headers },
    );
    return toRaw(signed.headers, method);
  };

  test.each([
    ['POST', 'rsa-v1_5-sha256', ['@request-target', 'host', 'date', 'digest'], ['keyid', 'alg']],
    ['GET', 'rsa-v1_5-sha256', ['@request-target', 'host', 'date'], ['keyid', 'alg']],
    [
      'POST',
      'hs2019',
      ['@request-target', '@created', '@expires', 'host', 'digest'],
      ['keyid', 'alg', 'created', 'expires'],
    ],
  ] as const)('signs a %s with %s that we accept', async (method, alg, fields, params) => {
    const request = await sign(method, alg, fields, params);
    const read = readSignature(request, RULES);
    expect(read).toMatchObject({ ok: true, value: { keyId: KEY_ID } });
    expect(read.ok && verifySignature(read.value, rsa.publicKey)).toBe(true);
    expect(read.ok && verifySignature(read.value, makeKey(KEY_ID, { pair: 'other' }).publicKey)).toBe(false);
  });
});
