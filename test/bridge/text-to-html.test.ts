import fc from 'fast-check';
import { expect, test } from 'vitest';
import { htmlToText } from '../../src/bridge/html-to-text.ts';
import { escapeHtml, findUrls } from '../../src/bridge/text-spans.ts';
import { textToHtml } from '../../src/bridge/text-to-html.ts';
import { quickest } from '../support/quickest.ts';
import { anyText } from './any-text.ts';

const link = (url: string): string =>
  `<a href="${escapeHtml(url)}" rel="nofollow noopener">${escapeHtml(url)}</a>`;

test.each([
  ['hi', '<p>hi</p>'],
  ['', ''],
  ['one\ntwo', '<p>one<br>two</p>'],
  ['one\n\n\ntwo\n', '<p>one</p><p>two</p>'],
  ['<b>&"\'', '<p>&lt;b&gt;&amp;&quot;&#39;</p>'],
  ['</p><script>x</script>', '<p>&lt;/p&gt;&lt;script&gt;x&lt;/script&gt;</p>'],
])('paragraphs: %j is %j', (text, html) => {
  expect(textToHtml(text)).toBe(html);
});

test.each([
  ['*bold* _thin_ ~old~ `x<y`', '<strong>bold</strong> <em>thin</em> <del>old</del> <code>x&lt;y</code>'],
  ['*_both_*', '<strong><em>both</em></strong>'],
  ['*two words*', '<strong>two words</strong>'],
  ['`*not bold*`', '<code>*not bold*</code>'],
  ['2 * 3 * 4', '2 * 3 * 4'],
  ['snake_case_name', 'snake_case_name'],
  ['*not closed', '*not closed'],
  ['* not * opened*', '* not * opened*'],
  ['**', '**'],
  ['****', '****'],
  ['*a *b*', '<strong>a *b</strong>'],
  ['*this is* not*', '<strong>this is</strong> not*'],
  ['*a* b *c*', '<strong>a</strong> b <strong>c</strong>'],
])('spans (XEP-0393 5): %j is %j', (text, html) => {
  expect(textToHtml(text)).toBe(`<p>${html}</p>`);
});

test('a span ends with its line', () => {
  expect(textToHtml('*a\nb*')).toBe('<p>*a<br>b*</p>');
});

test.each([
  ['> one\n> two\nthree', '<blockquote><p>one<br>two</p></blockquote><p>three</p>'],
  ['>> deep\n> less', '<blockquote><blockquote><p>deep</p></blockquote><p>less</p></blockquote>'],
  ['a\n> b', '<p>a</p><blockquote><p>b</p></blockquote>'],
  ['a > b', '<p>a &gt; b</p>'],
  ['```\n<b> *x*\n\n  y\n```\nz', '<pre><code>&lt;b&gt; *x*\n\n  y</code></pre><p>z</p>'],
  ['```ignored\nx', '<pre><code>x</code></pre>'],
  ['> ```\n> x\ny', '<blockquote><pre><code>x</code></pre></blockquote><p>y</p>'],
])('blocks (XEP-0393 4): %j is %j', (text, html) => {
  expect(textToHtml(text)).toBe(html);
});

test('quotes deeper than the limit stay text', () => {
  const html = textToHtml(`${'>'.repeat(5000)} x`);
  expect(html.match(/<blockquote>/gu)).toHaveLength(8);
  expect(html).toContain(`<p>${'&gt;'.repeat(4992)} x</p>`);
});

test.each([
  ['https://a.example', 'https://a.example', ''],
  ['https://a.example/x?y=1&z=2#f', 'https://a.example/x?y=1&z=2#f', ''],
  ['https://a.example/x.', 'https://a.example/x', '.'],
  ['https://a.example/x), ', 'https://a.example/x', '), '],
  ['https://a.example/x_(y)', 'https://a.example/x_(y)', ''],
  ['HTTP://A.example/', 'HTTP://A.example/', ''],
  ['https://a.example/"onmouseover="x', 'https://a.example/', '"onmouseover="x'],
  ["https://a.example/x'y", "https://a.example/x'y", ''],
  ['https://a.example/_a_ b', 'https://a.example/_a_', ' b'],
])('an address becomes a link: %j', (text, url, rest) => {
  const expected = url.replace(/_+$/u, '');
  const more = url.slice(expected.length) + rest;
  expect(textToHtml(text)).toBe(`<p>${link(expected)}${escapeHtml(more)}</p>`);
});

