import fc from 'fast-check';
import { expect, test } from 'vitest';
import { storableError, storableJson, storableText } from '../../src/store/plain.ts';
import { anyString } from '../support/any-string.ts';

test('text without hostile characters stays as it is', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (text) => {
      fc.pre(!text.includes('\0'));
      expect(storableText(text)).toBe(text);
    }),
  );
});

test('what comes out never holds U+0000 or a lone surrogate', () => {
  fc.assert(
    fc.property(anyString(), (text) => {
      const stored = storableText(`\ud800${text}\0`);
      expect(stored.isWellFormed()).toBe(true);
      expect(stored).not.toContain('\0');
    }),
  );
});

test('JSON is cleaned at every depth, and the text "\\u0000" is not mistaken for the character', () => {
  const json = storableJson({ a: ['x\0y', { b: '\ud800' }], c: '\\u0000', n: 1, u: undefined });
  expect(JSON.parse(json)).toEqual({ a: ['xy', { b: '\ufffd' }], c: '\\u0000', n: 1 });
});

test('an error is cut to 500 characters, also in the middle of a pair of surrogates', () => {
  const stored = storableError(`${'x'.repeat(499)}😀 and more`);
  expect(stored).toHaveLength(500);
  expect(stored.isWellFormed()).toBe(true);
});
