import ipaddr from 'ipaddr.js';

type Network = readonly [ipaddr.IPv4 | ipaddr.IPv6, number];

const LOOPBACK: readonly Network[] = [ipaddr.parseCIDR('127.0.0.0/8'), ipaddr.parseCIDR('::1/128')];

const parseNetwork = (text: string): readonly Network[] => {
  if (text === 'loopback') return LOOPBACK;
  if (text.includes('/')) return [ipaddr.parseCIDR(text)];
  const address = ipaddr.process(text);
  return [[address, address.kind() === 'ipv4' ? 32 : 128]];
};

/**
 * Tells whose `X-Forwarded-For` is believed. `trusted` holds addresses, networks (`10.0.0.0/8`) and the word
 * `loopback`; throws where one is neither. A peer without an address came through a Unix socket, whose
 * folder decides who may connect.
 */
export const trustProxies = (trusted: readonly string[]): ((address: string | undefined) => boolean) => {
  const networks = trusted.flatMap(parseNetwork);
  return (address) => {
    if (address === undefined) return true;
    if (!ipaddr.isValid(address)) return false;
    const parsed = ipaddr.process(address);
    return networks.some(
      ([network, bits]) => network.kind() === parsed.kind() && parsed.match(network, bits),
    );
  };
};
