import crypto, { generateKeyPairSync, sign } from 'node:crypto';
import { syncBuiltinESMExports } from 'node:module';
import { describe, expect, test } from 'vitest';
import { signCavage } from '../../../src/activitypub/signatures/cavage.ts';
import { renderDigest } from '../../../src/activitypub/signatures/digest.ts';
import { readSignature, verifySignature } from '../../../src/activitypub/signatures/verify.ts';
import type { RawRequest } from '../../../src/activitypub/types.ts';
import { makeKey } from '../support/keys.ts';
import { NOW, RULES, signedPost, withHeader, withoutHeader } from '../support/requests.ts';

const key = makeKey('https://m.example/u/alice#main-key');
const other = makeKey('https://m.example/u/mallory#main-key', { pair: 'other' });

const signatureOf = (request: RawRequest): string =>
  request.headers.find(([name]) => name === 'signature')?.[1] ?? '';

/** A POST signed over just these headers, in this order. */
const postSigning = async (
  headers: readonly (readonly [string, string])[],
  { target = '/inbox', extra = [] as readonly (readonly [string, string])[] } = {},
): Promise<RawRequest> => {
  const signature = await signCavage({ method: 'POST', target, headers }, key);
  return {
    method: 'POST',
    target,
    headers: [...headers, ...extra, ['signature', signature]],
    body: Buffer.from('{}'),
  };
};

/** What `act` gives while the verifier of Node answers so. */
const answering = <T>(answer: unknown, act: () => T): T => {
  const real = Object.getOwnPropertyDescriptor(crypto, 'verify') ?? {};
  Object.defineProperty(crypto, 'verify', { ...real, value: () => answer });
  syncBuiltinESMExports();
  try {
    return act();
  } finally {
    Object.defineProperty(crypto, 'verify', real);
    syncBuiltinESMExports();
  }
};

const HOST = ['host', 'ap.example'] as const;
const DATE = ['date', NOW.toUTCString()] as const;
const DIGEST = ['digest', renderDigest(Buffer.from('{}'))] as const;

const check = (request: RawRequest, rules = RULES): string => {
  const read = readSignature(request, rules);
  if (!read.ok) return read.problem;
  return verifySignature(read.value, key.publicKey) ? 'valid' : 'wrong key';
};

describe('a signed POST', () => {
  test('is valid as we sign it', async () => {
    const request = await signedPost(key);
    expect(check(request)).toBe('valid');
    expect(readSignature(request, RULES)).toMatchObject({ value: { keyId: key.keyId } });
  });

  test('is valid with the headers in another order, and none more than needed', async () => {
    expect(check(await postSigning([DIGEST, DATE, HOST]))).toBe('valid');
  });

  test('is valid where the peer left the query out of the target', async () => {
    const request = await postSigning([HOST, DATE, DIGEST]);
    expect(check({ ...request, target: '/inbox?a=b' })).toBe('valid');
  });

  test('is not valid for another path, method, host, date, digest, type or body', async () => {
    const request = await signedPost(key);
    expect(check({ ...request, target: '/u/bob/inbox' })).toBe('wrong key');
    expect(check({ ...request, method: 'PUT' })).toBe('wrong key');
    expect(check({ ...request, body: Buffer.from('{"type":"Delete"}') })).toContain('digest');
    const later = new Date(NOW.getTime() + 1000).toUTCString();
    expect(check(withHeader(request, 'date', later))).toBe('wrong key');
    expect(check(withHeader(request, 'content-type', 'text/plain'))).toBe('wrong key');
    expect(check(withHeader(request, 'host', 'evil.example'))).toContain('host');
  });

  test('is not valid with another key, or with a key that is no RSA key', async () => {
    const read = readSignature(await signedPost(key), RULES);
    if (!read.ok) throw new Error(read.problem);
    expect(verifySignature(read.value, other.publicKey)).toBe(false);
    expect(verifySignature(read.value, generateKeyPairSync('ed25519').publicKey)).toBe(false);
    expect(verifySignature(read.value, makeKey('k', { bits: 1024 }).publicKey)).toBe(false);
    expect(verifySignature(read.value, key.privateKey)).toBe(false);
  });

  test.each([-1, 0, 1, null, undefined, 'true', {}, [], Promise.resolve(true), Object(true)])(
    'is not valid where the verifier answers neither yes nor no: %j',
    async (answer) => {
      const read = readSignature(await signedPost(key), RULES);
      if (!read.ok) throw new Error(read.problem);
      expect(answering(true, () => verifySignature(read.value, other.publicKey))).toBe(true);
      expect(answering(answer, () => verifySignature(read.value, key.publicKey))).toBe(false);
    },
  );

  test('a date may differ by an hour either way and no more', async () => {
    const at = (minutes: number) => ({ ...RULES, now: new Date(NOW.getTime() + minutes * 60_000) });
    const request = await signedPost(key);
    expect(check(request, at(59))).toBe('valid');
    expect(check(request, at(-59))).toBe('valid');
    expect(check(request, at(61))).toContain('date');
    expect(check(request, at(-61))).toContain('date');
  });
});

