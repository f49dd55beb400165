import { createPublicKey, generateKeyPairSync } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { multikeyToPem } from '../../../src/activitypub/signatures/multikey.ts';
import { makeMultikey } from '../support/keys.ts';

test('reads any Ed25519 key', () => {
  for (let times = 0; times < 20; times += 1) {
    const { publicKey } = generateKeyPairSync('ed25519');
    const pem = multikeyToPem(makeMultikey(publicKey));
    expect(pem !== undefined && createPublicKey(pem).equals(publicKey)).toBe(true);
  }
});

test('reads the first key of the test vectors of did:key', () => {
  const pem = multikeyToPem('z6MkiTBz1ymuepAQ4HEHYSF1H8quG5GLVVQR3djdX3mDooWp');
  const { x } = createPublicKey(pem ?? '').export({ format: 'jwk' });
  const hex = '3b6a27bcceb6a42d62a3a8d02a6f0d73653215771de243a63ac048a18b59da29';
  expect(Buffer.from(x ?? '', 'base64url').toString('hex')).toBe(hex);
});

const good = makeMultikey(generateKeyPairSync('ed25519').publicKey);
test.each([
  ['nothing', ''],
  ['another base', `u${good.slice(1)}`],
  ['one digit less', good.slice(0, -1)],
  ['one digit more', `${good}1`],
  ['a digit that is none', `${good.slice(0, -1)}0`],
  ['a P-256 key', 'zDnaerDaTF5BXEavCrfRZEk316dpbLsfPDZ3WJ5hRTPFU2169'],
  ['much', `z6Mk${'1'.repeat(10_000)}`],
])('gives undefined for %s', (_, text) => {
  expect(multikeyToPem(text)).toBeUndefined();
});

test('nothing makes it throw', () => {
  fc.assert(
    fc.property(fc.stringMatching(/^z6Mk[1-9A-HJ-NP-Za-km-z]{44}$/u), (text) => {
      expect(multikeyToPem(text) ?? '').toMatch(/^$|^-----BEGIN PUBLIC KEY/u);
    }),
  );
});
