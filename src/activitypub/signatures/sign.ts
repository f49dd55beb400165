import type { SigningKey } from '../types.ts';
import { signCavage } from './cavage.ts';
import { renderDigest } from './digest.ts';
import { renderHttpDate } from './http-date.ts';

/** Header names in lower case. */
export type SignedHeaders = Readonly<Record<string, string>>;

const targetOf = (url: URL): string => `${url.pathname}${url.search}`;

/** The headers of a signed POST of these bytes: `(request-target) host date digest content-type`. */
export const signPost = async (
  { url, body, contentType }: { readonly url: URL; readonly body: Uint8Array; readonly contentType: string },
  key: SigningKey,
  now: Date,
): Promise<SignedHeaders> => {
  const headers = [
    ['host', url.host],
    ['date', renderHttpDate(now)],
    ['digest', renderDigest(body)],
    ['content-type', contentType],
  ] as const;
  const signature = await signCavage({ method: 'POST', target: targetOf(url), headers }, key);
  return { ...Object.fromEntries(headers), signature };
};

/**
 * The headers of a signed GET: `(request-target) host date`. With `signQuery: false` the signed target ends
 * before the `?`: COMPAT with peers that rebuild it without the query.
 */
export const signGet = async (
  { url, signQuery }: { readonly url: URL; readonly signQuery: boolean },
  key: SigningKey,
  now: Date,
): Promise<SignedHeaders> => {
  const headers = [
    ['host', url.host],
    ['date', renderHttpDate(now)],
  ] as const;
  const target = signQuery ? targetOf(url) : url.pathname;
  const signature = await signCavage({ method: 'GET', target, headers }, key);
  return { ...Object.fromEntries(headers), signature };
};
