import { randomBytes } from 'node:crypto';

/** Crockford's base32 in lower case: no i, l, o, u. */
const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz';

/**
 * A new opaque id of 26 characters: ten for the time in milliseconds, sixteen (80 bits) of randomness. Ids of
 * later milliseconds sort behind earlier ones, so that new rows lie together in an index.
 */
export const newId = (now: number = Date.now(), random: Uint8Array = randomBytes(16)): string => {
  let time = '';
  let rest = now;
  for (let place = 0; place < 10; place += 1) {
    time = (ALPHABET[rest % 32] ?? '0') + time;
    rest = Math.floor(rest / 32);
  }
  return time + Array.from(random.subarray(0, 16), (byte) => ALPHABET[byte % 32] ?? '0').join('');
};
