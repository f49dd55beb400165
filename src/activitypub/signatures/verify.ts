import { type KeyObject, verify } from 'node:crypto';
import { malformed, type Parsed } from '../../bridge/outcome.ts';
import type { RawRequest } from '../types.ts';
import { algorithmOf } from './public-key.ts';
import { readCavage } from './read-cavage.ts';
import { readMessage } from './read-message.ts';
import type { ReadSignature, SignatureRules } from './types.ts';

/**
 * Reads the signature of a request and checks all that can be checked without a key: form, coverage, host,
 * time, digest of the raw body. Nothing is fetched. One branch per scheme: where `Signature-Input` is there it is
 * RFC 9421 that counts, and a bad one is not saved by a good one of the other kind.
 */
export const readSignature = (request: RawRequest, rules: SignatureRules): Parsed<ReadSignature> => {
  const has = (name: string): boolean => request.headers.some(([key]) => key === name);
  if (has('signature-input')) return readMessage(request, rules);
  return has('signature') ? readCavage(request, rules) : malformed('no signature');
};

/**
 * Whether this key made the signature; its kind must be the one that the signature names. Runs inline: handing 30
 * microseconds to another thread costs more.
 */
export const verifySignature = (read: ReadSignature, publicKey: KeyObject): boolean => {
  const algorithm = algorithmOf(publicKey);
  if (algorithm === undefined || (read.algorithm ?? algorithm) !== algorithm) return false;
  return read.bases.some((base) => {
    try {
      const hash = algorithm === 'ed25519' ? null : 'sha256';
      return verify(hash, Buffer.from(base), publicKey, read.signature) === true;
    } catch {
      return false;
    }
  });
};
