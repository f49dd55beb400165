import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  checkContentDigest,
  renderContentDigest,
} from '../../../src/activitypub/signatures/content-digest.ts';

const BODY = Buffer.from('{"hello":"world"}');
const hash = (name: string, body: Uint8Array = BODY): string =>
  createHash(name).update(body).digest('base64');
const A = `sha-256=:${hash('sha256')}:`;
const B = `sha-512=:${hash('sha512')}:`;

test('takes back what was rendered, for any body, and no other body', () => {
  fc.assert(
    fc.property(fc.uint8Array(), fc.uint8Array(), (body, other) => {
      const header = renderContentDigest(body);
      expect(checkContentDigest(header, body).ok).toBe(true);
      expect(checkContentDigest(header, other).ok).toBe(Buffer.from(body).equals(other));
    }),
  );
});

test('takes the example of RFC 9530 B.1', () => {
  const body = Buffer.from('{"hello": "world"}\n');
  expect(checkContentDigest('sha-256=:RK/0qy18MlBSVnWgjwz6lZEWjP/lF5HF9bvEF8FabDg=:', body).ok).toBe(true);
});

test.each([A, B, `${A}, ${B}`, `${B},${A}`, `md5=:AAAA:, ${A}`])('takes %s', (header) => {
  expect(checkContentDigest(header, BODY).ok).toBe(true);
});

test.each([
  ['nothing', ''],
  ['only what is not known', 'md5=:AAAA:'],
  ['the old form', `SHA-256=${hash('sha256')}`],
  ['a name in capitals', A.replace('sha', 'SHA')],
  ['no padding', `sha-256=:${hash('sha256').replace('=', '')}:`],
  ['another hash than it says', `sha-256=:${hash('sha512')}:`],
  ['a hash that is cut', `sha-256=:${hash('sha256').slice(0, 40)}:`],
  ['a second that does not fit', `${A}, sha-512=:${hash('sha512', Buffer.from('x'))}:`],
  ['one twice', `${A}, ${A}`],
  ['too much', `${A}, x=:${'A'.repeat(1024)}:`],
])('refuses %s', (_, header) => {
  expect(checkContentDigest(header, BODY).ok).toBe(false);
});
