import { createCipheriv, createDecipheriv, createPrivateKey, type KeyObject } from 'node:crypto';

/** AES-256-GCM: a key of 32 bytes, a nonce of 12 that is never used twice, a tag of 16. */
export const SECRET_KEY_BYTES = 32;
export const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/**
 * Encrypts a private key (PKCS#8, DER) for storage: nonce, tag, ciphertext. The actor's id is bound to it,
 * so that a row cannot be passed off as another actor's key. `nonce` is fresh random bytes.
 */
export const sealPrivateKey = (
  secretKey: Buffer,
  actorId: string,
  pkcs8Der: Buffer,
  nonce: Buffer,
): Buffer => {
  if (nonce.length !== NONCE_BYTES) throw new Error(`a nonce has ${NONCE_BYTES} bytes`);
  const cipher = createCipheriv('aes-256-gcm', secretKey, nonce, { authTagLength: TAG_BYTES });
  cipher.setAAD(Buffer.from(actorId, 'utf8'));
  const ciphertext = Buffer.concat([cipher.update(pkcs8Der), cipher.final()]);
  return Buffer.concat([nonce, cipher.getAuthTag(), ciphertext]);
};

/** Opens what `sealPrivateKey` made. Throws for another secret key, another actor and any change. */
export const openPrivateKey = (secretKey: Buffer, actorId: string, sealed: Buffer): KeyObject => {
  if (sealed.length <= NONCE_BYTES + TAG_BYTES) throw new Error('a sealed key is too short');
  const nonce = sealed.subarray(0, NONCE_BYTES);
  const tag = sealed.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES);
  const decipher = createDecipheriv('aes-256-gcm', secretKey, nonce, { authTagLength: TAG_BYTES });
  decipher.setAAD(Buffer.from(actorId, 'utf8'));
  decipher.setAuthTag(tag);
  const der = Buffer.concat([decipher.update(sealed.subarray(NONCE_BYTES + TAG_BYTES)), decipher.final()]);
  try {
    return createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
  } finally {
    der.fill(0);
  }
};
