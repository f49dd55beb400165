import { generateKeyPairSync, type KeyObject, type KeyPairKeyObjectResult } from 'node:crypto';

export type TestKey = {
  readonly keyId: string;
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
  readonly pem: string;
};

type Kind = { readonly bits?: 1024 | 2048; readonly pair?: 'one' | 'other' };

const pairs = new Map<string, KeyPairKeyObjectResult>();

/** Made once: it costs a tenth of a second, and every file of a test run would want its own. */
const pairOf = (modulusLength: number, name: string): KeyPairKeyObjectResult => {
  const kind = `${modulusLength} ${name}`;
  const pair = pairs.get(kind) ?? generateKeyPairSync('rsa', { modulusLength });
  pairs.set(kind, pair);
  return pair;
};

/** An RSA key under this id: the same for all ids, and another where a test asks for the `other` pair. */
export const makeKey = (keyId: string, { bits = 2048, pair = 'one' }: Kind = {}): TestKey => {
  const { publicKey, privateKey } = pairOf(bits, pair);
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