test.each([
  'javascript:alert(1)',
  'data:text/html,x',
  'xhttps://a.example',
  'https://',
  'https:// x',
  'ftp://a',
])('%j becomes no link', (text) => {
  expect(textToHtml(text)).toBe(`<p>${escapeHtml(text)}</p>`);
});

test('addresses and spans do not cut each other', () => {
  expect(textToHtml('_see https://a.example/x_y z_')).toBe(
    `<p><em>see ${link('https://a.example/x_y')} z</em></p>`,
  );
  expect(textToHtml('*https://a.example/*')).toBe(`<p><strong>${link('https://a.example/')}</strong></p>`);
  expect(findUrls('a http://b.example c https://d.example')).toHaveLength(2);
});

test('the lead begins the first paragraph, or stands before a quote', () => {
  expect(textToHtml('hi\n\nyou', '<b>L</b>')).toBe('<p><b>L</b> hi</p><p>you</p>');
  expect(textToHtml('> q', '<b>L</b>')).toBe('<p><b>L</b></p><blockquote><p>q</p></blockquote>');
  expect(textToHtml('', '<b>L</b>')).toBe('<p><b>L</b></p>');
});

const markup = fc
  .array(fc.constantFrom(...'* _ ~ ` ``` > < & " \' a b https://x.example/ ( ) .'.split(' '), ' ', '\n'))
  .map((parts) => parts.join(''));

test('whatever is typed, only our own elements come out, and every one is closed', () => {
  const OURS =
    /^<(?:p|br|strong|em|del|code|pre|blockquote|a href="https:\/\/[^"<>]*" rel="nofollow noopener")>$/u;
  fc.assert(
    fc.property(fc.oneof(markup, anyText()), (text) => {
      const open: string[] = [];
      for (const [tag, slash, name = ''] of textToHtml(text).matchAll(/<(\/?)([a-z]*)[^>]*>/gu)) {
        if (slash === '/') expect(open.pop()).toBe(name);
        else {
          expect(tag).toMatch(OURS);
          if (name !== 'br') open.push(name);
        }
      }
      expect(open).toEqual([]);
    }),
    { numRuns: 300 },
  );
});

test('styled text comes back from its HTML as it was typed', () => {
  const word = fc.stringMatching(/^[a-z<&"é]{1,8}$/u);
  const styled = fc
    .tuple(word, fc.constantFrom('', '*', '_', '~', '`'))
    .map(([text, mark]) => mark + text + mark);
  const line = fc.array(styled, { minLength: 1, maxLength: 6 }).map((words) => words.join(' '));
  const lines = fc.array(line, { minLength: 1, maxLength: 3 });
  const block = fc.oneof(
    lines.map((each) => each.join('\n')),
    lines.map((each) => each.map((text) => `> ${text}`).join('\n')),
    lines.map((each) => `\`\`\`\n${each.join('\n')}\n\`\`\``),
  );
  fc.assert(
    fc.property(fc.array(block, { minLength: 1, maxLength: 4 }), (blocks) => {
      const text = blocks.join('\n\n');
      expect(htmlToText(textToHtml(text))).toBe(text);
    }),
  );
});

test.each([
  ['lonely directives', '*a _a ~a `a '.repeat(5_000)],
  ['directives in a row', '*'.repeat(60_000)],
  ['directives and addresses', '_http://a.b '.repeat(5_000)],
  ['addresses that are none', 'http://%'.repeat(7_000)],
  ['brackets', `http://a.b/${')'.repeat(60_000)}`],
  ['lines', '> a\n'.repeat(15_000)],
  ['blocks', 'a\n\n'.repeat(20_000)],
  ['fences', '```\n'.repeat(15_000)],
])('hostile text is rendered quickly: %s', (_, text) => {
  expect(quickest(1_000, () => expect(textToHtml(text).length).toBeGreaterThan(0))).toBeLessThan(1_000);
});
