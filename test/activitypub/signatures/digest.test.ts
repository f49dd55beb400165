import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { checkDigest, renderDigest } from '../../../src/activitypub/signatures/digest.ts';

const BODY = Buffer.from('{"hello":"world"}');
const hash = (name: string, text: string | Buffer = BODY): string =>
  createHash(name).update(text).digest('base64');
const SHA256 = `SHA-256=${hash('sha256')}`;

describe('checkDigest', () => {
  test('takes back what renderDigest made, for any body', () => {
    fc.assert(
      fc.property(fc.uint8Array(), (body) => {
        expect(checkDigest(renderDigest(body), body)).toEqual({ ok: true, value: true });
      }),
    );
  });

  test('refuses any other body', () => {
    fc.assert(
      fc.property(fc.uint8Array(), fc.uint8Array(), (body, other) => {
        fc.pre(!Buffer.from(body).equals(Buffer.from(other)));
        expect(checkDigest(renderDigest(body), other).ok).toBe(false);
      }),
    );
  });

  test.each([
    ['lower case', SHA256.replace('SHA-256', 'sha-256')],
    ['the same value twice', `${SHA256}, ${SHA256}`],
    ['SHA-512 beside it', `${SHA256},SHA-512=${hash('sha512')}`],
    ['an algorithm that nobody knows beside it', `MD5=abc, ${SHA256}`],
    ['names of what every object has beside it', `__proto__=abc,constructor=abc,${SHA256}`],
  ])('accepts %s', (_, header) => {
    expect(checkDigest(header, BODY).ok).toBe(true);
  });

  test.each([
    ['nothing', ''],
    ['SHA-512 alone', `SHA-512=${hash('sha512')}`],
    ['two SHA-256 that differ', `${SHA256},SHA-256=${hash('sha256', 'x')}`],
    ['a SHA-512 that differs', `${SHA256},SHA-512=${hash('sha512', 'x')}`],
    ['the right value cut short', SHA256.slice(0, -4)],
    ['base64 without padding', SHA256.replace(/=$/u, '')],
    ['base64 with a space inside', SHA256.replace('=', '= A')],
    ['hexadecimal', `SHA-256=${createHash('sha256').update(BODY).digest('hex')}`],
    ['an empty value', 'SHA-256='],
    ['no equals sign', 'SHA-256'],
    ['an algorithm that is the name of what every object has', '__proto__=abc'],
    ['a header that is too long', `${SHA256},${'x'.repeat(1024)}`],
    ['nine values', Array(9).fill(SHA256).join(',')],
  ])('refuses %s', (_, header) => {
    expect(checkDigest(header, BODY).ok).toBe(false);
  });
});
