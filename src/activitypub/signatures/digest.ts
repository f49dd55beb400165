import { createHash, timingSafeEqual } from 'node:crypto';
import { done, malformed, type Parsed } from '../../bridge/outcome.ts';

const MAX_LENGTH = 1024;
const MAX_VALUES = 8;

/** What we can compute; other algorithms in a header are passed over. */
const HASHES: ReadonlyMap<string, string> = new Map([
  ['sha-256', 'sha256'],
  ['sha-512', 'sha512'],
]);

/** The `Digest` header for a body (RFC 3230, as every Fediverse server writes it). */
export const renderDigest = (body: Uint8Array): string =>
  `SHA-256=${createHash('sha256').update(body).digest('base64')}`;

/** Canonical base64 only: what does not come out again as it went in has a second spelling. */
export const decodeBase64 = (text: string): Buffer | undefined => {
  const bytes = Buffer.from(text, 'base64');
  return bytes.toString('base64') === text ? bytes : undefined;
};

/**
 * Whether the `Digest` header (repeats joined by commas) is that of these bytes: SHA-256 must be there, and
 * every value that we can compute must agree, so that no two readers can pick different ones.
 */
export const checkDigest = (header: string, body: Uint8Array): Parsed<true> => {
  if (header.length > MAX_LENGTH) return malformed('digest too long');
  const values = header.split(',');
  if (values.length > MAX_VALUES) return malformed('too many digests');
  let seen = false;
  for (const value of values) {
    const at = value.indexOf('=');
    const algorithm = value.slice(0, Math.max(at, 0)).trim().toLowerCase();
    const hash = HASHES.get(algorithm);
    if (hash === undefined) continue;
    const given = decodeBase64(value.slice(at + 1).trim());
    const own = createHash(hash).update(body).digest();
    if (given?.length !== own.length) return malformed('a digest of the wrong length');
    if (!timingSafeEqual(given, own)) return malformed('the digest is not that of the body');
    seen ||= algorithm === 'sha-256';
  }
  return seen ? done(true) : malformed('no SHA-256 digest');
};
