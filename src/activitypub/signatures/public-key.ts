import { createPublicKey, type KeyObject } from 'node:crypto';
import type { SignatureAlgorithm } from './types.ts';

const MIN_BITS = 2048;
const MAX_BITS = 8192;
const MAX_PEM = 4096;
const MIN_EXPONENT = 65_537n;
const MAX_EXPONENT = 0xffff_ffffn;

const isSaneRsa = (key: KeyObject): boolean => {
  const { modulusLength = 0, publicExponent = 0n } = key.asymmetricKeyDetails ?? {};
  if (modulusLength < MIN_BITS || modulusLength > MAX_BITS) return false;
  return publicExponent >= MIN_EXPONENT && publicExponent <= MAX_EXPONENT && publicExponent % 2n === 1n;
};

/**
 * What a key signs with, or undefined for one that may vouch for nobody. RSA of 2048 to 8192 bits with an odd
 * exponent from 65537 up to 32 bits (shorter is weak; longer, or a larger exponent, makes each verification cost us
 * what the sender chose), or Ed25519.
 */
export const algorithmOf = (key: KeyObject): SignatureAlgorithm | undefined => {
  if (key.type !== 'public') return undefined;
  if (key.asymmetricKeyType === 'ed25519') return 'ed25519';
  return key.asymmetricKeyType === 'rsa' && isSaneRsa(key) ? 'rsa-v1_5-sha256' : undefined;
};

/** Whether a key may vouch for anyone. */
export const isAcceptableKey = (key: KeyObject): boolean => algorithmOf(key) !== undefined;

/** A public key in PEM (SPKI, or PKCS#1 as some old software writes it), or undefined when it is not acceptable. */
export const parsePublicKey = (pem: string): KeyObject | undefined => {
  // A private key would parse too: its public half. Who publishes that has published everything.
  if (pem.length > MAX_PEM || pem.includes('PRIVATE')) return undefined;
  try {
    const key = createPublicKey(pem);
    return isAcceptableKey(key) ? key : undefined;
  } catch {
    return undefined;
  }
};
