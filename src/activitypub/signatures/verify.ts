import { type KeyObject, verify } from 'node:crypto';
import { malformed, type Parsed } from '../../bridge/outcome.ts';
import type { RawRequest } from '../types.ts';
import { isAcceptableKey } from './public-key.ts';
import { readCavage } from './read-cavage.ts';
import type { ReadSignature, SignatureRules } from './types.ts';

/**
 * Reads the signature of a request and checks all that can be checked without a key: form, coverage, host,
 * time, digest of the raw body. Nothing is fetched. One branch per scheme.
 */
export const readSignature = (request: RawRequest, rules: SignatureRules): Parsed<ReadSignature> => {
  const has = (name: string): boolean => request.headers.some(([key]) => key === name);
  if (!has('signature')) return malformed('no signature');
  // RFC 9421 uses the same `Signature` header. Its senders knock again with draft-cavage after a 401.
  if (has('signature-input')) return malformed('an RFC 9421 signature');
  return readCavage(request, rules);
};

/** Whether this key made the signature. Runs inline: handing 30 microseconds to another thread costs more. */
export const verifySignature = (read: ReadSignature, publicKey: KeyObject): boolean => {
  if (!isAcceptableKey(publicKey)) return false;
  return read.bases.some((base) => {
    try {
      return verify('sha256', Buffer.from(base), publicKey, read.signature) === true;
    } catch {
      return false;
    }
  });
};
