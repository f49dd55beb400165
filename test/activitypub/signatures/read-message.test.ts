import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { readSignature, verifySignature } from '../../../src/activitypub/signatures/verify.ts';
import type { RawRequest } from '../../../src/activitypub/types.ts';
import { quickest } from '../../support/quickest.ts';
import { makeKey } from '../support/keys.ts';
import {
  CREATED,
  contentDigestOf,
  KEY_ID,
  MESSAGE_BODY,
  METHOD,
  PARAMETERS,
  SIGNED_DIGEST,
  signMessage,
  TARGET_URI,
} from '../support/messages.ts';
import { NOW, RULES, signedPost, withHeader, withoutHeader } from '../support/requests.ts';

const rsa = makeKey(KEY_ID);
const edwards = generateKeyPairSync('ed25519');

const check = (request: RawRequest, key: KeyObject = rsa.publicKey, rules = RULES): string => {
  const read = readSignature(request, rules);
  if (!read.ok) return read.problem;
  return verifySignature(read.value, key) ? 'valid' : 'wrong key';
};
const signed = (parts: Parameters<typeof signMessage>[1] = {}): RawRequest =>
  signMessage(rsa.privateKey, parts);
const headerOf = (request: RawRequest, name: string): string =>
  request.headers.find(([each]) => each === name)?.[1] ?? '';

describe('a message is valid', () => {
  test('signed with RSA or Ed25519, the algorithm named or not', () => {
    for (const alg of ['', ';alg="rsa-v1_5-sha256"'])
      expect(check(signed({ parameters: PARAMETERS + alg }))).toBe('valid');
    for (const alg of ['', ';alg="ed25519"']) {
      const request = signMessage(edwards.privateKey, { parameters: PARAMETERS + alg });
      expect(check(request, edwards.publicKey)).toBe('valid');
    }
  });

  test('over authority and path, or authority and request target, in the place of the URI', () => {
    const authority = ['"@authority"', 'ap.example'] as const;
    for (const part of ['"@path"', '"@request-target"'])
      expect(check(signed({ components: [METHOD, authority, [part, '/inbox'], SIGNED_DIGEST] }))).toBe(
        'valid',
      );
  });

  test('with a query, and where the peer left the query out', () => {
    const target = '/inbox?a=b';
    const whole = ['"@target-uri"', 'https://ap.example/inbox?a=b'] as const;
    expect(check(signed({ target, components: [METHOD, whole, SIGNED_DIGEST] }))).toBe('valid');
    expect(check(signed({ target }))).toBe('valid');
  });

  test('as a GET without a digest', () => {
    const get = signed({ method: 'GET', body: '', components: [['"@method"', 'GET'], TARGET_URI] });
    expect(check(withoutHeader(get, 'content-digest'))).toBe('valid');
  });

  test('with SHA-512, with both digests, and beside one that is not known', () => {
    const [a, b] = [contentDigestOf(MESSAGE_BODY), contentDigestOf(MESSAGE_BODY, 'sha512')];
    for (const digest of [b, `${a}, ${b}`, `md5=:AAAA:, ${a}`])
      expect(check(signed({ digest, components: [METHOD, TARGET_URI, ['"content-digest"', digest]] }))).toBe(
        'valid',
      );
  });

  test('made up to an hour ago or ahead, and not expired', () => {
    for (const seconds of [-3599, 3599]) {
      const created = CREATED + seconds;
      const parameters = `;created=${created};expires=${created + 3600};keyid="${KEY_ID}";nonce="n";tag="t"`;
      expect(check(signed({ parameters }))).toBe('valid');
    }
  });
});

