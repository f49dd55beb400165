import { createHmac, createPublicKey } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { messageBase } from '../../../src/activitypub/signatures/message-base.ts';
import { readDictionary, readInnerList } from '../../../src/activitypub/signatures/structured-field.ts';
import { verifySignature } from '../../../src/activitypub/signatures/verify.ts';

/** `test-request` of RFC 9421 B.2. */
const REQUEST = {
  method: 'POST',
  target: '/foo?param=Value&Pet=dog',
  headers: [
    ['host', 'example.com'],
    ['date', 'Tue, 20 Apr 2021 02:07:55 GMT'],
    ['content-type', 'application/json'],
    [
      'content-digest',
      'sha-512=:WZDPaVn/7XgHaAy8pmojAkGWoRx2UFChF41A2svX+TaPm+AbwAgBWnrIiYllu7BNNyealdVLvRwEmTHWXvJwew==:',
    ],
    ['content-length', '18'],
  ],
} as const;

const baseOf = (input: string, request: Parameters<typeof messageBase>[0] = REQUEST): string => {
  const parsed = readDictionary(`sig=${input}`, readInnerList);
  const list = parsed.ok ? parsed.value.get('sig') : undefined;
  if (list === undefined) return 'unreadable';
  const base = messageBase(request, 'https://example.com', list);
  return base.ok ? base.value : base.problem;
};

describe('RFC 9421 B.2', () => {
  test('1. nothing signed', () => {
    const input = '();created=1618884473;keyid="test-key-rsa-pss";nonce="b3k2pp5k7z-50gnwp.yemd"';
    expect(baseOf(input)).toBe(`"@signature-params": ${input}`);
  });

  test('2. a component with a parameter is not understood', () => {
    expect(baseOf('("@authority" "content-digest" "@query-param";name="Pet");created=1618884473')).toBe(
      'unreadable',
    );
  });

  test('3. everything signed', () => {
    const input =
      '("date" "@method" "@path" "@query" "@authority" "content-type" "content-digest" "content-length");created=1618884473;keyid="test-key-rsa-pss"';
    expect(baseOf(input)).toBe(
      [
        '"date": Tue, 20 Apr 2021 02:07:55 GMT',
        '"@method": POST',
        '"@path": /foo',
        '"@query": ?param=Value&Pet=dog',
        '"@authority": example.com',
        '"content-type": application/json',
        '"content-digest": sha-512=:WZDPaVn/7XgHaAy8pmojAkGWoRx2UFChF41A2svX+TaPm+AbwAgBWnrIiYllu7BNNyealdVLvRwEmTHWXvJwew==:',
        '"content-length": 18',
        `"@signature-params": ${input}`,
      ].join('\n'),
    );
  });

  test('5. hmac-sha256, which is no signature but proves the base', () => {
    const secret = 'uzvJfB4u3N0Jy4T7NZ75MDVcr8zSTInedJtkgcu46YW4XByzNJjxBdtjUkdJPBtbmHhIDi6pcl8jsasjlTMtDQ==';
    const base = baseOf('("date" "@authority" "content-type");created=1618884473;keyid="test-shared-secret"');
    const mac = createHmac('sha256', Buffer.from(secret, 'base64')).update(base).digest('base64');
    expect(mac).toBe('pxcQw6G3AjtMBQjwo8XzkZf/bws5LelbaMk5rGIGtE8=');
  });

  test('6. ed25519', () => {
    const publicKey = createPublicKey({
      format: 'jwk',
      key: { kty: 'OKP', crv: 'Ed25519', x: 'JrQLj5P_89iXES9-vFgrIy29clF9CC_oPPsw3c5D0bs' },
    });
    const base = baseOf(
      '("date" "@method" "@path" "@authority" "content-type" "content-length");created=1618884473;keyid="test-key-ed25519"',
    );
    const signature = Buffer.from(
      'wqcAqbmYJ2ji2glfAMaRy4gruYYnx2nEFN2HN6jrnDnQCK1u02Gb04v9EDgwUPiu4A0w6vuQv5lIp5WPpBKRCw==',
      'base64',
    );
    const read = { keyId: 'test-key-ed25519', algorithm: undefined, signature };
    expect(verifySignature({ ...read, bases: [base] }, publicKey)).toBe(true);
    expect(verifySignature({ ...read, bases: [base.replace('POST', 'PUT')] }, publicKey)).toBe(false);
  });
});

describe('components', () => {
  test('the target, its query empty or not there', () => {
    const input = '("@target-uri" "@request-target" "@path" "@query")';
    expect(
      baseOf(input, { ...REQUEST, target: '/a%20b?' })
        .split('\n')
        .slice(0, 4),
    ).toEqual([
      '"@target-uri": https://example.com/a%20b?',
      '"@request-target": /a%20b?',
      '"@path": /a%20b',
      '"@query": ?',
    ]);
    expect(baseOf('("@query")', { ...REQUEST, target: '/' })).toContain('"@query": ?\n');
  });

  test('a field that comes twice is joined, in the order of arrival', () => {
    const headers = [
      ['x-a', ' one '],
      ['x-b', 'between'],
      ['x-a', 'two'],
    ] as const;
    expect(baseOf('("x-a")', { ...REQUEST, headers })).toContain('"x-a": one, two\n');
  });

  test('another form of target than a path is refused', () => {
    expect(baseOf('("@method")', { ...REQUEST, target: 'https://evil.example/' })).toContain('no path');
  });
});
