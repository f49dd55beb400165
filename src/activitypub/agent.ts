import { lookup as systemLookup } from 'node:dns/promises';
import { isIP, type LookupFunction } from 'node:net';
import { Agent, buildConnector } from 'undici';
import { isForbiddenAddress, isPrivateAddress } from './guard.ts';

const CONNECT_MS = 5_000;
const IDLE_MS = 10_000;
/** However long a peer offers to keep a connection. */
const KEEP_ALIVE_MAX_MS = 60_000;
const MAX_HEADER_BYTES = 16_384;
const MAX_CONNECTIONS_PER_ORIGIN = 8;

/** Every address of a host, as the system resolves it (hosts file too); rejects with `code` ENOTFOUND and the like. */
export type ResolveHost = (
  hostname: string,
) => Promise<readonly { readonly address: string; readonly family: number }[]>;

/** Thrown into a connection attempt: everything that the name stands for is out of bounds. */
export class ForbiddenAddressError extends Error {
  readonly code = 'FORBIDDEN_ADDRESS';
  override readonly name = 'ForbiddenAddressError';
}

const resolveBySystem: ResolveHost = (hostname) => systemLookup(hostname, { all: true });

/** RFC 6761 6.4: names under `invalid.` exist nowhere; asking would only wait for a resolver. */
const isInvalidName = (hostname: string): boolean => hostname === 'invalid' || hostname.endsWith('.invalid');

const notFound = (hostname: string): Error =>
  Object.assign(new Error(`no such host: ${hostname}`), { code: 'ENOTFOUND' });

const mayConnect = (address: string, allowPrivate: boolean): boolean =>
  !isForbiddenAddress(address) || (allowPrivate && isPrivateAddress(address));

const toError = (error: unknown): Error => (error instanceof Error ? error : new Error(String(error)));

/**
 * A lookup that hands the socket only addresses that were checked: what is checked is what is connected to,
 * so that a name which changes its mind (DNS rebinding) gains nothing.
 */
const guardLookup =
  (resolve: ResolveHost, allowPrivate: boolean): LookupFunction =>
  (hostname, options, callback) => {
    const answer = async (): Promise<readonly { address: string; family: number }[]> => {
      if (isInvalidName(hostname)) throw notFound(hostname);
      const all = await resolve(hostname);
      const allowed = all.filter(({ address }) => mayConnect(address, allowPrivate));
      if (allowed.length > 0) return allowed.map(({ address, family }) => ({ address, family }));
      throw all.length === 0 ? notFound(hostname) : new ForbiddenAddressError(`${hostname} is out of bounds`);
    };
    answer().then(
      (addresses) => {
        const [first] = addresses;
        if (options.all === true) callback(null, [...addresses]);
        else callback(null, first?.address ?? '', first?.family);
      },
      (error: unknown) => callback(toError(error), ''),
    );
  };

/**
 * The one HTTP client of the gateway (undici). It never connects to a forbidden address, whatever a name or a
 * URL says; with `allowPrivate` also to loopback and private ones. Proxy variables are ignored; certificates
 * are checked against the system's roots and NODE_EXTRA_CA_CERTS.
 */
export const createAgent = ({
  allowPrivate,
  resolve = resolveBySystem,
}: {
  readonly allowPrivate: boolean;
  readonly resolve?: ResolveHost;
}): Agent => {
  const connect = buildConnector({
    timeout: CONNECT_MS,
    allowH2: false, // one request on one connection: the signed Host header and nothing else names the peer
    lookup: guardLookup(resolve, allowPrivate),
  });
  return new Agent({
    connections: MAX_CONNECTIONS_PER_ORIGIN,
    headersTimeout: IDLE_MS,
    bodyTimeout: IDLE_MS,
    keepAliveMaxTimeout: KEEP_ALIVE_MAX_MS,
    maxHeaderSize: MAX_HEADER_BYTES,
    connect: (options, callback) => {
      // A literal address is never looked up, so it is checked here.
      const literal = options.hostname.startsWith('[') ? options.hostname.slice(1, -1) : options.hostname;
      if (isIP(literal) !== 0 && !mayConnect(literal, allowPrivate))
        callback(new ForbiddenAddressError(`${literal} is out of bounds`), null);
      else connect(options, callback);
    },
  });
};
