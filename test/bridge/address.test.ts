import fc from 'fast-check';
import { expect, test } from 'vitest';
import { handleToJid, jidToHandle, parseHandle, parseHost, renderHandle } from '../../src/bridge/address.ts';
import { anyText } from './any-text.ts';

const GATEWAY = 'ap.example';

test.each([
  ['@Bob@Mastodon.Example', 'bob', 'mastodon.example'],
  ['bob@mastodon.example', 'bob', 'mastodon.example'],
  ['acct:bob@mastodon.example', 'bob', 'mastodon.example'],
  [' ACCT:@bob@mastodon.example ', 'bob', 'mastodon.example'],
  ['bob@mastodon.example:8443', 'bob', 'mastodon.example:8443'],
  ['bob@mastodon.example:443', 'bob', 'mastodon.example'],
  ['bob@bücher.example', 'bob', 'xn--bcher-kva.example'],
  ['bob@XN--BCHER-KVA.example.', 'bob', 'xn--bcher-kva.example'],
  ['a@b@c.example', 'a@b', 'c.example'],
  ['bob@localhost', 'bob', 'localhost'],
])('%j is a handle', (text, user, host) => {
  expect(parseHandle(text)).toEqual({ user, host });
});

test.each([
  '',
  'bob',
  '@bob',
  '@@m.example',
  'bob@',
  'bob@m..example',
  'bob@-m.example',
  'bob@m_x.example',
  'bob@m.example/path',
  'bob@m.example:0',
  'bob@m.example:65536',
  'bob@m.example:8443:1',
  'bob@m.example%evil',
  'bob@evil\\m.example',
  'bob@127.0.0.1',
  'bob@2130706433',
  'bob@0x7f.1',
  'bob@[::1]',
  'bo\u0000b@m.example',
  'bo\u200bb@m.example',
  'bo\nb@m.example',
  'ﬁ@m.example',
  `bob@${'a'.repeat(64)}.example`,
  `bob@${'a.'.repeat(130)}example`,
  `${'b'.repeat(3000)}@m.example`,
])('%j is no handle', (text) => {
  expect(parseHandle(text)).toBeUndefined();
});

test('a host is compared as an A-label in lower case', () => {
  expect(parseHost('Straße.Example')).toBe('xn--strae-oqa.example');
  expect(parseHost('１２７.０.０.１')).toBeUndefined();
});

test.each([
  ['bob%mastodon.example@ap.example', 'bob', 'mastodon.example', 'bob%mastodon.example@ap.example'],
  ['bob%mastodon.example@ap.example/res', 'bob', 'mastodon.example', 'bob%mastodon.example@ap.example'],
  ['BOB%Mastodon.Example@AP.example', 'bob', 'mastodon.example', 'bob%mastodon.example@ap.example'],
  ['bob\\40mastodon.example@ap.example', 'bob', 'mastodon.example', 'bob%mastodon.example@ap.example'],
  ['bob%bücher.example@ap.example', 'bob', 'xn--bcher-kva.example', 'bob%xn--bcher-kva.example@ap.example'],
  ['bob%m.test\\3a8443@ap.example', 'bob', 'm.test:8443', 'bob%m.test\\3a8443@ap.example'],
  ['bob\\40m.test\\3a8443@ap.example', 'bob', 'm.test:8443', 'bob%m.test\\3a8443@ap.example'],
  ['a%b%m.example@ap.example', 'a%b', 'm.example', 'a%b%m.example@ap.example'],
  ['a%b\\40m.example@ap.example', 'a%b', 'm.example', 'a%b%m.example@ap.example'],
  ['a\\40b%m.example@ap.example', 'a@b', 'm.example', 'a\\40b%m.example@ap.example'],
])('%s stands for %s at %s', (jid, user, host, canonical) => {
  expect(jidToHandle(jid, GATEWAY)).toEqual({ ok: true, value: { handle: { user, host }, canonical } });
});

test.each([
  'ap.example',
  'bob@ap.example',
  '%mastodon.example@ap.example',
  'bob%@ap.example',
  'bob%bad..host@ap.example',
  'bob%ap.example@ap.example',
  'bob%ap.example\\3a8443@ap.example',
  'bob%AP.EXAMPLE@ap.example',
  'bob%127.0.0.1@ap.example',
  'bob%127.0.0.1\\3a8080@ap.example',
  'bob%\\5b\\3a\\3a1]@ap.example',
  'bob%0x7f000001@ap.example',
  'bob%m.example@other.example',
  'b😀b%m.example@ap.example',
  '@ap.example',
  '',
])('%j is nobody’s address', (jid) => {
  expect(jidToHandle(jid, GATEWAY)).toMatchObject({ ok: false, refusal: { reason: 'malformed-address' } });
});

test('no JID is made for an actor of the gateway itself, for an IP address, or beyond 1023 bytes', () => {
  expect(handleToJid({ user: 'bob', host: 'ap.example' }, GATEWAY)).toBeUndefined();
  expect(handleToJid({ user: 'bob', host: '10.0.0.1' }, GATEWAY)).toBeUndefined();
  expect(handleToJid({ user: 'b'.repeat(1020), host: 'm.example' }, GATEWAY)).toBeUndefined();
  expect(handleToJid({ user: 'b'.repeat(1000), host: 'm.example' }, GATEWAY)).toBeDefined();
});

test('a handle is written with two at signs', () => {
  expect(renderHandle({ user: 'bob', host: 'm.example' })).toBe('@bob@m.example');
});

/** Lower-case names as other software stores them, and as nobody should. */
const user = fc
  .oneof(
    fc.stringMatching(/^[a-z0-9_.%@&'"/:<>\\ +!#$*=?^`{|}~-]{1,20}$/u),
    anyText(20),
    fc.string({ unit: fc.constantFrom(...'äéжア漢ひ٣नि% @&'), minLength: 1, maxLength: 20 }),
    fc.stringMatching(/^\\?(?:20|40|5c|2f)[a-z%\\]{0,5}$/u),
  )
  .map((text) => text.toLowerCase().normalize('NFKC').toLowerCase().trim())
  .filter((text) => parseHandle(`${text}@m.example`)?.user === text);
const host = fc.constantFrom(
  'm.example',
  'm.test:8443',
  'xn--bcher-kva.example',
  'localhost:3000',
  '1.example',
);

test('from a handle to a JID and back', () => {
  fc.assert(
    fc.property(user, host, (name, at) => {
      const jid = handleToJid({ user: name, host: at }, GATEWAY);
      expect(jidToHandle(jid ?? '', GATEWAY)).toEqual({
        ok: true,
        value: { handle: { user: name, host: at }, canonical: jid },
      });
    }),
    { numRuns: 500 },
  );
});

test('jidToHandle never throws, and a canonical JID is its own canonical form', () => {
  fc.assert(
    fc.property(fc.oneof(anyText(), fc.string({ unit: fc.constantFrom(...'aB%\\4035c.:ü-') })), (local) => {
      const outcome = jidToHandle(`${local}@${GATEWAY}`, GATEWAY);
      if (!outcome.ok) return;
      const again = jidToHandle(outcome.value.canonical, GATEWAY);
      expect(again).toEqual(outcome);
    }),
    { numRuns: 500 },
  );
});
