import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseResource } from '../../src/bridge/webfinger-resource.ts';
import { anyText } from './any-text.ts';

const HERE = { domain: 'ap.example', origin: 'https://ap.example' };
const parse = (resource: string) => parseResource(resource, HERE);

test.each([
  'acct:alice@ap.example',
  'acct:@alice@ap.example',
  'ACCT:Alice@AP.Example',
  'acct%3Aalice%40ap.example',
  'acct%253Aalice%2540ap.example',
  'acct:alice%40ap.example',
  '@alice@ap.example',
  'alice@ap.example',
  'https://ap.example/@alice',
  'https://AP.example/@Alice/',
  'https%3A%2F%2Fap.example%2F%40alice',
])('%s asks for the name alice', (resource) => {
  expect(parse(resource)).toEqual({ kind: 'name', name: 'alice', jids: [] });
});

test.each([
  'acct:alice%xmpp.example@ap.example',
  'acct:alice%25xmpp.example@ap.example',
  'acct:alice%2525xmpp.example@ap.example',
  'acct:Alice\\40XMPP.example@ap.example',
  'acct:alice%5C40xmpp.example@ap.example',
  'acct:alice.xmpp.example@ap.example',
  'acct%3Aalice%25xmpp.example%40ap.example',
])('%s asks for alice@xmpp.example first', (resource) => {
  const query = parse(resource);
  expect(query).toMatchObject({ kind: 'name' });
  expect(query?.kind === 'name' ? query.jids[0] : undefined).toBe('alice@xmpp.example');
});

test.each(['https://ap.example/u/01j9', 'https://ap.example/u/01j9#main-key', 'https://AP.EXAMPLE/u/01j9'])(
  '%s asks for a user by id',
  (resource) => {
    expect(parse(resource)).toEqual({ kind: 'user-id', id: '01j9' });
  },
);

test.each([
  'xmpp:alice@xmpp.example',
  'xmpp:Alice@xmpp.example?message',
  'xmpp:alice@xmpp.example/phone',
  'xmpp://alice@xmpp.example',
  'xmpp%3Aalice%40xmpp.example',
  'acct:alice@xmpp.example',
])('%s asks for a JID', (resource) => {
  expect(parse(resource)).toEqual({ kind: 'jid', jid: 'alice@xmpp.example' });
});

test.each([
  'acct:ap.example@ap.example',
  'acct:@AP.example@ap.example',
  'https://ap.example',
  'https://ap.example/',
  'https://ap.example/actor',
  'xmpp:ap.example',
])('%s asks for the gateway itself', (resource) => {
  expect(parse(resource)).toEqual({ kind: 'instance' });
});

test.each([
  '',
  'acct:',
  'acct:alice',
  'acct:@ap.example',
  'acct:alice@',
  'mailto:alice@ap.example',
  'https://other.example/@alice',
  'http://ap.example/@alice',
  'https://ap.example:8443/@alice',
  'https://alice@ap.example/@alice',
  'https://ap.example/@alice?x=1',
  'https://ap.example/@',
  'https://ap.example/u/',
  'https://ap.example/u/A/B',
  'https://ap.example/n/1',
  'https://ap.example.evil.example/u/1',
  'https://',
  'xmpp:',
  'xmpp:?',
  '%',
  '%E0%A4%A',
  `acct:${'a'.repeat(3000)}@ap.example`,
])('%j asks for nobody', (resource) => {
  expect(parse(resource)).toBeUndefined();
});

describe('a name that may be several JIDs', () => {
  const jids = (resource: string): readonly string[] => {
    const query = parse(resource);
    return query?.kind === 'name' ? query.jids : [];
  };

  test('with dots: every split, at most eight', () => {
    expect(new Set(jids('acct:a.b.c@ap.example'))).toEqual(new Set(['a@b.c', 'a.b@c']));
    expect(jids(`acct:${'a.'.repeat(50)}a@ap.example`)).toHaveLength(8);
  });

  test('with escapes of its own: they stay', () => {
    expect(jids('acct:juliet\\40example.com%xmpp.example@ap.example')).toContain(
      'juliet\\40example.com@xmpp.example',
    );
  });

  test('with a percent sign that also reads as an escape: both', () => {
    expect(jids('acct:alice%61b.example@ap.example')).toContain('alice@61b.example');
  });
});

test('the host may carry the port of a development set-up', () => {
  const here = { domain: 'ap.test', origin: 'https://ap.test:8443' };
  expect(parseResource('acct:alice@ap.test:8443', here)).toMatchObject({ name: 'alice' });
  expect(parseResource('acct:alice@ap.test', here)).toMatchObject({ name: 'alice' });
  expect(parseResource('https://ap.test:8443/u/1', here)).toEqual({ kind: 'user-id', id: '1' });
  expect(parseResource('https://ap.test/u/1', here)).toBeUndefined();
});

test('no resource throws, and no JID that comes out is empty', () => {
  const pieces = fc.constantFrom(
    ...'acct: xmpp: https:// ap.example alice @ % %25 %40 \\40 . / u @ : ? # %E0 [ ]'.split(' '),
  );
  fc.assert(
    fc.property(
      fc.oneof(
        anyText(),
        fc.array(pieces).map((parts) => parts.join('')),
      ),
      (resource) => {
        const query = parse(resource);
        const jids = query?.kind === 'jid' ? [query.jid] : query?.kind === 'name' ? query.jids : [];
        expect(jids.length).toBeLessThanOrEqual(8);
        for (const jid of jids) expect(jid).toMatch(/^[^@]+@[^@]+$/u);
      },
    ),
    { numRuns: 500 },
  );
});

test('no reading holds a control character, however often it was encoded', () => {
  for (const nul of ['%00', '%2500', '%252500'])
    for (const resource of [
      `acct:a${nul}b@ap.example`,
      `acct:a${nul}%25xmpp.example@ap.example`,
      `xmpp:a${nul}@b.example`,
    ])
      expect(JSON.stringify(parse(resource) ?? '')).not.toContain('\\u0000');
});
