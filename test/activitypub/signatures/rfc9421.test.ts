import { constants, createHmac, createPublicKey, type KeyObject, verify } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { messageBase } from '../../../src/activitypub/signatures/message-base.ts';
import {
  readBytes,
  readDictionary,
  readInnerList,
} from '../../../src/activitypub/signatures/structured-field.ts';
import { readSignature, verifySignature } from '../../../src/activitypub/signatures/verify.ts';
import type { RawRequest } from '../../../src/activitypub/types.ts';

/**
 * All of RFC 9421 appendix B. What we do not accept (RSA-PSS, ECDSA, HMAC) is checked with Node's own functions
 * over our base: that is how the base is known to be the RFC's, to the byte.
 */
const BODY = '{"hello": "world"}';
const DIGEST =
  'sha-512=:WZDPaVn/7XgHaAy8pmojAkGWoRx2UFChF41A2svX+TaPm+AbwAgBWnrIiYllu7BNNyealdVLvRwEmTHWXvJwew==:';
/** When all of them were made. */
const RULES = { now: new Date(1_618_884_473_000), hosts: ['example.com'], origin: 'https://example.com' };

/** B.1.2 to B.1.5. */
const RSA_PSS = createPublicKey(`-----BEGIN PUBLIC KEY-----
MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAr4tmm3r20Wd/PbqvP1s2
+QEtvpuRaV8Yq40gjUR8y2Rjxa6dpG2GXHbPfvMs8ct+Lh1GH45x28Rw3Ry53mm+
oAXjyQ86OnDkZ5N8lYbggD4O3w6M6pAvLkhk95AndTrifbIFPNU8PPMO7OyrFAHq
gDsznjPFmTOtCEcN2Z1FpWgchwuYLPL+Wokqltd11nqqzi+bJ9cvSKADYdUAAN5W
Utzdpiy6LbTgSxP7ociU4Tn0g5I6aDZJ7A8Lzo0KSyZYoA485mqcO0GVAdVw9lq4
aOT9v6d+nb4bnNkQVklLQ3fVAvJm+xdDOp9LCNCN48V2pnDOkFV6+U9nV5oyc6XI
2wIDAQAB
-----END PUBLIC KEY-----`);
const P256 = createPublicKey(`-----BEGIN PUBLIC KEY-----
MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEqIVYZVLCrPZHGHjP17CTW0/+D9Lf
w0EkjqF7xB4FivAxzic30tMM4GF+hR6Dxh71Z50VGGdldkkDXZCnTNnoXQ==
-----END PUBLIC KEY-----`);
const ED25519 = createPublicKey({
  format: 'jwk',
  key: { kty: 'OKP', crv: 'Ed25519', x: 'JrQLj5P_89iXES9-vFgrIy29clF9CC_oPPsw3c5D0bs' },
});
const SECRET = 'uzvJfB4u3N0Jy4T7NZ75MDVcr8zSTInedJtkgcu46YW4XByzNJjxBdtjUkdJPBtbmHhIDi6pcl8jsasjlTMtDQ==';

/** `test-request` of B.2. */
const REQUEST: RawRequest = {
  method: 'POST',
  target: '/foo?param=Value&Pet=dog',
  headers: [
    ['host', 'example.com'],
    ['date', 'Tue, 20 Apr 2021 02:07:55 GMT'],
    ['content-type', 'application/json'],
    ['content-digest', DIGEST],
    ['content-length', '18'],
  ],
  body: Buffer.from(BODY),
};

type Vector = { readonly input: string; readonly signature: string };

const baseOf = ({ input }: Vector, request = REQUEST, origin = RULES.origin): string => {
  const parsed = readDictionary(input, readInnerList);
  if (!parsed.ok) return parsed.problem;
  for (const list of parsed.value.values()) {
    const base = messageBase(request, origin, list);
    return base.ok ? base.value : base.problem;
  }
  return 'nothing';
};

