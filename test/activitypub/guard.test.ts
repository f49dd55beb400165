import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  checkUrl,
  isForbiddenAddress,
  isPortOfPeer,
  isPrivateAddress,
  SERVICE_PORTS,
} from '../../src/activitypub/guard.ts';
import { anyUrl } from '../support/any-string.ts';

const FORBIDDEN = {
  unspecified: ['0.0.0.0', '0.1.2.3', '::'],
  loopback: ['127.0.0.1', '127.255.255.254', '::1'],
  private: ['10.0.0.1', '172.16.0.1', '172.31.255.255', '192.168.1.1'],
  'unique local': ['fc00::1', 'fd12:3456::1'],
  'link-local': ['169.254.169.254', 'fe80::1', 'fe80::1%eth0'],
  'site-local': ['fec0::1'],
  CGNAT: ['100.64.0.1', '100.127.255.255'],
  multicast: ['224.0.0.1', '239.255.255.255', 'ff02::1'],
  broadcast: ['255.255.255.255'],
  reserved: ['240.0.0.1', '192.0.0.8', '198.18.0.1', '192.88.99.1', '4000::1', 'e000::1'],
  documentation: ['192.0.2.1', '198.51.100.7', '203.0.113.9', '2001:db8::1', '3fff::1'],
  mapped: ['::ffff:127.0.0.1', '::ffff:7f00:1', '::ffff:8.8.8.8'],
  compatible: ['::127.0.0.1', '::7f00:1', '::8.8.8.8'],
  translated: ['::ffff:0:127.0.0.1'],
  NAT64: ['64:ff9b::7f00:1', '64:ff9b::808:808', '64:ff9b:1::1'],
  '6to4': ['2002:7f00:1::', '2002:808:808::1'],
  Teredo: ['2001::1', '2001:0:4136:e378:8000:63bf:3fff:fdd2'],
  ISATAP: ['2a00::5efe:127.0.0.1', '2a00::200:5efe:a00:1'],
  ORCHID: ['2001:10::1', '2001:20::1'],
  discard: ['100::1'],
  'segment routing': ['5f00::1'],
  'not an address': ['', 'localhost', '2130706433', '0x7f.1', '0177.0.0.1', '127.1', '1.2.3.4.5', '[::1]'],
};

describe('isForbiddenAddress', () => {
  test.each(Object.entries(FORBIDDEN).flatMap(([kind, all]) => all.map((ip) => [kind, ip] as const)))(
    '%s: %s',
    (_, ip) => {
      expect(isForbiddenAddress(ip)).toBe(true);
    },
  );

  test.each([
    '1.1.1.1',
    '8.8.8.8',
    '100.63.255.255',
    '100.128.0.1',
    '172.15.0.1',
    '172.32.0.1',
    '223.255.255.255',
    '2606:4700::1111',
    '2a00:1450:4001::1',
    '2003::1',
  ])('%s may be connected to', (ip) => {
    expect(isForbiddenAddress(ip)).toBe(false);
  });

  test('every way to write an IPv4 address inside an IPv6 one is forbidden', () => {
    fc.assert(
      fc.property(fc.ipV4(), (ip) => {
        expect(isForbiddenAddress(`::ffff:${ip}`)).toBe(true);
        expect(isForbiddenAddress(`::${ip}`)).toBe(true);
        expect(isForbiddenAddress(`64:ff9b::${ip}`)).toBe(true);
      }),
    );
  });

  test('never throws', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.ipV6(), fc.ipV4Extended()), (ip) => {
        expect(typeof isForbiddenAddress(ip)).toBe('boolean');
        expect(typeof isPrivateAddress(ip)).toBe('boolean');
      }),
    );
  });
});

test('the development switch opens loopback and private addresses, not the metadata service', () => {
  const open = ['127.0.0.1', '::1', '10.0.0.1', 'fd00::1', '::ffff:127.0.0.1'];
  const shut = [
    '169.254.169.254',
    'fe80::1',
    '0.0.0.0',
    '224.0.0.1',
    '8.8.8.8',
    'localhost',
    '64:ff9b::7f00:1',
  ];
  expect(open.map(isPrivateAddress)).toEqual(open.map(() => true));
  expect(shut.map(isPrivateAddress)).toEqual(shut.map(() => false));
});

const strict = { allowPrivate: false };
const dev = { allowPrivate: true };

