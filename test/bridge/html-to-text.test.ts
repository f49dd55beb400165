import fc from 'fast-check';
import { expect, test } from 'vitest';
import { htmlToText } from '../../src/bridge/html-to-text.ts';
import { MAX_HTML_LENGTH } from '../../src/bridge/html-tree.ts';
import { cleanText } from '../../src/bridge/text.ts';
import { quickest } from '../support/quickest.ts';

test.each([
  ['<p>Hello</p>', 'Hello'],
  ['plain text', 'plain text'],
  ['<p>one</p><p>two</p>', 'one\n\ntwo'],
  ['one<br>two<br/>three', 'one\ntwo\nthree'],
  ['a<br><br><br><br>b', 'a\n\nb'],
  ['<p>one<br></p><p>two</p>', 'one\n\ntwo'],
  ['<div>one</div><div>two</div>', 'one\ntwo'],
  ['  a \n\t b&nbsp;c  ', 'a b c'],
  ['a<span> </span>b <i> </i> c', 'a b c'],
  ['1 &lt; 2 &amp;&amp; 3 &gt; 2 &quot;&#39;&hearts;&#x1f600;', '1 < 2 && 3 > 2 "\'♥😀'],
  ['&amp;lt;b&amp;gt;', '&lt;b&gt;'],
  ['<h1>Title</h1>text', '*Title*\n\ntext'],
  ['<ul><li>one</li><li>two<ul><li>in</li></ul></li></ul>', '- one\n- two\n\n  - in'],
  ['<ol start="3"><li>three</li><li>four</li></ol>', '3. three\n4. four'],
  ['<p>a</p><hr><p>b</p>', 'a\n\n———\n\nb'],
  ['<table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table>', 'a b\nc'],
  ['a <img alt=":blobcat:" src="x"> b<img src="y">', 'a :blobcat: b'],
  ['<ruby>漢<rp>(</rp><rt>kan</rt><rp>)</rp></ruby>', '漢(kan)'],
])('%j reads %j', (html, text) => {
  expect(htmlToText(html)).toBe(text);
});

test.each([
  ['<strong>bold</strong> and <em>thin</em>', '*bold* and _thin_'],
  ['a <b>b</b>, <i>c</i>', 'a *b*, _c_'],
  ['<del>old</del> <code>x*y</code>', '~old~ `x*y`'],
  ['<b><i>both</i></b>', '*_both_*'],
  ['a<b> b </b>c', 'a *b* c'],
  ['un<b>believ</b>able', 'unbelievable'],
  ['<b>two<br>lines</b>', 'two\nlines'],
  ['<b>2*3</b>', '2*3'],
  ['<b></b>x', 'x'],
  ['<pre><code>let a = 1;\n  b()\n</code></pre>after', '```\nlet a = 1;\n  b()\n```\n\nafter'],
  ['<pre>a<br> b<i hidden>c</i></pre>', '```\na\n b\n```'],
  ['<pre>a\n```\nb</pre>', 'a\n```\nb'],
  ['<blockquote><p>one</p><p>two</p></blockquote>three', '> one\n>\n> two\n\nthree'],
  ['<blockquote>a<blockquote>b</blockquote></blockquote>', '> a\n>\n> > b'],
])('styling: %j reads %j', (html, text) => {
  expect(htmlToText(html)).toBe(text);
});

test.each([
  ['<script>alert(1)</script>a<style>b{}</style>', 'a'],
  ['<title>x</title><iframe src="https://e.example"></iframe>b', 'b'],
  ['a<!-- c -->b<![CDATA[x]]>', 'ab'],
  ['a<span hidden>no</span><span style="DISPLAY : none">no</span><i class="x invisible">no</i>', 'a'],
  ['<img src=x onerror="alert(1)">a', 'a'],
  ['a\u0000b\u0001c\ud800&#0;&#xFFFE;', 'abc\ufffd'],
  ['<b', ''],
  ['</p></div>x', 'x'],
  ['<a href="https://a.example">never closed', 'never closed (https://a.example)'],
])('what a browser would not show is dropped: %j reads %j', (html, text) => {
  expect(htmlToText(html)).toBe(text);
});

