import { createPrivateKey, generateKeyPairSync, randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { NONCE_BYTES, openPrivateKey, SECRET_KEY_BYTES, sealPrivateKey } from '../../src/store/seal.ts';

const secretKey = randomBytes(SECRET_KEY_BYTES);
const der = generateKeyPairSync('ec', {
  namedCurve: 'P-256',
  privateKeyEncoding: { type: 'pkcs8', format: 'der' },
  publicKeyEncoding: { type: 'spki', format: 'der' },
}).privateKey;
const seal = (actorId = 'alice'): Buffer => sealPrivateKey(secretKey, actorId, der, randomBytes(NONCE_BYTES));

test('a sealed key opens to the same key', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (actorId) => {
      const opened = openPrivateKey(secretKey, actorId, seal(actorId));
      expect(opened.equals(createPrivateKey({ key: der, format: 'der', type: 'pkcs8' }))).toBe(true);
    }),
    { numRuns: 30 },
  );
});

test('the sealed form starts with the nonce and shows nothing of the key', () => {
  const nonce = randomBytes(NONCE_BYTES);
  const sealed = sealPrivateKey(secretKey, 'alice', der, nonce);
  expect(sealed.subarray(0, NONCE_BYTES)).toEqual(nonce);
  expect(sealed).toHaveLength(NONCE_BYTES + 16 + der.length);
  expect(sealed.includes(der.subarray(20, 40))).toBe(false);
});

test('another actor cannot open it', () => {
  expect(() => openPrivateKey(secretKey, 'mallory', seal('alice'))).toThrow();
});

test('another secret key cannot open it', () => {
  expect(() => openPrivateKey(randomBytes(SECRET_KEY_BYTES), 'alice', seal())).toThrow();
});

test('one changed bit anywhere is noticed', () => {
  const sealed = seal();
  fc.assert(
    fc.property(fc.nat(sealed.length - 1), fc.nat(7), (at, bit) => {
      const changed = Buffer.from(sealed);
      changed[at] = (changed[at] ?? 0) ^ (1 << bit);
      expect(() => openPrivateKey(secretKey, 'alice', changed)).toThrow();
    }),
  );
});

test.each([0, 12, 28])('%i bytes are too few', (length) => {
  expect(() => openPrivateKey(secretKey, 'alice', Buffer.alloc(length))).toThrow('too short');
});

test('a nonce of another length is a mistake of the caller', () => {
  expect(() => sealPrivateKey(secretKey, 'alice', der, randomBytes(8))).toThrow('12 bytes');
});
