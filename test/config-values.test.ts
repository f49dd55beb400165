import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import * as values from '../src/config-values.ts';

const take = (schema: { safeParse: (raw: unknown) => { data?: unknown } }, raw: unknown): unknown =>
  schema.safeParse(raw).data;

describe('a duration', () => {
  test.each([
    ['24h', 86_400],
    ['30d', 2_592_000],
    ['90s', 90],
    ['10m', 600],
    ['0', 0],
    [0, 0],
    ['0h', 0],
    ['1.5h', undefined],
    ['24', undefined],
    [24, undefined],
    ['-1h', undefined],
    ['24 h', undefined],
    ['999999d', undefined],
    ['', undefined],
    [true, undefined],
  ])('%j is %j seconds', (raw, seconds) => expect(take(values.duration, raw)).toBe(seconds));
});

describe('a listen address', () => {
  test.each([
    ['127.0.0.1:8080', { kind: 'tcp', host: '127.0.0.1', port: 8080 }],
    ['[::1]:8080', { kind: 'tcp', host: '::1', port: 8080 }],
    ['localhost:1', { kind: 'tcp', host: 'localhost', port: 1 }],
    ['unix:/run/causeway/http.sock', { kind: 'unix', path: '/run/causeway/http.sock' }],
    ['unix:relative', undefined],
    [`unix:/${'x'.repeat(107)}`, undefined],
    ['::1:8080', undefined],
    ['[localhost]:8080', undefined],
    ['127.0.0.1', undefined],
    ['127.0.0.1:0', undefined],
    ['127.0.0.1:65536', undefined],
    ['127.0.0.1:8080x', undefined],
    [':8080', undefined],
    [8080, undefined],
  ])('%j is %j', (raw, address) => expect(take(values.listenAddress, raw)).toEqual(address));

  test('off is no address at all, and is not refused', () => {
    for (const off of ['off', false]) {
      expect(values.optionalListenAddress.safeParse(off)).toEqual({ success: true, data: undefined });
    }
    expect(values.optionalListenAddress.safeParse('on').success).toBe(false);
  });
});

describe('a domain', () => {
  test.each([
    ['AP.Example.ORG', 'ap.example.org'],
    ['bücher.example', 'xn--bcher-kva.example'],
    ['localhost', 'localhost'],
    ['ap.example.org.', undefined],
    ['ap..example', undefined],
    ['https://ap.example.org', undefined],
    ['ap.example.org:443', undefined],
    ['ap.example.org/path', undefined],
    ['192.0.2.1', undefined],
    ['::1', undefined],
    [`${'a'.repeat(64)}.example`, undefined],
    ['a b.example', undefined],
    ['', undefined],
  ])('%j is %j', (raw, domain) => expect(take(values.domain, raw)).toBe(domain));
});

describe('a bare JID', () => {
  test.each([
    ['Alice@XMPP.Example', 'alice@xmpp.example'],
    ['juliet\\40example.com@xmpp.example', 'juliet\\40example.com@xmpp.example'],
    ['alice@xmpp.example/phone', undefined],
    ['xmpp.example', undefined],
    ['@xmpp.example', undefined],
    ['alice@', undefined],
    ['a b@xmpp.example', undefined],
    ['a@b@c.example', undefined],
  ])('%j is %j', (raw, jid) => expect(take(values.bareJid, raw)).toBe(jid));
});

describe('other values', () => {
  test.each([
    [values.flag, 'true', true],
    [values.flag, false, false],
    [values.flag, 'yes', undefined],
    [values.flag, 1, undefined],
    [values.count, '0', 0],
    [values.count, 3000, 3000],
    [values.count, '1e3', undefined],
    [values.count, -1, undefined],
    [values.count, 1.5, undefined],
    [values.count, Number.NaN, undefined],
    [values.language, 'de-at', 'de-AT'],
    [values.language, 'not a language', undefined],
    [values.proxy, 'loopback', 'loopback'],
    [values.proxy, '10.0.0.0/8', '10.0.0.0/8'],
    [values.proxy, 'fd00::/8', 'fd00::/8'],
    [values.proxy, '10.0.0.0/33', undefined],
    [values.proxy, '10.0.0.0/8/8', undefined],
    [values.proxy, 'caddy', undefined],
    [values.databaseUrl, 'postgres://u:p@h:5432/d', 'postgres://u:p@h:5432/d'],
    [values.databaseUrl, 'postgresql:///d?host=/run/postgresql', 'postgresql:///d?host=/run/postgresql'],
    [values.databaseUrl, 'mysql://u:p@h/d', undefined],
    [values.secretKey, '0f'.repeat(32), '0f'.repeat(32)],
    [values.secretKey, `${'A'.repeat(43)}=`, `${'A'.repeat(43)}=`],
    [values.secretKey, '0f'.repeat(31), undefined],
  ])('%# takes or refuses %j', (schema, raw, value) => expect(take(schema, raw)).toEqual(value));

  test('a list is a YAML list or text between commas, without repeats and empty parts', () => {
    const domains = values.list(values.domain);
    expect(take(domains, ' B.example, a.example,,b.example , B.example')).toEqual([
      'b.example',
      'a.example',
      'b.example',
    ]);
    expect(take(domains, ['a.example'])).toEqual(['a.example']);
    expect(take(domains, '')).toEqual([]);
    expect(take(domains, ['a.example', 5])).toBeUndefined();
    expect(take(domains, 'a.example,b c')).toBeUndefined();
  });
});

test('no schema throws or hangs, whatever it is given', () => {
  const schemas = [
    values.flag,
    values.count,
    values.duration,
    values.domain,
    values.bareJid,
    values.list(values.proxy),
    values.listenAddress,
    values.optionalListenAddress,
    values.serverAddress,
    values.url,
    values.language,
    values.databaseUrl,
    values.secretKey,
  ];
  fc.assert(
    fc.property(fc.anything({ withBigInt: true, withNullPrototype: true }), fc.string(), (raw, text) => {
      for (const schema of schemas) {
        expect(() => schema.safeParse(raw)).not.toThrow();
        expect(() => schema.safeParse(text)).not.toThrow();
      }
    }),
  );
});

test('an address that is printed reads as itself', () => {
  const port = fc.integer({ min: 1, max: 65_535 });
  fc.assert(
    fc.property(fc.ipV4(), port, (host, number) => {
      expect(values.parseServerAddress(`${host}:${number}`)).toEqual({ host, port: number });
    }),
  );
  fc.assert(
    fc.property(fc.ipV6(), port, (host, number) => {
      expect(values.parseServerAddress(`[${host}]:${number}`)).toEqual({ host, port: number });
    }),
  );
});