describe('what is refused before any key is asked for', () => {
  test('no signature', async () => {
    expect(check(withoutHeader(await signedPost(key), 'signature'))).toBe('no signature');
  });

  test.each([
    ['the target', 'the target', [HOST, DATE, DIGEST], '(request-target) '],
    ['the host', 'the host', [DATE, DIGEST], ''],
    ['the time', 'no time', [HOST, DIGEST], ''],
    ['the digest', 'the digest', [HOST, DATE], ''],
  ] as const)('a signature that leaves out %s', async (_, problem, headers, cut) => {
    const request = await postSigning(headers, {
      extra: [HOST, DATE, DIGEST].filter(([name]) => !headers.some(([signed]) => signed === name)),
    });
    const signature = signatureOf(request).replace(cut, '');
    expect(check(withHeader(request, 'signature', signature))).toContain(problem);
  });

  test.each(['host', 'date', 'signature'])('%s twice', async (name) => {
    const request = await signedPost(key);
    const repeated = request.headers.find(([each]) => each === name) ?? ['', ''];
    expect(check({ ...request, headers: [...request.headers, repeated] })).toBe(`${name} twice`);
  });

  test('a signed header that is not there, and a name that nobody defined', async () => {
    const request = await signedPost(key);
    expect(check(withoutHeader(request, 'content-type'))).toContain('missing');
    const odd = signatureOf(request).replace('content-type', '(magic)');
    expect(check(withHeader(request, 'signature', odd))).toContain('missing');
  });

  test('a date that cannot be read', async () => {
    const request = await postSigning([HOST, ['date', 'yesterday'], DIGEST]);
    expect(check(request)).toContain('date');
  });
});

describe('hs2019', () => {
  const seconds = Math.floor(NOW.getTime() / 1000);

  /** `signCavage` makes rsa-sha256 only, so the base is built here as draft-cavage-12 2.3 writes it. */
  const signHs2019 = (created: number, expires: number, algorithm = 'hs2019'): RawRequest => {
    const base = [
      '(request-target): post /inbox',
      `(created): ${created}`,
      `(expires): ${expires}`,
      'host: ap.example',
      `digest: ${DIGEST[1]}`,
    ].join('\n');
    const signature = sign('sha256', Buffer.from(base), key.privateKey).toString('base64');
    const header = `keyId="${key.keyId}",algorithm="${algorithm}",created=${created},expires=${expires},headers="(request-target) (created) (expires) host digest",signature="${signature}"`;
    return {
      method: 'POST',
      target: '/inbox',
      headers: [HOST, DIGEST, ['signature', header]],
      body: Buffer.from('{}'),
    };
  };

  test('is valid with (created) in the place of the date', () => {
    expect(check(signHs2019(seconds, seconds + 300))).toBe('valid');
  });

  test.each([
    ['made two hours ago', seconds - 7200, seconds + 300, 'near'],
    ['made in two hours', seconds + 7200, seconds + 7500, 'near'],
    ['over before it was made', seconds, seconds - 1, 'expired before'],
  ])('is refused when %s', (_, created, expires, problem) => {
    expect(check(signHs2019(created, expires))).toContain(problem);
  });

  test('(created) belongs to hs2019 alone', () => {
    expect(check(signHs2019(seconds, seconds + 300, 'rsa-sha256'))).toContain('hs2019');
  });
});