describe('checkUrl', () => {
  test.each([
    'https://m.example/u/a?b#c',
    'https://m.example:443/',
    'https://m.example:8443/',
    'https://bücher.example/',
  ])('takes %s', (url) => {
    expect(checkUrl(url, strict).ok).toBe(true);
  });

  test.each([
    ['http', 'http://m.example/'],
    ['ftp', 'ftp://m.example/'],
    ['file', 'file:///etc/passwd'],
    ['data', 'data:application/json,{}'],
    ['gopher', 'gopher://m.example/'],
    ['acct', 'acct:a@m.example'],
    ['userinfo', 'https://a@m.example/'],
    ['a password', 'https://:b@m.example/'],
    ['ssh', 'https://m.example:22/'],
    ['smtp', 'https://m.example:25/'],
    ['http port', 'https://m.example:80/'],
    ['postgres', 'https://m.example:5432/'],
    ['redis', 'https://m.example:6379/'],
    ['the component port', 'https://m.example:5347/'],
    ['memcached', 'https://m.example:11211/'],
    ['port 0', 'https://m.example:0/'],
    ['an address', 'https://8.8.8.8/'],
    ['an address of six', 'https://[2606:4700::1111]/'],
    ['decimal', 'https://2130706433/'],
    ['octal', 'https://0177.0.0.1/'],
    ['hexadecimal', 'https://0x7f000001/'],
    ['short', 'https://127.1/'],
    ['full-width digits', 'https://１２７.0.0.1/'],
    ['localhost', 'https://localhost/'],
    ['a name in localhost', 'https://a.localhost/'],
    ['localhost with a dot', 'https://localhost./'],
    ['a dot at the end', 'https://m.example./'],
    ['a single name', 'https://intranet/'],
    ['no URL', 'm.example/u/a'],
    ['nothing', ''],
    ['too long', `https://m.example/${'a'.repeat(4096)}`],
  ])('refuses %s', (_, url) => {
    expect(checkUrl(url, strict).ok).toBe(false);
  });
});

describe('checkUrl and the development switch', () => {
  test('http, single names, private addresses', () => {
    const open = [
      'http://127.0.0.1:8101/',
      'http://snac.test/',
      'https://localhost:8443/',
      'http://[::1]:8101/',
    ];
    expect(open.map((url) => checkUrl(url, dev).ok)).toEqual(open.map(() => true));
    const shut = [
      'http://169.254.169.254/',
      'http://8.8.8.8/',
      'ftp://m.test/',
      'http://a@m.test/',
      'http://m.test:22/',
    ];
    expect(shut.map((url) => checkUrl(url, dev).ok)).toEqual(shut.map(() => false));
  });

  test('what strict takes, the switch takes too', () => {
    fc.assert(
      fc.property(anyUrl(), (url) => {
        expect(checkUrl(url, dev).ok || !checkUrl(url, strict).ok).toBe(true);
      }),
    );
  });
});

describe('ports', () => {
  const taken = (port: number, rules: Parameters<typeof checkUrl>[1], scheme = 'https'): boolean =>
    checkUrl(`${scheme}://m.example:${port}/`, rules).ok;

  test.each([...SERVICE_PORTS])('%i, where something else listens, is refused', (port) => {
    expect([taken(port, strict), taken(port, dev), taken(port, dev, 'http')]).toEqual([false, false, false]);
  });

  test('those that are most worth an attack are among them', () => {
    const worth = [1433, 1521, 2049, 2375, 3306, 3389, 5222, 5269, 5347, 5432, 6379, 6443, 8500, 9200, 10250];
    expect([...worth, 11211, 15672, 27017].filter((port) => !SERVICE_PORTS.has(port))).toEqual([]);
  });

  test('below 1024 there is 443 alone, and from there on all but those', () => {
    const all = Array.from({ length: 65_536 }, (_, port) => port);
    const open = all.filter((port) => taken(port, strict));
    expect(open).toEqual(all.filter((port) => port === 443 || (port >= 1024 && !SERVICE_PORTS.has(port))));
  });
});

test('a URL of our own is refused, however it is written; another port is another server', () => {
  const rules = { allowPrivate: false, ownHost: 'ap.example' };
  for (const url of ['https://ap.example/u/1', 'https://AP.example:443/inbox', 'https://ap%2eexample/'])
    expect(checkUrl(url, rules).ok).toBe(false);
  for (const url of ['https://ap.example:8443/', 'https://www.ap.example/', 'https://ap.example.org/'])
    expect(checkUrl(url, rules).ok).toBe(true);
});

test.each([
  ['https://m.example/', 'https://other.example/', true],
  ['https://m.example:8443/', 'https://m.example:8443/u', true],
  ['https://m.example:8443/', 'https://other.example/', true],
  ['https://m.example/', 'https://m.example:8443/', false],
  ['https://m.example:8443/', 'https://m.example:8444/', false],
])('from %s on to the port of %s: %s', (from, to, allowed) => {
  expect(isPortOfPeer(new URL(to), new URL(from))).toBe(allowed);
});