const bytesOf = ({ signature }: Vector): Buffer => {
  const parsed = readDictionary(signature, readBytes);
  for (const bytes of parsed.ok ? parsed.value.values() : []) return bytes;
  throw new Error('no signature');
};

const read = (vector: Vector, request = REQUEST) =>
  readSignature(
    {
      ...request,
      headers: [...request.headers, ['signature-input', vector.input], ['signature', vector.signature]],
    },
    RULES,
  );

/** RFC 9421 3.3.1. */
const isPss = (base: string, vector: Vector): boolean =>
  verify(
    'sha512',
    Buffer.from(base),
    { key: RSA_PSS, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 64 },
    bytesOf(vector),
  );

/** With the algorithm of the key, as our verifier takes it where none is named. */
const fits = (base: string, vector: Vector, key: KeyObject): boolean =>
  verifySignature({ keyId: 'test', algorithm: undefined, signature: bytesOf(vector), bases: [base] }, key);

const B21 = {
  input: 'sig-b21=();created=1618884473;keyid="test-key-rsa-pss";nonce="b3k2pp5k7z-50gnwp.yemd"',
  signature:
    'sig-b21=:d2pmTvmbncD3xQm8E9ZV2828BjQWGgiwAaw5bAkgibUopemLJcWDy/lkbbHAve4cRAtx31Iq786U7it++wgGxbtRxf8Udx7zFZsckzXaJMkA7ChG52eSkFxykJeNqsrWH5S+oxNFlD4dzVuwe8DhTSja8xxbR/Z2cOGdCbzR72rgFWhzx2VjBqJzsPLMIQKhO4DGezXehhWwE56YCE+O6c0mKZsfxVrogUvA4HELjVKWmAvtl6UnCh8jYzuVG5WSb/QEVPnP5TmcAnLH1g+s++v6d4s8m0gCw1fV5/SITLq9mhho8K3+7EPYTU8IU1bLhdxO5Nyt8C8ssinQ98Xw9Q==:',
};
const B22 = {
  input:
    'sig-b22=("@authority" "content-digest" "@query-param";name="Pet");created=1618884473;keyid="test-key-rsa-pss";tag="header-example"',
  signature:
    'sig-b22=:LjbtqUbfmvjj5C5kr1Ugj4PmLYvx9wVjZvD9GsTT4F7GrcQEdJzgI9qHxICagShLRiLMlAJjtq6N4CDfKtjvuJyE5qH7KT8UCMkSowOB4+ECxCmT8rtAmj/0PIXxi0A0nxKyB09RNrCQibbUjsLS/2YyFYXEu4TRJQzRw1rLEuEfY17SARYhpTlaqwZVtR8NV7+4UKkjqpcAoFqWFQh62s7Cl+H2fjBSpqfZUJcsIk4N6wiKYd4je2U/lankenQ99PZfB4jY3I5rSV2DSBVkSFsURIjYErOs0tFTQosMTAoxk//0RoKUqiYY8Bh0aaUEb0rQl3/XaVe4bXTugEjHSw==:',
};
const B23 = {
  input:
    'sig-b23=("date" "@method" "@path" "@query" "@authority" "content-type" "content-digest" "content-length");created=1618884473;keyid="test-key-rsa-pss"',
  signature:
    'sig-b23=:bbN8oArOxYoyylQQUU6QYwrTuaxLwjAC9fbY2F6SVWvh0yBiMIRGOnMYwZ/5MR6fb0Kh1rIRASVxFkeGt683+qRpRRU5p2voTp768ZrCUb38K0fUxN0O0iC59DzYx8DFll5GmydPxSmme9v6ULbMFkl+V5B1TP/yPViV7KsLNmvKiLJH1pFkh/aYA2HXXZzNBXmIkoQoLd7YfW91kE9o/CCoC1xMy7JA1ipwvKvfrs65ldmlu9bpG6A9BmzhuzF8Eim5f8ui9eH8LZH896+QIF61ka39VBrohr9iyMUJpvRX2Zbhl5ZJzSRxpJyoEZAFL2FUo5fTIztsDZKEgM4cUA==:',
};
const B24 = {
  input:
    'sig-b24=("@status" "content-type" "content-digest" "content-length");created=1618884473;keyid="test-key-ecc-p256"',
  signature:
    'sig-b24=:wNmSUAhwb5LxtOtOpNa6W5xj067m5hFrj0XQ4fvpaCLx0NKocgPquLgyahnzDnDAUy5eCdlYUEkLIj+32oiasw==:',
};
const B25 = {
  input: 'sig-b25=("date" "@authority" "content-type");created=1618884473;keyid="test-shared-secret"',
  signature: 'sig-b25=:pxcQw6G3AjtMBQjwo8XzkZf/bws5LelbaMk5rGIGtE8=:',
};
const B26 = {
  input:
    'sig-b26=("date" "@method" "@path" "@authority" "content-type" "content-length");created=1618884473;keyid="test-key-ed25519"',
  signature:
    'sig-b26=:wqcAqbmYJ2ji2glfAMaRy4gruYYnx2nEFN2HN6jrnDnQCK1u02Gb04v9EDgwUPiu4A0w6vuQv5lIp5WPpBKRCw==:',
};

