import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseFindTarget } from '../../src/bridge/find-target.ts';
import { anyText } from './any-text.ts';

const BOB = { kind: 'handle', handle: { user: 'bob', host: 'peer.test' } };

describe('what a person types to say whom they mean', () => {
  test.each([
    '@bob@peer.test',
    'bob@peer.test',
    ' @Bob@Peer.Test ',
    'acct:bob@peer.test',
    'bob%peer.test@ap.test',
    'Bob%Peer.Test@AP.test',
    'bob\\40peer.test@ap.test',
    'xmpp:bob%25peer.test@ap.test',
    'xmpp:bob%25peer.test@ap.test?message',
    'xmpp:bob%5C40peer.test@ap.test',
  ])('%s', (text) => {
    expect(parseFindTarget(text, 'ap.test')).toEqual(BOB);
  });

  test.each(['https://peer.test/@bob', 'HTTPS://peer.test/users/bob'])('%s is a URL', (url) => {
    expect(parseFindTarget(url, 'ap.test')).toEqual({ kind: 'url', url });
  });

  test.each([
    '',
    'bob',
    '@bob',
    'bob@',
    '@@',
    'https://',
    'bob@127.0.0.1',
    'x'.repeat(3_000),
    'ftp://peer.test/bob',
  ])('“%s” is nobody', (text) => {
    expect(parseFindTarget(text, 'ap.test')).toBeUndefined();
  });

  test('never throws', () => {
    fc.assert(
      fc.property(fc.constantFrom('', '@', 'xmpp:', 'https://', 'acct:'), anyText(), (start, text) => {
        parseFindTarget(start + text, 'ap.test');
      }),
    );
  });
});
