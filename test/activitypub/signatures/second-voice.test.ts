import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { signMessageGet, signMessagePost } from '../../../src/activitypub/signatures/sign-message.ts';
import { readSignature, verifySignature } from '../../../src/activitypub/signatures/verify.ts';
import { makeKey } from '../support/keys.ts';
import { CREATED, contentDigestOf, KEY_ID, MESSAGE_BODY } from '../support/messages.ts';
import { RULES } from '../support/requests.ts';

/** As much of `http-message-signatures` as is used here: a reading of RFC 9421 that shares nothing with ours. */
type Request = {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
};
type Signer = object;
type Voice = {
  readonly createSigner: (key: KeyObject, algorithm: string, id: string) => Signer;
  readonly createVerifier: (key: KeyObject, algorithm: string) => object;
  readonly httpbis: {
    readonly signMessage: (config: object, request: Request) => Promise<Request>;
    readonly verifyMessage: (config: object, request: Request) => Promise<boolean | null>;
  };
};
const PACKAGE = 'http-message-signatures';
const isInstalled = existsSync(join(import.meta.dirname, '../../../node_modules', PACKAGE));
const load = async (): Promise<Voice> => await import(PACKAGE);

const rsa = makeKey(KEY_ID);
const edwards = generateKeyPairSync('ed25519');
const URL_TEXT = 'https://ap.example/inbox?a=b';
const url = new URL(URL_TEXT);
const wish = { label: 'w', components: ['@authority', '@query'], expires: true, nonce: 'n', tag: 't' };

describe.skipIf(!isInstalled)('http-message-signatures (skipped before the next npm ci)', () => {
  const accepts = async (request: Request): Promise<boolean | null> => {
    const { httpbis, createVerifier } = await load();
    const verify = createVerifier(rsa.publicKey, 'rsa-v1_5-sha256');
    const keyLookup = async () => ({ id: KEY_ID, algs: ['rsa-v1_5-sha256'], verify });
    const requiredFields = ['@method', '@target-uri'];
    return httpbis.verifyMessage({ keyLookup, requiredFields, tolerance: 5 }, request);
  };

  test('accepts a POST of ours, plain and as it was wished for, and none that was changed', async () => {
    const post = { url, body: Buffer.from(MESSAGE_BODY), contentType: 'application/activity+json' };
    for (const each of [undefined, wish]) {
      const headers = await signMessagePost(post, rsa, new Date(), each);
      expect(await accepts({ method: 'POST', url: URL_TEXT, headers })).toBe(true);
      const other = `${URL_TEXT}c`;
      expect(await accepts({ method: 'POST', url: other, headers })).not.toBe(true);
    }
  });

  test('accepts a GET of ours', async () => {
    const headers = await signMessageGet({ url }, rsa, new Date(), wish);
    expect(await accepts({ method: 'GET', url: URL_TEXT, headers })).toBe(true);
    expect(await accepts({ method: 'HEAD', url: URL_TEXT, headers })).not.toBe(true);
  });

  test.each([
    ['rsa-v1_5-sha256', rsa.privateKey, rsa.publicKey],
    ['ed25519', edwards.privateKey, edwards.publicKey],
  ] as const)('signs a POST with %s that we accept', async (algorithm, privateKey, publicKey) => {
    const { httpbis, createSigner } = await load();
    const fields = ['@method', '@target-uri', '@authority', 'content-digest', 'content-type'];
    const signed = await httpbis.signMessage(
      {
        key: createSigner(privateKey, algorithm, KEY_ID),
        fields,
        paramValues: { created: new Date(CREATED * 1000), expires: new Date((CREATED + 60) * 1000) },
        params: ['created', 'expires', 'keyid', 'alg'],
      },
      {
        method: 'POST',
        url: URL_TEXT,
        headers: { 'content-digest': contentDigestOf(MESSAGE_BODY), 'content-type': 'application/json' },
      },
    );
    const headers = Object.entries(signed.headers).map(
      ([name, value]) => [name.toLowerCase(), value] as const,
    );
    const raw = { method: 'POST', target: '/inbox?a=b', headers, body: Buffer.from(MESSAGE_BODY) };
    const read = readSignature(raw, RULES);
    expect(read).toMatchObject({ ok: true, value: { keyId: KEY_ID, algorithm } });
    expect(read.ok && verifySignature(read.value, publicKey)).toBe(true);
  });
});