test.each([
  ['<a href="https://a.example/x">here</a>', 'here (https://a.example/x)'],
  ['<a href="https://a.example/x">https://a.example/x</a>', 'https://a.example/x'],
  ['<a href="https://a.example/">a.example</a>', 'https://a.example/'],
  ['<a href="https://a.example/%C3%A9">a.example/é</a>', 'https://a.example/%C3%A9'],
  ['<a href="https://evil.example">https://bank.example</a>', 'https://bank.example (https://evil.example)'],
  [
    '<a href="https://a.example/a/very/long/path"><span class="invisible">https://</span><span class="ellipsis">a.example/a/very</span><span class="invisible">/long/path</span></a>',
    'https://a.example/a/very/long/path',
  ],
  [
    '<a href="https://evil.example/"><span class="invisible">https://</span>bank.example<span class="invisible">/x</span></a>',
    'bank.example (https://evil.example/)',
  ],
  ['<a href="https://a.example/long/path">a.example/lo…</a>', 'https://a.example/long/path'],
  ['<a href="https://a.example/long/path">a…</a>', 'a… (https://a.example/long/path)'],
  ['<a href="https://bank.example@evil.example/">x</a>', 'x (https://bank.example@evil.example/)'],
  ['<a href="https://evil.example\\@bank.example/">x</a>', 'x (https://evil.example/@bank.example/)'],
  ['<a href="javascript:alert(1)">click</a>', 'click'],
  ['<a href=" JaVaScRiPt:alert(1)">click</a>', 'click'],
  ['<a href="data:text/html,x">click</a>', 'click'],
  ['<a href="/relative">click</a>', 'click'],
  ['<a>click</a>', 'click'],
  ['<a href="xmpp:a@b.example">chat</a>', 'chat (xmpp:a@b.example)'],
  ['<a href="https://a.example/x"><img alt="a cat"></a>', 'a cat (https://a.example/x)'],
  ['<a href="https://a.example/x"><img></a>', 'https://a.example/x'],
  ['<b><a href="https://a.example/x">here</a></b>', '*here (https://a.example/x)*'],
  ['<a class="mention hashtag" rel="tag" href="https://m.example/tags/x">#<span>x</span></a>', '#x'],
  ['<a rel="tag" href="https://evil.example">win a prize</a>', 'win a prize (https://evil.example)'],
])('links show where they lead: %j reads %j', (html, text) => {
  expect(htmlToText(html)).toBe(text);
});

const BOB = { href: 'https://m.example/users/bob', name: '@bob@m.example' };
const ALICE = ['https://ap.example/u/1', 'https://ap.example/@alice'];

test.each([
  ['<a href="https://m.example/@bob" class="u-url mention">@<span>bob</span></a> hi', '@bob@m.example hi'],
  ['<a href="https://m.example/users/bob">@bob</a>', '@bob@m.example'],
  ['<a href="https://o.example/@bob" class="mention">@bob</a>', '@bob@o.example'],
  ['<a href="https://o.example/@eve" class="mention">@eve</a>', '@eve@o.example'],
  ['<a href="https://o.example/@eve" class="mention">@eve@o.example</a>', '@eve@o.example'],
  [
    '<a href="https://evil.example/" class="mention">@eve@bank.example</a>',
    '@eve@bank.example (https://evil.example/)',
  ],
  ['<a href="https://o.example/@eve">@eve</a>', '@eve (https://o.example/@eve)'],
  ['hi @<a href="https://m.example/@bob" rel="ugc">bob@m.example</a> there', 'hi @bob@m.example there'],
  ['<span>@<a class="u-url mention" href="https://o.example/@eve">eve</a></span> hi', '@eve@o.example hi'],
  ['@<a class="mention" href="https://o.example/@eve">Eve of O</a>', '@Eve of O (https://o.example/@eve)'],
  [
    '@<a class="mention" href="https://evil.example/">eve@bank.example</a>',
    '@eve@bank.example (https://evil.example/)',
  ],
  ['write to me@<a href="https://m.example/">m.example</a>', 'write to me@https://m.example/'],
  ['@<a href="https://m.example/@bob">@bob@m.example</a>', '@@bob@m.example'],
  ['look @<b>here</b>', 'look @here'],
  ['look @<a href="https://m.example/x">m.example/x</a>', 'look @https://m.example/x'],
])('mentions name the person whole: %j reads %j', (html, text) => {
  expect(htmlToText(html, { mentions: [BOB] })).toBe(text);
});

const mention = (href: string, name: string): string =>
  `<span class="h-card"><a href="${href}" class="u-url mention">@<span>${name}</span></a></span>`;
