import { createPublicKey, type KeyObject } from 'node:crypto';

const MIN_BITS = 2048;
const MAX_BITS = 8192;
const MAX_PEM = 4096;
const MIN_EXPONENT = 65_537n;
const MAX_EXPONENT = 0xffff_ffffn;

/**
 * Whether a key may vouch for anyone: RSA of 2048 to 8192 bits with an odd exponent from 65537 up to 32 bits.
 * Shorter is weak; longer, or a larger exponent, makes each verification cost us what the sender chose.
 */
export const isAcceptableKey = (key: KeyObject): boolean => {
  if (key.type !== 'public' || key.asymmetricKeyType !== 'rsa') return false;
  const { modulusLength = 0, publicExponent = 0n } = key.asymmetricKeyDetails ?? {};
  if (modulusLength < MIN_BITS || modulusLength > MAX_BITS) return false;
  return publicExponent >= MIN_EXPONENT && publicExponent <= MAX_EXPONENT && publicExponent % 2n === 1n;
};

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