describe('B.2 of a request', () => {
  test('1. nothing signed: the base is right, and says nothing that we could accept', () => {
    expect(isPss(baseOf(B21), B21)).toBe(true);
    expect(read(B21)).toMatchObject({ ok: false, problem: 'the method is not signed' });
  });

  // The base of this one cannot be built: no component of ours has parameters, for nobody signs them here.
  test('2. one parameter of the query: not understood, so refused whole', () => {
    expect(baseOf(B22)).toBe('a component that is missing or unknown');
    expect(read(B22)).toMatchObject({ ok: false, problem: expect.stringContaining('not signed') });
  });

  test('3. everything signed: read whole, and the base is right; RSA-PSS is not taken for PKCS#1', () => {
    const found = read(B23);
    if (!found.ok) throw new Error(found.problem);
    expect(found.value.keyId).toBe('test-key-rsa-pss');
    expect(found.value.bases.map((base) => isPss(base, B23))).toEqual([true, false]);
    expect(verifySignature(found.value, RSA_PSS)).toBe(false);
    const named = { ...B23, input: `${B23.input};alg="rsa-pss-sha512"` };
    expect(read(named)).toMatchObject({ ok: false, problem: 'an algorithm that is not understood' });
    expect(read(B23, { ...REQUEST, body: Buffer.from(`${BODY} `) }).ok).toBe(false);
  });

  // 4. is an answer: nobody signs those here, and none is looked at.
  test('4. of an answer: its status is no part of a request', () => {
    expect(baseOf(B24)).toBe('a component that is missing or unknown');
  });

  test('5. HMAC, which is no signature but proves the base', () => {
    const mac = createHmac('sha256', Buffer.from(SECRET, 'base64')).update(baseOf(B25)).digest();
    expect(mac.equals(bytesOf(B25))).toBe(true);
    expect(read({ ...B25, input: `${B25.input};alg="hmac-sha256"` }).ok).toBe(false);
  });

  test('6. Ed25519: verified; but a body without its digest is not accepted', () => {
    expect(fits(baseOf(B26), B26, ED25519)).toBe(true);
    expect(fits(baseOf(B26, { ...REQUEST, method: 'PUT' }), B26, ED25519)).toBe(false);
    expect(read(B26)).toMatchObject({ ok: false, problem: 'the content-digest is not signed' });
  });
});

