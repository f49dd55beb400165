import { createHash, timingSafeEqual } from 'node:crypto';
import { done, malformed, type Parsed } from '../../bridge/outcome.ts';
import { readBytes, readDictionary } from './structured-field.ts';

const MAX_LENGTH = 1024;

/** What we can compute; other algorithms are passed over (RFC 9530 2). */
const HASHES: ReadonlyMap<string, string> = new Map([
  ['sha-256', 'sha256'],
  ['sha-512', 'sha512'],
]);

/** The `Content-Digest` header for a body (RFC 9530 2). */
export const renderContentDigest = (body: Uint8Array): string =>
  `sha-256=:${createHash('sha256').update(body).digest('base64')}:`;

/**
 * Whether the `Content-Digest` header is that of these bytes: SHA-256 or SHA-512 must be there, and every value
 * that we can compute must agree.
 */
export const checkContentDigest = (header: string, body: Uint8Array): Parsed<true> => {
  if (header.length > MAX_LENGTH) return malformed('content-digest too long');
  const digests = readDictionary(header, readBytes);
  if (!digests.ok) return digests;
  let seen = false;
  for (const [algorithm, given] of digests.value) {
    const hash = HASHES.get(algorithm);
    if (hash === undefined) continue;
    const own = createHash(hash).update(body).digest();
    if (given.length !== own.length) return malformed('a content-digest of the wrong length');
    if (!timingSafeEqual(given, own)) return malformed('the content-digest is not that of the body');
    seen = true;
  }
  return seen ? done(true) : malformed('no content-digest that can be computed');
};
