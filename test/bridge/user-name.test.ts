import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isReservedName, isUserName, userNameCandidates } from '../../src/bridge/user-name.ts';
import { anyText } from './any-text.ts';

const HASH = 'abcdefgh234567ijklmnopqrstuvwxyz';
const names = (jid: string): readonly string[] =>
  userNameCandidates(jid, { homeDomains: ['xmpp.example'], hash: HASH });

test.each([
  ['alice@xmpp.example', 'alice'],
  ['Alice@XMPP.example/phone', 'alice'],
  ['a_1@xmpp.example', 'a_1'],
  ['alice@other.example', 'alice_other_example'],
  ['alice@xn--bcher-kva.de', 'alice_xn__bcher_kva_de_abcd'],
  ['a.b@xmpp.example', 'a_b_abcd'],
  ['a.b@other.example', 'a_b_other_example_abcd'],
  ['juliet\\40example.com@xmpp.example', 'juliet_example_com_abcd'],
  ['жук@xmpp.example', '____abcd'],
  ['admin@xmpp.example', 'admin_abcd'],
  ['root@xmpp.example', 'root_abcd'],
  ['admin@other.example', 'admin_other_example'],
  ['abcdefghijklmnopqrstuvwxyz1234@xmpp.example', 'abcdefghijklmnopqrstuvwxyz1234'],
  ['abcdefghijklmnopqrstuvwxyz12345@xmpp.example', 'abcdefghijklmnopqrstuvwxy_abcd'],
  ['alice@a.very.long.domain.example', 'alice_a_very_long_domain__abcd'],
])('%s would be %s', (jid, name) => {
  expect(names(jid)[0]).toBe(name);
});

test('after the plain name come names with other parts of the hash, all different', () => {
  const all = names('alice@xmpp.example');
  expect(all.slice(0, 3)).toEqual(['alice', 'alice_abcd', 'alice_efgh']);
  expect(all).toHaveLength(9);
  expect(new Set(all).size).toBe(9);
});

test('a short hash gives fewer names, a broken one none', () => {
  const of = (hash: string): readonly string[] =>
    userNameCandidates('a.b@xmpp.example', { homeDomains: ['xmpp.example'], hash });
  expect(of('abcde')).toEqual(['a_b_abcd']);
  expect(of('abc')).toEqual([]);
  expect(of('AB+/')).toEqual([]);
});

test.each(['xmpp.example', '', '@', 'a b@xmpp.example'])('%j is nobody, so there is no name', (jid) => {
  expect(names(jid)).toEqual([]);
});

test('the reserved names hold those of the gateway’s own pages', () => {
  for (const name of 'actor instance admin root abuse postmaster support relay inbox outbox nodeinfo api'.split(
    ' ',
  )) {
    expect(isReservedName(name)).toBe(true);
  }
});

test('whatever the JID, each name fits everywhere and none is reserved', () => {
  const local = fc.oneof(
    fc.stringMatching(/^[A-Za-z0-9_.%\\-]{1,40}$/u),
    anyText(40),
    fc.constantFrom('admin', 'API', 'www'),
  );
  const domain = fc.constantFrom('xmpp.example', 'other.example', 'a-b.example', 'bücher.example');
  fc.assert(
    fc.property(local, domain, (user, at) => {
      for (const name of names(`${user}@${at}`)) {
        expect(isUserName(name)).toBe(true);
        expect(isReservedName(name)).toBe(false);
      }
    }),
    { numRuns: 500 },
  );
});
