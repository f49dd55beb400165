import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseJson } from '../../src/activitypub/parse-json.ts';
import { quickest } from '../support/quickest.ts';

const parse = (text: string) => parseJson(Buffer.from(text));
const nested = (depth: number): string => `${'['.repeat(depth)}${']'.repeat(depth)}`;

describe('parseJson', () => {
  test('gives what JSON.parse gives, for any value', () => {
    const value = fc.jsonValue({ maxDepth: 5 });
    fc.assert(
      fc.property(value, (each) => {
        const text = JSON.stringify(each);
        expect(parse(text)).toEqual({ ok: true, value: JSON.parse(text) });
      }),
    );
  });

  test('gives what JSON.parse gives when text is full of structure', () => {
    const text = fc.string({ unit: fc.constantFrom('"', '\\', '{', '}', '[', ']', ':', ',', 'a') });
    fc.assert(
      fc.property(text, (each) => {
        const json = JSON.stringify({ [each]: each, list: [each] });
        fc.pre(each !== 'list');
        expect(parse(json)).toEqual({ ok: true, value: JSON.parse(json) });
      }),
    );
  });

  test('never throws on any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        expect(parseJson(bytes)).toHaveProperty('ok');
      }),
    );
    const soup = fc.string({ unit: fc.constantFrom('"', '\\', '{', '}', '[', ']', ':', ',', '1', 'a', ' ') });
    fc.assert(
      fc.property(soup, (text) => {
        expect(parse(text)).toHaveProperty('ok');
      }),
    );
  });
});

describe('the limits of parseJson', () => {
  test('goes 64 levels deep and no further', () => {
    expect(parse(nested(64)).ok).toBe(true);
    expect(parse(nested(65))).toEqual({ ok: false, problem: 'deeper than 64 levels' });
    expect(parse('['.repeat(1_000_000)).ok).toBe(false);
    expect(parse(`{"a":${'{"a":'.repeat(64)}1${'}'.repeat(65)}`).ok).toBe(false);
    expect(parse(`[${Array(100).fill('[]').join()}]`).ok).toBe(true);
  });

  test.each([
    ['plain', '{"actor":1,"actor":2}'],
    ['escaped', '{"actor":1,"\\u0061ctor":2}'],
    ['behind an inner object', '{"actor":{"x":1},"b":[{}],"actor" \n:2}'],
    ['inside', '{"a":[{"b":1,"b":1}]}'],
    ['__proto__', '{"__proto__":1,"__proto__":2}'],
    ['empty', '{"":1,"":2}'],
  ])('refuses a name twice: %s', (_, text) => {
    expect(parse(text)).toEqual({ ok: false, problem: 'a name twice in one object' });
  });

  test('takes equal names in different objects, and a name as a value', () => {
    expect(parse('[{"a":1},{"a":1}]').ok).toBe(true);
    expect(parse('{"a":"a","b":{"a":"b"},"c":["a","a"]}').ok).toBe(true);
  });
});

describe('bytes that parseJson meets', () => {
  test('__proto__ is a plain name', () => {
    const parsed = parse('{"__proto__":{"admin":true},"constructor":{"prototype":{"admin":true}}}');
    expect(parsed.ok && Object.getPrototypeOf(parsed.value)).toBe(Object.prototype);
    expect({}).not.toHaveProperty('admin');
  });

  test.each([
    ['invalid UTF-8', Buffer.from([0x22, 0xff, 0x22])],
    ['UTF-16', Buffer.from('{"a":1}', 'utf16le')],
    ['nothing', Buffer.alloc(0)],
    ['half an object', Buffer.from('{"a":1')],
    ['two values', Buffer.from('{} {}')],
    ['a raw control character', Buffer.from('"\u0000"')],
    ['a broken escape in a name', Buffer.from('{"\\x":1}')],
    ['a string without an end', Buffer.from('{"a":"b\\"}')],
    ['a comment', Buffer.from('{/*"a":1*/}')],
    ['NaN', Buffer.from('NaN')],
  ])('refuses %s', (_, bytes) => {
    expect(parseJson(bytes).ok).toBe(false);
  });

  test('drops a BOM, takes a lone surrogate', () => {
    expect(parse('\ufeff{"a":1}')).toEqual({ ok: true, value: { a: 1 } });
    expect(parse('"\\ud800"')).toEqual({ ok: true, value: '\ud800' });
  });

  test('is linear on what is built to be slow', () => {
    const names = Array.from({ length: 50_000 }, (_, i) => `"n${i}":1`).join();
    const parseAll = (): void => {
      expect(parse(`{${names}}`).ok).toBe(true);
      for (const unit of ['"', '\\', '""', '"\\"', '"a" ', '{"a"', '[{']) parse(unit.repeat(200_000));
    };
    expect(quickest(2_000, parseAll)).toBeLessThan(2_000);
  });
});
