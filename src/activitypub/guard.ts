import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';
import { done, malformed, type Parsed } from '../bridge/outcome.ts';

const GLOBAL_IPV6 = ipaddr.IPv6.parseCIDR('2000::/3');

const MAX_URL = 4096;

/**
 * Ports from 1024 up that speak something else than HTTPS. A URL from a stranger must not make us knock there:
 * a request line is enough to trouble some of these.
 */
export const SERVICE_PORTS: ReadonlySet<number> = new Set([
  1080, 1099, 1194, 1433, 1434, 1521, 1723, 1883, 2049, 2181, 2375, 2376, 2377, 2379, 2380, 2525, 3128, 3260,
  3306, 3310, 3389, 3690, 4190, 4243, 4369, 5000, 5044, 5060, 5061, 5222, 5223, 5269, 5270, 5280, 5281, 5347,
  5432, 5433, 5555, 5601, 5672, 5900, 5984, 5985, 5986, 6000, 6379, 6380, 6432, 6443, 6566, 6660, 6661, 6662,
  6663, 6664, 6665, 6666, 6667, 6668, 6669, 6697, 7000, 7001, 7077, 7474, 7687, 8009, 8086, 8125, 8200, 8300,
  8500, 8883, 8983, 9000, 9042, 9090, 9092, 9100, 9200, 9300, 9418, 10250, 10255, 10257, 10259, 11211, 11434,
  15672, 16379, 26379, 26257, 27017, 27018, 27019, 28015, 28017, 50070, 61616,
]);

/** ISATAP (RFC 5214 6.1): an IPv4 address in the lower half of one that looks like any other. */
const carriesIsatap = (address: ipaddr.IPv6): boolean => {
  const [, , , , flags, mark] = address.parts;
  return mark === 0x5efe && (flags === 0 || flags === 0x200);
};

/**
 * Whether the gateway must never connect to this address: everything that is not a public unicast address.
 * Addresses that carry another one inside (mapped, compatible, NAT64, 6to4, Teredo, ISATAP) are refused whole, for
 * what they reach depends on the network. What is no address at all is forbidden too.
 */
export const isForbiddenAddress = (ip: string): boolean => {
  // NOTE: ipaddr.js also reads `0x7f.1` and the like; the resolver gives plain forms only.
  if (isIP(ip) === 0) return true;
  const address = ipaddr.parse(ip.split('%', 1)[0] ?? ip);
  if (address.range() !== 'unicast') return true;
  return address instanceof ipaddr.IPv6 && (!address.match(GLOBAL_IPV6) || carriesIsatap(address));
};

/** Loopback and private addresses: what the development switch opens, and nothing more. */
export const isPrivateAddress = (ip: string): boolean => {
  if (isIP(ip) === 0) return false;
  const range = ipaddr.process(ip.split('%', 1)[0] ?? ip).range();
  return range === 'loopback' || range === 'private' || range === 'uniqueLocal';
};

const isAllowedPort = (url: URL, allowPrivate: boolean): boolean => {
  if (url.port === '') return true; // 443, or 80 for http:
  const port = Number(url.port);
  if (allowPrivate && port === (url.protocol === 'https:' ? 80 : 443)) return true;
  return port >= 1024 && !SERVICE_PORTS.has(port);
};

/**
 * Whether a peer that was reached at `from` may send us on to `to`: to the port of the scheme or to its own, and to
 * no other. Else a WebFinger answer or a redirect would make us knock at any port of any host.
 */
export const isPortOfPeer = (to: Pick<URL, 'port'>, from: Pick<URL, 'port'>): boolean =>
  to.port === '' || to.port === from.port;

/** `[::1]` without its brackets. The WHATWG parser has already turned `0x7f.1` and `2130706433` to four numbers. */
const literalAddress = (hostname: string): string | undefined => {
  const bare = hostname.startsWith('[') ? hostname.slice(1, -1) : hostname;
  return isIP(bare) === 0 ? undefined : bare;
};

const isLocalName = (hostname: string): boolean => !hostname.includes('.') || hostname.endsWith('.localhost');

const problemOfHost = (hostname: string, allowPrivate: boolean): string | undefined => {
  const address = literalAddress(hostname);
  if (address !== undefined && !(allowPrivate && isPrivateAddress(address)))
    return 'an address instead of a name';
  if (hostname.endsWith('.')) return 'a dot at the end of the host';
  return isLocalName(hostname) && address === undefined && !allowPrivate
    ? 'a name of the local network'
    : undefined;
};

/**
 * Whether a URL from a stranger may be fetched or posted to: https, port 443 or one from 1024 up that no
 * well-known service uses, a name with a dot that is not an address, no userinfo. With `allowPrivate` (the
 * development switch) also http, single names and private addresses. Names are not resolved here: the agent
 * checks what they resolve to when it connects. `ownHost` is ours, port and all: whoever sends us there wants us
 * to take one of our own people for somebody elsewhere, or to talk to ourselves for ever.
 */
export const checkUrl = (
  text: string,
  { allowPrivate, ownHost }: { readonly allowPrivate: boolean; readonly ownHost?: string },
): Parsed<URL> => {
  const url = text.length > MAX_URL ? null : URL.parse(text);
  if (url === null) return malformed('not a URL, or too long');
  if (url.protocol !== 'https:' && !(allowPrivate && url.protocol === 'http:'))
    return malformed(`scheme ${url.protocol.slice(0, 20)} is refused`);
  if (url.username !== '' || url.password !== '') return malformed('userinfo in a URL');
  if (!isAllowedPort(url, allowPrivate)) return malformed(`port ${url.port} is refused`);
  if (ownHost !== undefined && url.host === ownHost) return malformed('a URL of our own');
  const problem = problemOfHost(url.hostname, allowPrivate);
  return problem === undefined ? done(url) : malformed(problem);
};
