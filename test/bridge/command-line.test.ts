import { expect, test } from 'vitest';
import { parseCommandLine } from '../../src/bridge/command-line.ts';

test.each([
  ['help', { name: 'help', rest: '' }],
  ['  Leave   YES \n', { name: 'leave', rest: 'YES' }],
  ['/approve alice@xmpp.example', { name: 'approve', rest: 'alice@xmpp.example' }],
  ['!bio\nfirst line\nsecond line', { name: 'bio', rest: 'first line\nsecond line' }],
  ['', { name: '', rest: '' }],
])('%j', (body, line) => {
  expect(parseCommandLine(body)).toEqual(line);
});

test('what is written behind a command has an end', () => {
  expect(parseCommandLine(`bio ${'x'.repeat(100_000)}`).rest).toHaveLength(5_000);
});
