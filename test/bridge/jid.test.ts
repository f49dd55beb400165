import fc from 'fast-check';
import { expect, test } from 'vitest';
import { escapeLocal, parseJid, unescapeLocal } from '../../src/bridge/jid.ts';
import { anyText } from './any-text.ts';

test('a full JID comes apart into its canonical parts', () => {
  expect(parseJid('Alice@XMPP.Example/Phone 1')).toEqual({
    local: 'alice',
    domain: 'xmpp.example',
    resource: 'Phone 1',
    bare: 'alice@xmpp.example',
    full: 'alice@xmpp.example/Phone 1',
  });
});

test.each([
  ['xmpp.example', '', 'xmpp.example', ''],
  ['xmpp.example/a@b/c', '', 'xmpp.example', 'a@b/c'],
  ['xmpp.example.', '', 'xmpp.example', ''],
  ['bob%m.example@ap.example', 'bob%m.example', 'ap.example', ''],
  ['juliet\\40example.com@xmpp.example', 'juliet\\40example.com', 'xmpp.example', ''],
  ['user@BÜCHER.example', 'user', 'bücher.example', ''],
  ['user@[::1]', 'user', '[::1]', ''],
  ['user@127.0.0.1', 'user', '127.0.0.1', ''],
])('%j is read', (text, local, domain, resource) => {
  expect(parseJid(text)).toMatchObject({ local, domain, resource });
});

test.each([
  '',
  '@xmpp.example',
  'alice@',
  'alice@xmpp.example/',
  'alice@bob@xmpp.example',
  'al ice@xmpp.example',
  'al"ice@xmpp.example',
  'al:ice@xmpp.example',
  'al<ice@xmpp.example',
  'al\u0000ice@xmpp.example',
  'al\ud800ice@xmpp.example',
  'alice@xmpp..example',
  'alice@xmpp example',
  'alice@xmpp.example:5222',
  'alice@xmpp.example/pho\nne',
  `${'a'.repeat(1024)}@xmpp.example`,
  `alice@xmpp.example/${'é'.repeat(512)}`,
])('%j is no JID', (text) => {
  expect(parseJid(text)).toBeUndefined();
});

test('1023 bytes fit into a part', () => {
  expect(parseJid(`${'a'.repeat(1023)}@xmpp.example`)?.local).toHaveLength(1023);
});

test('parseJid never throws, and what it gives reads back as itself', () => {
  fc.assert(
    fc.property(fc.oneof(anyText(), fc.string({ unit: fc.constantFrom(...'aÄ%\\@./ :') })), (text) => {
      const jid = parseJid(text);
      if (jid !== undefined) expect(parseJid(jid.full)).toEqual(jid);
    }),
    { numRuns: 500 },
  );
});

/** The examples of XEP-0106, 3.2 and 5. */
test.each([
  ['space cadet', 'space\\20cadet'],
  ['call me "ishmael"', 'call\\20me\\20\\22ishmael\\22'],
  ['at&t guy', 'at\\26t\\20guy'],
  ["d'artagnan", 'd\\27artagnan'],
  ['/.fanboy', '\\2f.fanboy'],
  ['::foo::', '\\3a\\3afoo\\3a\\3a'],
  ['<foo>', '\\3cfoo\\3e'],
  ['user@host', 'user\\40host'],
  ['c:\\net', 'c\\3a\\net'],
  ['c:\\cool stuff', 'c\\3a\\cool\\20stuff'],
  ['c:\\5commas', 'c\\3a\\5c5commas'],
  ['\\3and\\2is\\5cool', '\\5c3and\\2is\\5c5cool'],
])('%j escapes to %j and back', (text, escaped) => {
  expect(escapeLocal(text)).toBe(escaped);
  expect(unescapeLocal(escaped)).toBe(text);
});

test('a space at either end cannot be written', () => {
  expect(escapeLocal(' a')).toBeUndefined();
  expect(escapeLocal('a ')).toBeUndefined();
  expect(unescapeLocal('\\20a\\20b\\20')).toBe('\\20a b\\20');
});

test('an escape written with a capital is protected too: the server makes it small', () => {
  expect(escapeLocal('a\\2Fb')).toBe('a\\5c2Fb');
});

test('escaping and unescaping are inverses, and nothing forbidden is left', () => {
  const tricky = fc.string({ unit: fc.constantFrom(...'a234567cef\\ "&\'/:<>@%') });
  fc.assert(
    fc.property(fc.oneof(anyText(), tricky), (text) => {
      const escaped = escapeLocal(text);
      if (escaped === undefined) return;
      expect(escaped).not.toMatch(/[ "&'/:<>@]/u);
      expect(unescapeLocal(escaped)).toBe(text);
    }),
    { numRuns: 500 },
  );
});