const [ACTOR = '', PROFILE = ''] = ALICE;

test.each([
  [`<p>${mention(PROFILE, 'alice')} hello</p>`, 'hello'],
  [`<p>${mention(ACTOR, 'alice')}<br>hello</p>`, 'hello'],
  [`<p>${mention(ACTOR, 'alice')}</p><p>hello</p>`, 'hello'],
  [`${mention(ACTOR, 'alice')} ${mention(PROFILE, 'alice')} hello`, 'hello'],
  [
    `<p>${mention('https://m.example/@bob', 'bob')} ${mention(PROFILE, 'alice')} hello</p>`,
    '@bob@m.example hello',
  ],
  [`<p>hello ${mention(PROFILE, 'alice')}</p>`, 'hello @alice@ap.example'],
  ['<p>@alice hello</p>', '@alice hello'],
  [`<p><b>x</b> ${mention(PROFILE, 'alice')} y</p>`, '*x* @alice@ap.example y'],
  [`<a href="https://evil.example">@alice</a> hello`, '@alice (https://evil.example) hello'],
  [`<p>${mention(PROFILE, 'alice')}</p>`, ''],
  [`@<a href="${PROFILE}" rel="ugc">alice@ap.example</a> hello`, 'hello'],
  [`<p><span class="h-card">@<a href="${ACTOR}">Alice A.</a></span> hello</p>`, 'hello'],
  [`<p>hello @<a href="${PROFILE}">alice</a></p>`, 'hello @alice (https://ap.example/@alice)'],
])('the addressee’s own mention at the start is dropped: %j reads %j', (html, text) => {
  expect(htmlToText(html, { selfHrefs: ALICE, mentions: [BOB] })).toBe(text);
});

test('any text at all becomes clean text, for markup too', () => {
  const pieces = fc.constantFrom(
    ...'<p> </p> <b> <i> </b> </i> <a href="https://x.example"> </a> <blockquote> </blockquote> <pre> </pre> <br> <li> <ul> </ul> <!-- --> &amp; &#x0; < > " \u0000 \ud800 text * _ `'.split(
      ' ',
    ),
    ' ',
    '\n',
  );
  fc.assert(
    fc.property(fc.array(pieces, { maxLength: 60 }), (parts) => {
      const text = htmlToText(parts.join(''));
      expect(text).toBe(cleanText(text));
      expect(text).toBe(text.replace(/^\n+|\n+$/gu, ''));
    }),
    { numRuns: 500 },
  );
});

test('escaped text comes back letter for letter', () => {
  const words = fc.stringMatching(/^[a-z<>&"'é😀=/]{1,12}$/u);
  const escapeHtml = (text: string): string =>
    text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
  fc.assert(
    fc.property(fc.array(fc.array(words, { minLength: 1 }), { minLength: 1 }), (paragraphs) => {
      const lines = paragraphs.map((paragraph) => paragraph.join(' '));
      expect(htmlToText(lines.map((line) => `<p>${escapeHtml(line)}</p>`).join(''))).toBe(lines.join('\n\n'));
    }),
  );
});

test.each([
  ['elements nested 40,000 deep', '<b>'.repeat(40_000)],
  ['deep nesting and end tags that match nothing', `${'<b>'.repeat(900)}${'</i>'.repeat(30_000)}`],
  ['quotes in quotes', `${'<blockquote>x<br>'.repeat(8_000)}`],
  ['lists in lists', `${'<ul><li>x<br>'.repeat(9_000)}`],
  ['links in links', '<a href="https://a.example/">x'.repeat(4_000)],
  ['spaces', `a${' '.repeat(130_000)}b`],
  ['line breaks', '<br>x'.repeat(26_000)],
  ['entities', '&amp;'.repeat(26_000)],
  ['attributes', `<p ${'a=b '.repeat(32_000)}>x</p>`],
  ['an unclosed tag', `<p ${'<'.repeat(130_000)}`],
  ['classes', `<p class="${'a '.repeat(60_000)}">x</p>`],
  ['a megabyte', 'x '.repeat(500_000)],
])('hostile HTML is read quickly: %s', (_, html) => {
  const read = (): void => expect(htmlToText(html).length).toBeLessThan(8 * MAX_HTML_LENGTH);
  expect(quickest(2_000, read)).toBeLessThan(2_000);
});
