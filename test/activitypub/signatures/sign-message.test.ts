import { describe, expect, test } from 'vitest';
import { signMessageGet, signMessagePost } from '../../../src/activitypub/signatures/sign-message.ts';
import { readSignature, verifySignature } from '../../../src/activitypub/signatures/verify.ts';
import { makeKey } from '../support/keys.ts';
import { NOW, RULES } from '../support/requests.ts';

const key = makeKey('https://m.example/u/alice#main-key');
const CREATED = NOW.getTime() / 1000;
const BODY = Buffer.from('{"type":"Follow"}');
const url = new URL('https://ap.example/inbox?a=b');
const post = { url, body: BODY, contentType: 'application/activity+json' };

/** As another server reads what we sign. */
const check = (method: string, headers: Readonly<Record<string, string>>): boolean => {
  const body = method === 'POST' ? BODY : Buffer.alloc(0);
  const read = readSignature({ method, target: '/inbox?a=b', headers: Object.entries(headers), body }, RULES);
  return read.ok && verifySignature(read.value, key.publicKey);
};

test('a POST says what everybody demands and no more', async () => {
  const headers = await signMessagePost(post, key, NOW);
  expect(headers['signature-input']).toBe(
    `sig1=("@method" "@target-uri" "content-digest");created=${CREATED};keyid="${key.keyId}";alg="rsa-v1_5-sha256"`,
  );
  expect(Object.keys(headers)).toEqual([
    'host',
    'content-digest',
    'content-type',
    'signature-input',
    'signature',
  ]);
  expect(check('POST', headers)).toBe(true);
  expect(check('GET', headers)).toBe(false);
});

test('a GET has no digest', async () => {
  const headers = await signMessageGet({ url }, key, NOW);
  expect(headers['signature-input']).toContain('sig1=("@method" "@target-uri");created=');
  expect(check('GET', headers)).toBe(true);
});

describe('a wish', () => {
  const wish = { label: 'w', components: ['@authority'], expires: true, nonce: 'n', tag: 't' };

  test('is met, and never by signing less', async () => {
    const headers = await signMessagePost(post, key, NOW, wish);
    expect(headers['signature-input']).toBe(
      `w=("@method" "@target-uri" "content-digest" "@authority");created=${CREATED};expires=${CREATED + 300};keyid="${key.keyId}";alg="rsa-v1_5-sha256";nonce="n";tag="t"`,
    );
    expect(check('POST', headers)).toBe(true);
  });

  test('of nothing changes nothing but the label', async () => {
    const nothing = { label: 'w', components: [], expires: false, nonce: undefined, tag: undefined };
    const [plain, wished] = await Promise.all([
      signMessageGet({ url }, key, NOW),
      signMessageGet({ url }, key, NOW, nothing),
    ]);
    expect(wished['signature-input']).toBe(plain['signature-input']?.replace('sig1=', 'w='));
  });
});
