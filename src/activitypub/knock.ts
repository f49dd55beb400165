import type { Agent } from 'undici';
import { readAcceptSignature, type Wish } from './signatures/accept-signature.ts';
import type { Scheme, SchemeMemory } from './signatures/scheme-memory.ts';

export type Response = Awaited<ReturnType<Agent['request']>>;

/** How one request is signed. */
export type Way = {
  readonly scheme: Scheme;
  /** Only draft-cavage knows peers that leave the query out. */
  readonly signQuery: boolean;
  /** What the peer asked for in `Accept-Signature`. */
  readonly wish?: Wish;
};

export type Door = {
  readonly method: 'GET' | 'POST';
  readonly url: URL;
  readonly keyId: string;
  /** Sends the request, signed so. A body that is not looked at must be drained or discarded. */
  readonly ask: (way: Way) => Promise<Response>;
  /** An answer that is not looked at. */
  readonly discard: (response: Response) => void;
};

const waysOf = (first: Scheme, { method, url }: Door): readonly Way[] => {
  const cavage: Way[] = [{ scheme: 'cavage', signQuery: true }];
  if (method === 'GET' && url.search !== '') cavage.push({ scheme: 'cavage', signQuery: false });
  const message: Way = { scheme: 'rfc9421', signQuery: true };
  return first === 'cavage' ? [...cavage, message] : [message, ...cavage];
};

/** The answers of a peer that may not have understood the signature (RFC 9421 support of Mastodon 4.7 goes by them). */
const isRefused = ({ statusCode }: Response): boolean => statusCode === 400 || statusCode === 401;

/**
 * Whether the answer to another knock is the one that counts. A POST must have been taken: who takes one kind of
 * signature may say anything to the other, and a wrong 403 would end a delivery.
 */
const counts = (method: Door['method'], response: Response): boolean =>
  method === 'POST' ? response.statusCode < 300 : !isRefused(response);

const wishOf = ({ method, keyId }: Door, { statusCode, headers }: Response): Wish | undefined =>
  statusCode === 401 ? readAcceptSignature(headers['accept-signature'], { method, keyId }) : undefined;

/** The first answer that is no refusal of the signature, and how it was come by; undefined where there is none. */
const knockAgain = async (
  door: Door,
  refused: Response,
  waiting: readonly Way[],
): Promise<{ readonly response: Response; readonly way: Way } | undefined> => {
  let wish = wishOf(door, refused);
  let left = wish === undefined ? [...waiting] : [{ scheme: 'rfc9421', signQuery: true, wish } as const];
  for (let way = left.shift(); way !== undefined; way = left.shift()) {
    const response = await door.ask(way);
    if (counts(door.method, response)) return { response, way };
    door.discard(response);
    if (wish !== undefined) continue;
    wish = wishOf(door, response);
    if (wish !== undefined) left = [{ scheme: 'rfc9421', signQuery: true, wish }];
  }
  return undefined;
};

/**
 * Makes a signed request: in the way that the host understood last, else draft-cavage, and on 400 or 401 in the
 * others, each once. A wish in `Accept-Signature` that can be met is met instead, once. What the host takes after a
 * refusal is remembered. Where nothing helps, the first answer is the one that counts. Rejects like `ask` for the
 * first request; trouble with a further one leaves the first answer as it is.
 */
export const knock = async (schemes: SchemeMemory, door: Door): Promise<Response> => {
  const scheme = await schemes.first(door.url.host);
  const [way, ...others] = waysOf(scheme, door);
  const first = await door.ask(way ?? { scheme, signQuery: true });
  if (!isRefused(first)) return first;
  door.discard(first);
  const again = await knockAgain(door, first, others).catch(() => undefined);
  if (again === undefined) return first;
  if (again.way.scheme !== scheme && again.response.statusCode < 300)
    await schemes.learn(door.url.host, again.way.scheme);
  return again.response;
};
