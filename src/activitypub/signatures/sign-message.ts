import { sign } from 'node:crypto';
import { promisify } from 'node:util';
import type { SigningKey } from '../types.ts';
import type { Wish } from './accept-signature.ts';
import { renderContentDigest } from './content-digest.ts';
import { messageBase } from './message-base.ts';
import type { SignedHeaders } from './sign.ts';
import { type InnerList, renderInnerList } from './structured-field.ts';

const signAsync = promisify(sign);

const LABEL = 'sig1';
const EXPIRES_SECONDS = 300;

/** What a peer wishes comes on top: less than this could be used elsewhere by whoever gets it. */
const LEAST = {
  GET: ['@method', '@target-uri'],
  POST: ['@method', '@target-uri', 'content-digest'],
} as const;

const inputOf = (method: 'GET' | 'POST', keyId: string, now: Date, wish?: Wish): InnerList => {
  const created = Math.floor(now.getTime() / 1000);
  const parameters = new Map<string, string | number>([['created', created]]);
  if (wish?.expires === true) parameters.set('expires', created + EXPIRES_SECONDS);
  parameters.set('keyid', keyId).set('alg', 'rsa-v1_5-sha256');
  if (wish?.nonce !== undefined) parameters.set('nonce', wish.nonce);
  if (wish?.tag !== undefined) parameters.set('tag', wish.tag);
  return { items: [...new Set([...LEAST[method], ...(wish?.components ?? [])])], parameters };
};

const signMessage = async (
  method: 'GET' | 'POST',
  { url, headers }: { readonly url: URL; readonly headers: readonly (readonly [string, string])[] },
  key: SigningKey,
  now: Date,
  wish?: Wish,
): Promise<SignedHeaders> => {
  const input = inputOf(method, key.keyId, now, wish);
  const request = { method, target: `${url.pathname}${url.search}`, headers };
  const base = messageBase(request, url.origin, input);
  if (!base.ok) throw new Error(base.problem);
  const signature = await signAsync('sha256', Buffer.from(base.value), key.privateKey);
  const label = wish?.label ?? LABEL;
  return {
    ...Object.fromEntries(headers),
    'signature-input': `${label}=${renderInnerList(input)}`,
    signature: `${label}=:${signature.toString('base64')}:`,
  };
};

/**
 * The headers of a POST signed after RFC 9421 over `@method`, `@target-uri` and `content-digest`, and what the peer
 * wishes besides. `rsa-v1_5-sha256`, off the event loop.
 */
export const signMessagePost = (
  { url, body, contentType }: { readonly url: URL; readonly body: Uint8Array; readonly contentType: string },
  key: SigningKey,
  now: Date,
  wish?: Wish,
): Promise<SignedHeaders> => {
  const headers = [
    ['host', url.host],
    ['content-digest', renderContentDigest(body)],
    ['content-type', contentType],
  ] as const;
  return signMessage('POST', { url, headers }, key, now, wish);
};

/** The headers of a GET signed after RFC 9421 over `@method` and `@target-uri`, and what the peer wishes besides. */
export const signMessageGet = (
  { url }: { readonly url: URL },
  key: SigningKey,
  now: Date,
  wish?: Wish,
): Promise<SignedHeaders> => signMessage('GET', { url, headers: [['host', url.host]] }, key, now, wish);
