import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type InnerList,
  readBytes,
  readDictionary,
  readInnerList,
  renderInnerList,
} from '../../../src/activitypub/signatures/structured-field.ts';
import { anyString } from '../../support/any-string.ts';

const lists = (text: string) => readDictionary(text, readInnerList);
const bytes = (text: string) => readDictionary(text, readBytes);

const name = fc.stringMatching(/^[a-z*][a-z0-9_.*-]{0,20}$/u);
const text = fc.stringMatching(/^[ !#-[\]-~]{0,40}$/u);
const value = fc.oneof(text, fc.integer({ min: -1e14, max: 1e14 }), fc.constant(true as const));
const innerList: fc.Arbitrary<InnerList> = fc.record({
  items: fc.array(text, { maxLength: 20 }),
  parameters: fc
    .uniqueArray(fc.tuple(name, value), { maxLength: 8, selector: ([key]) => key })
    .map((pairs) => new Map(pairs)),
});

test('what is written is read, for any list', () => {
  fc.assert(
    fc.property(name, innerList, (label, list) => {
      expect(lists(`${label}=${renderInnerList(list)}`)).toEqual({
        ok: true,
        value: new Map([[label, list]]),
      });
    }),
  );
});

test('bytes come back as they were, for any bytes', () => {
  fc.assert(
    fc.property(fc.uint8Array(), (given) => {
      const read = bytes(`a=:${Buffer.from(given).toString('base64')}:`);
      expect(read.ok && read.value.get('a')?.equals(given)).toBe(true);
    }),
  );
});

test('nothing that comes makes it throw', () => {
  fc.assert(
    fc.property(anyString(), (given) => {
      expect([lists(given).ok, bytes(given).ok]).toHaveLength(2);
    }),
  );
});

describe('a dictionary of lists', () => {
  test.each(['a=()', 'a=("x")', 'a=(  "x"   "y"  )', 'a=();  b=1', 'a=();b;c=1', 'a=() ,\t b=("x")'])(
    'reads %s',
    (given) => {
      expect(lists(given).ok).toBe(true);
    },
  );

  test.each([
    '',
    'a',
    'a=',
    'A=()',
    'a=(',
    'a=("x""y")',
    'a=("x";sf;sf)',
    'a=("x";sf=?1)',
    'a=(x)',
    'a=("x\\"")',
    'a=("é")',
    'a=();b=',
    'a=();b=?1',
    'a=();b=1;b=2',
    'a=();b=1.5',
    'a=() b=()',
    'a=(),',
    'a=(), a=()',
    'a=:AAAA:',
    `a=()${';b=1'.repeat(9)}`,
    `a=(${'"x" '.repeat(21)})`,
    Array.from({ length: 9 }, (_, at) => `a${at}=()`).join(', '),
  ])('refuses %s', (given) => {
    expect(lists(given).ok).toBe(false);
  });
});

test.each(['a=AAAA', 'a=:AAA:', 'a=:AB==:', 'a=:AA-_:', 'a=:AAAA', 'a=:AAAA:;b=1', 'a=:AA AA:', 'a=()'])(
  'a dictionary of bytes refuses %s',
  (given) => {
    expect(bytes(given).ok).toBe(false);
  },
);