test('B.3 what a proxy signs: ECDSA over a field that it adds; the base is right', () => {
  const certificate =
    ':MIIBqDCCAU6gAwIBAgIBBzAKBggqhkjOPQQDAjA6MRswGQYDVQQKDBJMZXQncyBBdXRoZW50aWNhdGUxGzAZBgNVBAMMEkxBIEludGVybWVkaWF0ZSBDQTAeFw0yMDAxMTQyMjU1MzNaFw0yMTAxMjMyMjU1MzNaMA0xCzAJBgNVBAMMAkJDMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE8YnXXfaUgmnMtOXU/IncWalRhebrXmckC8vdgJ1p5Be5F/3YC8OthxM4+k1M6aEAEFcGzkJiNy6J84y7uzo9M6NyMHAwCQYDVR0TBAIwADAfBgNVHSMEGDAWgBRm3WjLa38lbEYCuiCPct0ZaSED2DAOBgNVHQ8BAf8EBAMCBsAwEwYDVR0lBAwwCgYIKwYBBQUHAwIwHQYDVR0RAQH/BBMwEYEPYmRjQGV4YW1wbGUuY29tMAoGCCqGSM49BAMCA0gAMEUCIBHda/r1vaL6G3VliL4/Di6YK0Q6bMjeSkC3dFCOOB8TAiEAx/kHSB4urmiZ0NX5r5XarmPk0wmuydBVoU4hBVZ1yhk=:';
  const vector = {
    input:
      'ttrp=("@path" "@query" "@method" "@authority" "client-cert");created=1618884473;keyid="test-key-ecc-p256"',
    signature:
      'ttrp=:xVMHVpawaAC/0SbHrKRs9i8I3eOs5RtTMGCWXm/9nvZzoHsIg6Mce9315T6xoklyy0yzhD9ah4JHRwMLOgmizw==:',
  };
  const headers = [...REQUEST.headers, ['client-cert', certificate] as const];
  const base = baseOf(vector, { ...REQUEST, headers }, 'https://service.internal.example');
  const key = { key: P256, dsaEncoding: 'ieee-p1363' } as const;
  expect(verify('sha256', Buffer.from(base), key, bytesOf(vector))).toBe(true);
  expect(fits(base, vector, P256)).toBe(false);
});

describe('B.4 what becomes of a message on its way', () => {
  const vector = {
    input: 'transform=("@method" "@path" "@authority" "accept");created=1618884473;keyid="test-key-ed25519"',
    signature:
      'transform=:ZT1kooQsEHpZ0I1IjCqtQppOmIqlJPeo7DHR3SoMn0s5JZ1eRGS0A+vyYP9t/LXlh5QMFFQ6cpLt2m0pmj3NDA==:',
  };
  const get: RawRequest = {
    method: 'GET',
    target: '/demo?name1=Value1&Name2=value2',
    headers: [
      ['host', 'example.org'],
      ['date', 'Fri, 15 Jul 2022 14:24:55 GMT'],
      ['accept', 'application/json'],
      ['accept', '*/*'],
    ],
    body: Buffer.alloc(0),
  };
  const isValid = (request: RawRequest, origin = 'https://example.org'): boolean =>
    fits(baseOf(vector, request, origin), vector, ED25519);

  test('is borne where it is not signed, or means the same', () => {
    expect(isValid(get)).toBe(true);
    const added = { ...get, target: `${get.target}&param=added` };
    expect(isValid({ ...added, headers: [...get.headers, ['accept-language', 'en-US,en;q=0.5']] })).toBe(
      true,
    );
    const joined = [
      ['host', 'example.org'],
      ['referer', 'https://developer.example.org/demo'],
      ['accept', 'application/json, */*'],
    ] as const;
    expect(isValid({ ...get, headers: joined })).toBe(true);
    const [host, date, ...accept] = get.headers;
    if (host === undefined || date === undefined) throw new Error('no headers');
    expect(isValid({ ...get, headers: [...accept, date, host] })).toBe(true);
  });

  test('is found where it is', () => {
    expect(isValid({ ...get, method: 'POST' })).toBe(false);
    expect(isValid(get, 'https://example.com')).toBe(false);
    expect(isValid({ ...get, headers: get.headers.toReversed() })).toBe(false);
  });
});
