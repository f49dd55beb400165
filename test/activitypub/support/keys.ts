import { generateKeyPairSync, type KeyObject } from 'node:crypto';

export type TestKey = {
  readonly keyId: string;
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
  readonly pem: string;
};

/** An RSA key of its own for a test file; 2048 bits unless told. */
export const makeKey = (keyId: string, modulusLength = 2048, publicExponent = 65_537): TestKey => {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength, publicExponent });
  return { keyId, privateKey, publicKey, pem: publicKey.export({ type: 'spki', format: 'pem' }).toString() };
};
