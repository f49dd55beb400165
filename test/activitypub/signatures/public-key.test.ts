import { createPublicKey, generateKeyPairSync } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { isAcceptableKey, parsePublicKey } from '../../../src/activitypub/signatures/public-key.ts';
import { makeKey } from '../support/keys.ts';

const good = makeKey('https://m.example/k');

/** An RSA public key of any size and exponent, made from numbers: no such key pair need exist. */
const rsaOf = (bits: number, exponent: Buffer) => {
  const modulus = Buffer.alloc(bits / 8, 0xff);
  return createPublicKey({
    format: 'jwk',
    key: { kty: 'RSA', n: modulus.toString('base64url'), e: exponent.toString('base64url') },
  });
};
const F4 = Buffer.from([1, 0, 1]);

describe('isAcceptableKey', () => {
  test.each([2048, 4096, 8192])('takes RSA of %i bits', (bits) => {
    expect(isAcceptableKey(rsaOf(bits, F4))).toBe(true);
  });

  test('takes Ed25519', () => {
    expect(isAcceptableKey(generateKeyPairSync('ed25519').publicKey)).toBe(true);
  });

  test.each([
    ['512 bits', rsaOf(512, F4)],
    ['1024 bits', rsaOf(1024, F4)],
    ['16384 bits', rsaOf(16_384, F4)],
    ['exponent 1', rsaOf(2048, Buffer.from([1]))],
    ['exponent 3', rsaOf(2048, Buffer.from([3]))],
    ['an even exponent', rsaOf(2048, Buffer.from([1, 0, 2]))],
    ['an exponent of 40 bits', rsaOf(2048, Buffer.from([1, 0, 0, 0, 1]))],
    ['a private key', good.privateKey],
    ['an EC key', generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey],
    ['an Ed448 key', generateKeyPairSync('ed448').publicKey],
    ['an RSA-PSS key', generateKeyPairSync('rsa-pss', { modulusLength: 2048 }).publicKey],
    ['a private Ed25519 key', generateKeyPairSync('ed25519').privateKey],
  ])('refuses %s', (_, key) => {
    expect(isAcceptableKey(key)).toBe(false);
  });
});

describe('parsePublicKey', () => {
  test('reads SPKI and PKCS#1', () => {
    const pkcs1 = good.publicKey.export({ type: 'pkcs1', format: 'pem' }).toString();
    expect(parsePublicKey(good.pem)?.equals(good.publicKey)).toBe(true);
    expect(parsePublicKey(pkcs1)?.equals(good.publicKey)).toBe(true);
    const edwards = generateKeyPairSync('ed25519').publicKey;
    const pem = edwards.export({ type: 'spki', format: 'pem' }).toString();
    expect(parsePublicKey(pem)?.equals(edwards)).toBe(true);
  });

  test.each([
    ['nothing', ''],
    ['noise', 'hello'],
    ['a broken PEM', good.pem.replace('MII', 'XXX')],
    ['a private key', good.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()],
    ['a key that is too long', `${good.pem}${'\n'.repeat(4096)}`],
  ])('gives undefined for %s', (_, pem) => {
    expect(parsePublicKey(pem)).toBeUndefined();
  });
});
