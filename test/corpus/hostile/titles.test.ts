import { expect, test } from 'vitest';
import { hasTest, titlesIn } from './titles.ts';

const call = (name: string, title = 'a'): string =>
  `${name}('${title}', () => {\n  expect(1).toBe(1);\n});\n`;

test.each([
  ['alone', call('test'), ['a']],
  ['with rows', `test.each([\n  [f('x')('y')],\n])(\n  '%s: it’s "so"',\n  () => {},\n);`, ['%s: it’s "so"']],
  ['in a group', `describe('g', () => {\n  ${call('test')}${call('  test', 'b')}});`, ['g > a', 'g > b']],
  ['behind a group', `describe('g', () => {\n  ${call('test')}});\n${call('test', 'b')}`, ['g > a', 'b']],
  ['of a group with rows', `describe.each([1])('g', () => {\n  ${call('test')}});`, ['g > a']],
])('the titles of tests %s', (_, source, titles) => {
  expect(titlesIn(source)).toEqual(titles);
});

test.each([
  ['a comment', `// ${call('test')}`],
  ['a long comment', `/*\n * ${call('test')} */`],
  ['a comment behind a test of another name', `test('b', f); // test('a', g)`],
  ['a string', `const text = "test('a', f)";`],
  ['a group without a test', call('describe')],
  ['a group with rows and without a test', call('describe.each([1])')],
  ['a test that waits', call('test.todo')],
  ['a test that is passed over', call('test.skip')],
  ['a test that is passed over at times', call('test.skipIf(process.getuid)')],
  ['a test that is passed over by its options', `test('a', { skip: true }, f);`],
  ['a test that must fail', call('test.fails')],
  ['a test in a group that is passed over', `describe.skip('g', () => {\n  ${call('test')}});`],
  ['a test beside a table that runs alone', `${call('test')}test.only.each([1])('b', f);`],
  ['a test beside one that runs alone', `${call('test')}${call('test.only', 'b')}`],
  ['a test that gives up', `test('a', ({ skip }) => {\n  skip();\n});`],
])('%s is no witness', (_, source) => {
  expect([hasTest(source, 'a'), hasTest(source, 'g')]).toEqual([false, false]);
});

test('a group is one by the tests in it', () => {
  expect(hasTest(`describe('g', () => {\n  ${call('test')}});`, 'g')).toBe(true);
});
