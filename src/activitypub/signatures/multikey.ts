import { createPublicKey } from 'node:crypto';

const ALPHABET = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz';
/** `z` for base58btc, then 34 bytes: `ed 01` for an Ed25519 public key, and the key. They always take 47 digits. */
const ED25519 = /^z6Mk[1-9A-HJ-NP-Za-km-z]{44}$/u;
const BYTES = 34;

const decodeBase58 = (digits: string): string => {
  let value = 0n;
  for (const digit of digits) value = value * 58n + BigInt(ALPHABET.indexOf(digit));
  return value.toString(16).padStart(2 * BYTES, '0');
};

/**
 * An Ed25519 public key in the form of a Multikey (FEP-521a, Controlled Identifiers 2.2.2) as PEM, or undefined for
 * all else.
 */
export const multikeyToPem = (text: string): string | undefined => {
  if (!ED25519.test(text)) return undefined;
  const bytes = Buffer.from(decodeBase58(text.slice(1)), 'hex');
  if (bytes.length !== BYTES || bytes[0] !== 0xed || bytes[1] !== 0x01) return undefined;
  const x = bytes.subarray(2).toString('base64url');
  const key = createPublicKey({ format: 'jwk', key: { kty: 'OKP', crv: 'Ed25519', x } });
  return key.export({ type: 'spki', format: 'pem' }).toString();
};