describe('a message does not fit', () => {
  test('with another key, or a key of another kind than it names', () => {
    expect(check(signed(), makeKey(KEY_ID, { pair: 'other' }).publicKey)).toBe('wrong key');
    expect(check(signed(), makeKey(KEY_ID, { bits: 1024 }).publicKey)).toBe('wrong key');
    expect(check(signed({ parameters: `${PARAMETERS};alg="ed25519"` }))).toBe('wrong key');
    const parameters = `${PARAMETERS};alg="rsa-v1_5-sha256"`;
    expect(check(signMessage(edwards.privateKey, { parameters }), edwards.publicKey)).toBe('wrong key');
    expect(check(signMessage(edwards.privateKey))).toBe('wrong key');
  });

  test('for another host, scheme, path or method than it was signed for', () => {
    for (const uri of [
      'https://other.example/inbox',
      'http://ap.example/inbox',
      'https://ap.example/u/1/inbox',
    ])
      expect(check(signed({ components: [METHOD, ['"@target-uri"', uri], SIGNED_DIGEST] }))).toBe(
        'wrong key',
      );
    expect(check({ ...signed(), method: 'PUT' })).toBe('wrong key');
  });

  test('by what a proxy or the sender says of host and scheme', () => {
    const components = [METHOD, ['"@target-uri"', 'https://evil.example/inbox'], SIGNED_DIGEST] as const;
    const request = withHeader(signed({ components }), 'host', 'evil.example');
    const headers = [...request.headers, ['x-forwarded-host', 'evil.example'] as const];
    expect(check({ ...request, headers })).toBe('wrong key');
  });
});

describe('a message is not valid', () => {
  test.each([
    ['no method', [TARGET_URI, SIGNED_DIGEST], 'the method'],
    ['no target', [METHOD, SIGNED_DIGEST], 'the target'],
    ['a path without its host', [METHOD, ['"@path"', '/inbox'], SIGNED_DIGEST], 'the target'],
    ['no digest', [METHOD, TARGET_URI], 'the content-digest'],
    ['nothing', [], 'the method'],
    ['a component twice', [METHOD, METHOD, TARGET_URI, SIGNED_DIGEST], 'twice'],
    ['an unknown component', [METHOD, TARGET_URI, SIGNED_DIGEST, ['"@all"', '']], 'unknown'],
    ['a field that is not there', [METHOD, TARGET_URI, SIGNED_DIGEST, ['"date"', '']], 'missing'],
    ['itself', [METHOD, TARGET_URI, SIGNED_DIGEST, ['"signature"', '']], 'unknown'],
    ['a field in capitals', [METHOD, TARGET_URI, SIGNED_DIGEST, ['"Host"', 'ap.example']], 'unknown'],
    ['a component with a parameter', [METHOD, TARGET_URI, ['"content-digest";sf', '']], 'not signed'],
    [
      'the method of the request before',
      [['"@method";req', 'POST'], TARGET_URI, SIGNED_DIGEST],
      'not signed',
    ],
  ] as const)('over %s', (_, components, problem) => {
    expect(check(signed({ components }))).toContain(problem);
  });

  test.each([
    ['no time', `;keyid="${KEY_ID}"`, 'no time'],
    ['a time that is text', `;created="${CREATED}";keyid="${KEY_ID}"`, 'no time'],
    ['a time that is no integer', `;created=${CREATED}.5;keyid="${KEY_ID}"`, 'cannot be read'],
    ['a time of 1e308', `;created=1e308;keyid="${KEY_ID}"`, 'no comma'],
    ['a time before 1970', `;created=-1;keyid="${KEY_ID}"`, 'not near'],
    ['two hours ago', `;created=${CREATED - 7200};keyid="${KEY_ID}"`, 'not near'],
    ['in two hours', `;created=${CREATED + 7200};keyid="${KEY_ID}"`, 'not near'],
    ['an end before the beginning', `${PARAMETERS};expires=${CREATED - 1}`, 'expired before'],
    ['an end that is over', `;created=${CREATED - 60};expires=${CREATED - 1};keyid="${KEY_ID}"`, 'expired'],
    ['an end that is text', `${PARAMETERS};expires="never"`, 'no number'],
    ['no key', `;created=${CREATED}`, 'keyid'],
    ['an empty key', `;created=${CREATED};keyid=""`, 'keyid'],
    ['two keys', `${PARAMETERS};keyid="https://m.example/u/bob#main-key"`, 'cannot be read'],
    ['a MAC', `${PARAMETERS};alg="hmac-sha256"`, 'not understood'],
    ['no algorithm', `${PARAMETERS};alg="none"`, 'not understood'],
    ['PSS', `${PARAMETERS};alg="rsa-pss-sha512"`, 'not understood'],
    ['a parameter that nobody defined', `${PARAMETERS};trust="me"`, 'nobody defined'],
  ])('with %s', (_, parameters, problem) => {
    expect(check(signed({ parameters }))).toContain(problem);
  });

  test('when the digest is of another body, is not sent, or is only one of two that fit', () => {
    expect(check({ ...signed(), body: Buffer.from('{}') })).toContain('not that of the body');
    expect(check(withoutHeader(signed(), 'content-digest'))).toContain('label');
    const digest = `${contentDigestOf(MESSAGE_BODY)}, ${contentDigestOf('x', 'sha512')}`;
    const components = [METHOD, TARGET_URI, ['"content-digest"', digest]] as const;
    expect(check(signed({ digest, components }))).toContain('not that of the body');
  });
});

