import { expect, test } from 'vitest';
import { readAcceptSignature } from '../../../src/activitypub/signatures/accept-signature.ts';

const KEY_ID = 'https://ap.example/u/1#main-key';
const read = (header: unknown, method: 'GET' | 'POST' = 'POST') =>
  readAcceptSignature(header, { method, keyId: KEY_ID });

test('everything that can be wished', () => {
  const header = `a=("@method" "@authority" "content-digest");created;expires;keyid="${KEY_ID}";alg="rsa-v1_5-sha256";nonce="n";tag="t"`;
  expect(read(header)).toEqual({
    label: 'a',
    components: ['@method', '@authority', 'content-digest'],
    expires: true,
    nonce: 'n',
    tag: 't',
  });
});

test('nothing in particular', () => {
  expect(read('a=()')).toEqual({
    label: 'a',
    components: [],
    expires: false,
    nonce: undefined,
    tag: undefined,
  });
});

test('the first of several that we can make', () => {
  const header =
    'a=("@status");created, b=();alg="ed25519", c=("@method");nonce="c", d=("@method");nonce="d"';
  expect(read(header)).toMatchObject({ label: 'c', nonce: 'c' });
});

test.each([
  ['no header', undefined],
  ['two headers', ['a=()', 'b=()']],
  ['noise', 'please sign'],
  ['another algorithm', 'a=("@method");alg="ecdsa-p256-sha256"'],
  ['an algorithm that is not said', 'a=("@method");alg'],
  ['another key', 'a=("@method");keyid="https://ap.example/u/2#main-key"'],
  ['a component of an answer', 'a=("@status")'],
  ['a field that we do not send', 'a=("x-forwarded-for")'],
  ['a component with a parameter', 'a=("@method";req)'],
  ['a component twice', 'a=("@method" "@method")'],
  ['a parameter that nobody defined', 'a=("@method");trust="me"'],
  ['a nonce that is a number', 'a=("@method");nonce=1'],
  ['a nonce that is none', 'a=("@method");nonce'],
  ['a nonce that is too long', `a=("@method");nonce="${'n'.repeat(257)}"`],
  ['too much', `a=(${'"@method" '.repeat(2000)})`],
])('%s is no wish', (_, header) => {
  expect(read(header)).toBeUndefined();
});

test('a GET has no digest', () => {
  expect(read('a=("content-digest")', 'GET')).toBeUndefined();
  expect(read('a=("host")', 'GET')).toBeDefined();
});
