import { sign } from 'node:crypto';
import { promisify } from 'node:util';
import { done, malformed, type Parsed } from '../../bridge/outcome.ts';
import type { RawRequest, SigningKey } from '../types.ts';
import type { CavageHeader } from './cavage-header.ts';

const signAsync = promisify(sign);

/** What of a request a signature can speak about. */
export type SignedParts = Pick<RawRequest, 'method' | 'target' | 'headers'>;

/** All values of one header in order, joined as draft-cavage-12 2.3 and RFC 9110 5.3 say. */
export const headerValue = (request: SignedParts, name: string): string | undefined => {
  const values = request.headers.filter(([key]) => key === name).map(([, value]) => value.trim());
  return values.length === 0 ? undefined : values.join(', ');
};

/** One line of the signing string, or undefined for a header that is not there or a name that nobody defined. */
const lineOf = (
  request: SignedParts,
  name: string,
  times: Pick<CavageHeader, 'created' | 'expires'>,
): string | undefined => {
  if (name === '(request-target)') return `${name}: ${request.method.toLowerCase()} ${request.target}`;
  if (name === '(created)') return times.created === undefined ? undefined : `${name}: ${times.created}`;
  if (name === '(expires)') return times.expires === undefined ? undefined : `${name}: ${times.expires}`;
  if (name.startsWith('(')) return undefined;
  const value = headerValue(request, name);
  return value === undefined ? undefined : `${name}: ${value}`;
};

/** The signing string (draft-cavage-12 2.3). A signed header that is missing makes the whole malformed. */
export const cavageBase = (
  request: SignedParts,
  names: readonly string[],
  times: Pick<CavageHeader, 'created' | 'expires'> = { created: undefined, expires: undefined },
): Parsed<string> => {
  const lines = names.map((name) => lineOf(request, name, times));
  return lines.every((line) => line !== undefined)
    ? done(lines.join('\n'))
    : malformed('a signed header that is missing');
};

/**
 * The `Signature` header for a request of ours, over all headers given, in their order. `rsa-sha256` is what
 * everybody verifies (some never learnt `hs2019`). The RSA work happens off the event loop.
 */
export const signCavage = async (request: SignedParts, key: SigningKey): Promise<string> => {
  const names = ['(request-target)', ...request.headers.map(([name]) => name)];
  const base = cavageBase(request, names);
  if (!base.ok) throw new Error(base.problem);
  const signature = await signAsync('sha256', Buffer.from(base.value), key.privateKey);
  return [
    `keyId="${key.keyId}"`,
    'algorithm="rsa-sha256"',
    `headers="${names.join(' ')}"`,
    `signature="${signature.toString('base64')}"`,
  ].join(',');
};