const other = makeKey('https://m.example/u/mallory#main-key', { pair: 'other' });

describe('whose of several signatures is it', () => {
  /** Both in each field, in this order. */
  const together = (first: RawRequest, second: RawRequest): RawRequest =>
    ['signature-input', 'signature'].reduce(
      (request, name) => withHeader(request, name, `${headerOf(request, name)}, ${headerOf(second, name)}`),
      first,
    );

  test('of two that cover everything nobody’s: the victim’s words under the attacker’s signature', () => {
    const mine = signMessage(other.privateKey, { label: 'sig2' });
    expect(check(together(signed(), mine))).toBe('more than one signature');
    const lines = { ...signed(), headers: [...signed().headers, ...mine.headers.slice(2)] };
    expect(check(lines)).toBe('more than one signature');
  });

  test('of several the one that covers everything, wherever it stands', () => {
    const less = { label: 'proxy', components: [METHOD, SIGNED_DIGEST] };
    const mine = signMessage(other.privateKey, less);
    for (const both of [together(signed(), mine), together(mine, signed())]) {
      expect(check(both)).toBe('valid');
      expect(check(both, other.publicKey)).toBe('wrong key');
      expect(readSignature(both, RULES)).toMatchObject({ value: { keyId: KEY_ID } });
    }
    const bare = signMessage(other.privateKey, { label: 'bare', components: [], parameters: '' });
    expect(check(together(bare, together(signed(), mine)))).toBe('valid');
  });

  test('nobody’s, where several cover everything only together', () => {
    const one = signed({ components: [METHOD, TARGET_URI] });
    const rest = signed({ label: 'sig2', components: [METHOD, SIGNED_DIGEST] });
    expect(check(together(one, rest))).toBe('the content-digest is not signed');
    expect(check(together(rest, one))).toBe('the target is not signed');
  });
});

describe('whose signature is it', () => {
  test('labels that differ, by name, by case, or by being there twice', () => {
    const request = signed();
    const signature = headerOf(request, 'signature');
    expect(check(withHeader(request, 'signature', signature.replace('sig1', 'sig2')))).toContain(
      'without its',
    );
    expect(check(withHeader(request, 'signature', signature.replace('sig1', 'Sig1')))).toContain('label');
    expect(check(withHeader(request, 'signature', `${signature}, ${signature}`))).toContain('twice');
    const spare = signature.replace('sig1', 'sig2');
    expect(check(withHeader(request, 'signature', `${signature}, ${spare}`))).toContain('without its input');
    expect(check(withoutHeader(request, 'signature'))).toContain('label');
  });

  test('beside one of the old kind: that of the new kind counts, or none', async () => {
    const old = await signedPost(rsa, { body: MESSAGE_BODY });
    expect(check(old)).toBe('valid');
    const named = headerOf(signed(), 'signature-input');
    expect(check({ ...old, headers: [...old.headers, ['signature-input', named]] })).toContain('label');
    const both = { ...old, headers: [...old.headers, ...signed().headers.slice(1)] };
    expect(check(both)).toContain('label');
  });

  test('a header that is too long, or never ends, is refused at once', () => {
    const request = signed();
    for (const input of [
      `sig1=("@method"${' '.repeat(8000)}`,
      `sig1=(${'"a" '.repeat(2000)})`,
      `sig1=()${';a=1'.repeat(2000)}`,
      'a'.repeat(70_000),
      `sig1=("${'a'.repeat(8000)}`,
      '',
    ]) {
      const hostile = withHeader(request, 'signature-input', input);
      expect(quickest(50, () => expect(check(hostile)).not.toBe('valid'))).toBeLessThan(50);
    }
  });

  test('the time is ours to tell', () => {
    const late = { ...RULES, now: new Date(NOW.getTime() + 3_601_000) };
    expect(check(signed(), rsa.publicKey, late)).toContain('not near');
  });
});
