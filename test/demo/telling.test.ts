import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createNarrator } from '../../demo/narrate.ts';
import { htmlToLine } from '../../demo/person.ts';
import { anyString } from '../support/any-string.ts';

test('a sentence is a line with its time, further lines stand below', () => {
  let out = '';
  const say = createNarrator(
    (text) => {
      out += text;
    },
    () => new Date(2026, 0, 2, 3, 4, 5),
  );
  say('One.');
  say('Two:\nthree');
  expect(out).toBe('03:04:05  One.\n03:04:05  Two:\n          three\n');
});

test.each([
  ['<p><a href="https://a.test">@alice</a> Hi<br>there</p><p>you</p>', '@alice Hi there you'],
  ['a &amp; b &lt;i&gt;', 'a & b <i>'],
  ['  one\n\ttwo  ', 'one two'],
])('the line of %s is %s', (html, line) => expect(htmlToLine(html)).toBe(line));

test('no note can send the terminal a control character', () => {
  fc.assert(fc.property(anyString(), (html) => !/\p{Cc}/u.test(htmlToLine(html))));
  expect(htmlToLine('a\u001b[31mb')).toBe('a [31mb');
});
