import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseHttpDate, renderHttpDate } from '../../../src/activitypub/signatures/http-date.ts';

test('parse and render are inverses on whole seconds', () => {
  const seconds = fc.integer({ min: 0, max: 253_402_300_799 });
  fc.assert(
    fc.property(seconds, (each) => {
      expect(parseHttpDate(renderHttpDate(new Date(each * 1000)))).toBe(each * 1000);
    }),
  );
});

test('the RFC 9110 example', () => {
  expect(parseHttpDate('Sun, 06 Nov 1994 08:49:37 GMT')).toBe(Date.UTC(1994, 10, 6, 8, 49, 37));
});

test.each([
  '',
  '2026-11-21T10:00:00Z',
  '1700000000',
  'Sat, 21 Nov 2026 10:00:00',
  'Sat, 21 Nov 2026 10:00:00 +0000',
  'Sat, 21 Nov 2026 99:00:00 GMT',
  ' Sat, 21 Nov 2026 10:00:00 GMT',
  'Xxx, 21 Nov 2026 10:00:00 GMT',
])('refuses %j', (text) => {
  expect(parseHttpDate(text)).toBeUndefined();
});
