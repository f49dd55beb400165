import { type InnerList, readDictionary, readInnerList } from './structured-field.ts';

/** How a peer wants to be signed for; bounded, and nothing that we would not sign anyway. */
export type Wish = {
  readonly label: string;
  readonly components: readonly string[];
  readonly expires: boolean;
  readonly nonce: string | undefined;
  readonly tag: string | undefined;
};

const MAX_TEXT = 256;

/** What we can sign of a request of ours (RFC 9421 2.2, and the fields that each of them has). */
const DERIVED = ['@method', '@target-uri', '@authority', '@path', '@query', '@request-target'];
const FIELDS = { GET: ['host'], POST: ['host', 'content-type', 'content-digest'] } as const;
const PARAMETERS: ReadonlySet<string> = new Set(['created', 'expires', 'nonce', 'alg', 'keyid', 'tag']);

/** RFC 9421 5.1: a text to repeat, or nothing. */
const isText = (value: unknown): value is string | undefined =>
  value === undefined || (typeof value === 'string' && value.length <= MAX_TEXT);

const toWish = (
  label: string,
  { items, parameters }: InnerList,
  { method, keyId }: { readonly method: 'GET' | 'POST'; readonly keyId: string },
): Wish | undefined => {
  const able: readonly string[] = [...DERIVED, ...FIELDS[method]];
  if (new Set(items).size !== items.length || !items.every((item) => able.includes(item))) return undefined;
  for (const name of parameters.keys()) if (!PARAMETERS.has(name)) return undefined;
  if ((parameters.get('alg') ?? 'rsa-v1_5-sha256') !== 'rsa-v1_5-sha256') return undefined;
  if ((parameters.get('keyid') ?? keyId) !== keyId) return undefined;
  const [nonce, tag] = [parameters.get('nonce'), parameters.get('tag')];
  if (!isText(nonce) || !isText(tag)) return undefined;
  return { label, components: items, expires: parameters.has('expires'), nonce, tag };
};

/**
 * The first signature in an `Accept-Signature` header (RFC 9421 5.1) that we can make: our key and algorithm, and
 * only components that a request of this method has. Undefined where there is none, or the header cannot be read.
 */
export const readAcceptSignature = (
  header: unknown,
  ours: { readonly method: 'GET' | 'POST'; readonly keyId: string },
): Wish | undefined => {
  if (typeof header !== 'string') return undefined;
  const wanted = readDictionary(header, readInnerList);
  if (!wanted.ok) return undefined;
  for (const [label, list] of wanted.value) {
    const wish = toWish(label, list, ours);
    if (wish !== undefined) return wish;
  }
  return undefined;
};
