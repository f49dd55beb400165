import fc from 'fast-check';
import { expect, test } from 'vitest';
import { escapeHtml, html } from '../../src/web/html.ts';

test('what is put into a template is escaped, what a template made is not', () => {
  const inner = html`<b>${'a & b'}</b>`;
  expect(html`<p title="${`"'`}">${'<i>'}${inner}${[inner, inner]}</p>`.html).toBe(
    '<p title="&quot;&#39;">&lt;i&gt;<b>a &amp; b</b><b>a &amp; b</b><b>a &amp; b</b></p>',
  );
});

test('no text can leave its place, and none is lost', () => {
  const textOf = (text: string): string =>
    text
      .replaceAll('&lt;', '<')
      .replaceAll('&gt;', '>')
      .replaceAll('&quot;', '"')
      .replaceAll('&#39;', "'")
      .replaceAll('&amp;', '&');
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom('<', '>', '&', '"', "'", 'a', 'lt;', 'amp;') }), (text) => {
      const escaped = escapeHtml(text);
      expect(escaped).not.toMatch(/[<>"']/u);
      expect(textOf(escaped)).toBe(text);
    }),
  );
});
