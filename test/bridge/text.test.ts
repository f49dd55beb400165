import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  cleanLine,
  cleanText,
  countBytes,
  countCodePoints,
  sliceCodePoints,
  truncateText,
} from '../../src/bridge/text.ts';
import { anyText } from './any-text.ts';

test.each([
  ['a\u0000b\u0008c\u001fd', 'abcd'],
  ['tab\tand\nline', 'tab\tand\nline'],
  ['one\r\ntwo\rthree', 'one\ntwo\nthree'],
  ['a\ufffeb\uffffc', 'abc'],
  ['lone \ud800 and \udc00', 'lone  and '],
  ['whole 😀 pair', 'whole 😀 pair'],
])('cleanText(%j) is %j', (text, clean) => {
  expect(cleanText(text)).toBe(clean);
});

test('what cleanText leaves is legal in XML 1.0, and cleaning it again changes nothing', () => {
  const isLegal = (character: string): boolean => {
    const code = character.codePointAt(0) ?? 0;
    if (code < 0x20) return code === 9 || code === 10;
    return code < 0xd800 || (code > 0xdfff && code !== 0xfffe && code !== 0xffff);
  };
  fc.assert(
    fc.property(anyText(), (text) => {
      const clean = cleanText(text);
      expect([...clean].every(isLegal)).toBe(true);
      expect(cleanText(clean)).toBe(clean);
    }),
  );
});

test.each([
  ['  Bob \n the\tBuilder ', 'Bob the Builder'],
  ['ad\u202emin\u202c', 'admin'],
  ['a\u200bb\u2060c\ufeffd\u00ade', 'abcde'],
  ['one\u2028two\u0085three', 'one two three'],
  ['pass\u200dword\u200c', 'password'],
  ['family 👨‍👩‍👧 ❤️', 'family 👨‍👩‍👧 ❤️'],
  ['می\u200cخواهم', 'می\u200cخواهم'],
  ['\u2066\u200f\u061c', ''],
])('cleanLine(%j) is %j', (text, clean) => {
  expect(cleanLine(text)).toBe(clean);
});

test('cleanLine gives one line, without space at its ends', () => {
  fc.assert(
    fc.property(anyText(), (text) => {
      const line = cleanLine(text);
      expect(line).not.toMatch(/[\n\r\u2028\u2029\u202a-\u202e\u2066-\u2069]/u);
      expect(line).toBe(line.trim());
    }),
  );
});

test('counting and slicing go by code points, not by UTF-16 units', () => {
  expect(countCodePoints('a😀b')).toBe(3);
  expect(sliceCodePoints('a😀b', 1, 2)).toBe('😀');
  expect(sliceCodePoints('a😀b', 2)).toBe('b');
  expect(sliceCodePoints('a😀b', 5, 9)).toBe('');
  expect(sliceCodePoints('a😀b', 2, 1)).toBe('');
});

test('sliceCodePoints cuts as an array of code points would', () => {
  fc.assert(
    fc.property(anyText(), fc.nat(20), fc.nat(20), (text, start, end) => {
      expect(sliceCodePoints(text, start, end)).toBe([...text].slice(start, end).join(''));
    }),
  );
});

test('truncateText keeps the longest beginning that fits, in bytes of UTF-8', () => {
  expect(truncateText('añ😀z', 3)).toBe('añ');
  expect(truncateText('añ😀z', 6)).toBe('añ');
  expect(truncateText('añ😀z', 7)).toBe('añ😀');
  expect(truncateText('añ😀z', 8)).toBe('añ😀z');
  fc.assert(
    fc.property(anyText(), fc.nat(40), (text, limit) => {
      const cut = truncateText(text, limit);
      expect(text.startsWith(cut)).toBe(true);
      expect(Buffer.byteLength(cut)).toBe(countBytes(cut));
      expect(countBytes(cut)).toBeLessThanOrEqual(limit);
      const [next = ''] = text.slice(cut.length);
      if (next !== '') expect(countBytes(cut + next)).toBeGreaterThan(limit);
    }),
  );
});
