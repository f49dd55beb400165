import fc from 'fast-check';
import { expect, test } from 'vitest';
import { hasScheme, readResource } from '../../src/activitypub/webfinger-query.ts';

const PATH = '/.well-known/webfinger';

test.each([
  ['?resource=acct:alice@ap.example', ['acct:alice@ap.example']],
  ['?rel=self&resource=acct:alice@ap.example', ['acct:alice@ap.example']],
  ['?resource=acct%3Aalice%40ap.example', ['acct:alice@ap.example', 'acct%3Aalice%40ap.example']],
  ['?resource=acct:alice%xmpp.example@ap.example', ['acct:alice%xmpp.example@ap.example']],
  ['?resource=acct:alice%ab.example@ap.example', ['acct:alice%ab.example@ap.example']],
  [
    '?resource=acct:alice%25xmpp.example@ap.example',
    ['acct:alice%xmpp.example@ap.example', 'acct:alice%25xmpp.example@ap.example'],
  ],
  ['?resource=acct:a+b@ap.example', ['acct:a+b@ap.example']],
  ['?resource=acct:%', ['acct:%']],
  ['?resource=acct:%zz%', ['acct:%zz%']],
])('%s', (query, readings) => {
  expect(readResource(PATH + query)).toEqual({ ok: true, value: readings });
});

test.each([
  '',
  '?',
  '?resource=',
  '?resource',
  '?Resource=acct:a@b',
  '?resource=acct:a%00@b',
  '?resource=acct:a@b&resource=acct:c@d',
  `?resource=acct:${'a'.repeat(2048)}@b`,
])('no resource in %s', (query) => {
  expect(readResource(PATH + query).ok).toBe(false);
});

test('what was encoded comes back, whatever it holds', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 60 }), (text) => {
      fc.pre(!text.includes('\0'));
      const read = readResource(`${PATH}?resource=${encodeURIComponent(text)}`);
      expect(read.ok && read.value[0]).toBe(text);
    }),
  );
});

test('nothing throws', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary-ascii', maxLength: 300 }), (text) => {
      expect(typeof readResource(`${PATH}?resource=${text}`).ok).toBe('boolean');
    }),
  );
});

test('a scheme makes a URI', () => {
  expect(['acct:a@b', 'https://a', 'xmpp:a@b'].every(hasScheme)).toBe(true);
  expect(['', 'alice', 'alice@ap.example', '@a:b', ':x', '1a:b'].some(hasScheme)).toBe(false);
});
