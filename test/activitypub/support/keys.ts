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

const BASE58 = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz';

/** An Ed25519 public key as `publicKeyMultibase` (base58btc of `ed 01` and the key). */
export const makeMultikey = (publicKey: KeyObject): string => {
  const raw = Buffer.from(publicKey.export({ format: 'jwk' }).x ?? '', 'base64url');
  let rest = BigInt(`0xed01${raw.toString('hex')}`);
  let digits = '';
  for (; rest > 0n; rest /= 58n) digits = (BASE58[Number(rest % 58n)] ?? '') + digits;
  return `z${digits}`;
};
