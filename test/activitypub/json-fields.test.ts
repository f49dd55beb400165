import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  hostOf,
  isRecord,
  readField,
  readId,
  readList,
  readText,
  readTypes,
  readUrl,
  sameHost,
  sameUrl,
  withoutFragment,
} from '../../src/activitypub/json-fields.ts';

describe('readUrl', () => {
  test.each([
    'https://m.example/u/a',
    'https://m.example/u/a#main-key',
    'http://127.0.0.1:8101/u',
    'https://m.example/@Grüße?x=1',
    'HTTPS://M.example',
  ])('keeps %s byte for byte', (url) => {
    expect(readUrl(url)).toBe(url);
  });

  test.each([
    ['userinfo', 'https://victim.example@evil.example/'],
    ['a password', 'https://:x@evil.example/'],
    ['a backslash', 'https://evil.example\\@victim.example/'],
    ['a line feed', 'https://m.example/\nx'],
    ['a tab in the host', 'https://m.exam\tple/'],
    ['a space', ' https://m.example/'],
    ['NUL', 'https://m.example/\u0000'],
    ['a quote', 'https://m.example/"'],
    ['a lone surrogate', 'https://m.example/\ud800'],
    ['no scheme', '//m.example/u'],
    ['no slashes', 'https:m.example/u'],
    ['one slash', 'https:/m.example/u'],
    ['three slashes', 'https:///m.example/u'],
    ['no host', 'https://'],
    ['javascript:', 'javascript:alert(1)'],
    ['data:', 'data:application/json,{}'],
    ['acct:', 'acct:a@m.example'],
    ['too long', `https://m.example/${'a'.repeat(2048)}`],
    ['a number', 7],
    ['a list', ['https://m.example/']],
  ])('refuses %s', (_, value) => {
    expect(readUrl(value)).toBeUndefined();
  });
});

test('readId takes the URL, the thing itself, or a list of one of these', () => {
  const id = 'https://m.example/1';
  expect([id, { id }, [id], [{ id }]].map(readId)).toEqual([id, id, id, id]);
  const wrong = [
    [id, id],
    [],
    [[id]],
    { id: { id } },
    null,
    undefined,
    1,
    { href: id },
    Object.create({ id }),
  ];
  expect(wrong.map(readId)).toEqual(wrong.map(() => undefined));
});

test('readText cleans and cuts', () => {
  expect(readText('a\u0000b\ud800', 10)).toBe('ab\ufffd');
  expect(readText('abcdef', 3)).toBe('abc');
  expect(readText('a\u{1f600}', 2)).toBe('a\ufffd'); // cut between two halves: still well-formed
  expect([1, null, undefined, {}, ['a']].map((value) => readText(value, 9))).toEqual(
    Array(5).fill(undefined),
  );
});

test('readList makes a list of anything, within bounds', () => {
  expect(readList(undefined, 3)).toEqual([]);
  expect(readList(null, 3)).toEqual([]);
  expect(readList('a', 3)).toEqual(['a']);
  expect(readList(['a', 'b', 'c', 'd'], 3)).toEqual(['a', 'b', 'c']);
});

test('readTypes takes one type or several', () => {
  expect(readTypes({ type: 'Note' })).toEqual(['Note']);
  expect(readTypes({ type: ['Note', 7, 'x:Other'] })).toEqual(['Note', 'x:Other']);
  expect(readTypes({ type: { a: 1 } })).toEqual([]);
  expect(readTypes({})).toEqual([]);
});

test('readField sees own properties only', () => {
  expect(readField({}, 'constructor')).toBeUndefined();
  expect(readField({}, '__proto__')).toBeUndefined();
  const parsed: unknown = JSON.parse('{"__proto__":{"id":"x"}}');
  expect(isRecord(parsed) && readField(parsed, 'id')).toBeUndefined();
});

test('isRecord', () => {
  expect([{}, [], null, 'a', 1, undefined].map(isRecord)).toEqual([true, false, false, false, false, false]);
});

test('hosts are compared with their port, in lower case, as A-labels', () => {
  expect(hostOf('https://M.Example:443/x')).toBe('m.example');
  expect(hostOf('https://bücher.example')).toBe('xn--bcher-kva.example');
  expect(hostOf('nothing')).toBeUndefined();
  expect(sameHost('https://m.example/a', 'https://M.EXAMPLE/b')).toBe(true);
  expect(sameHost('https://m.example/a', 'https://m.example:8443/a')).toBe(false);
  expect(sameHost('https://m.example/a', 'https://m.example./a')).toBe(false);
  expect(sameHost('nothing', 'nothing')).toBe(false);
});

test('sameUrl and withoutFragment', () => {
  expect(sameUrl('https://M.example', 'https://m.example/')).toBe(true);
  expect(sameUrl('https://m.example/a', 'https://m.example/A')).toBe(false);
  expect(sameUrl('x', 'x')).toBe(false);
  expect(withoutFragment('https://m.example/a#b#c')).toBe('https://m.example/a');
});

test('no reader ever throws', () => {
  fc.assert(
    fc.property(fc.anything(), (value) => {
      for (const read of [readUrl, readId, isRecord]) read(value);
      readText(value, 5);
      readList(value, 5);
      expect(isRecord(value) ? readTypes(value).length : 0).toBeLessThanOrEqual(8);
    }),
  );
});
