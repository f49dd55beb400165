import fc from 'fast-check';
import { expect, test } from 'vitest';
import { contactName } from '../../src/bridge/contact-name.ts';
import { anyText } from './any-text.ts';

const handle = { user: 'bob', host: 'social.example' };
const HANDLE = '@bob@social.example';

test.each([
  ['Bob', `Bob (${HANDLE})`],
  [undefined, HANDLE],
  ['  ', HANDLE],
  ['Bob\n\u{202e}Builder\u{200b}', `Bob Builder (${HANDLE})`],
  ['alice@xmpp.example', HANDLE],
  ['alice＠xmpp.example', HANDLE],
  ['Alice (@alice@good.example)', HANDLE],
  ['alice%good.example', HANDLE],
  ['xmpp:alice', HANDLE],
  ['https://good.example', HANDLE],
  ['Bob @ home', `Bob @ home (${HANDLE})`],
  ['x'.repeat(200), `${'x'.repeat(39)}… (${HANDLE})`],
])('%j is shown as %j', (name, shown) => {
  expect(contactName({ name, handle })).toBe(shown);
});

test('whatever the name, one line ends with the handle', () => {
  fc.assert(
    fc.property(anyText(), (name) => {
      const shown = contactName({ name, handle });
      expect(shown === HANDLE || shown.endsWith(` (${HANDLE})`)).toBe(true);
      expect(shown).not.toMatch(/[\n\r\u{202a}-\u{202e}\u{2066}-\u{2069}]/u);
    }),
    { numRuns: 200 },
  );
});
