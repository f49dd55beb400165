import { escapeHtml, renderLine } from './text-spans.ts';

/** XEP-0393 4.3: quotes within quotes become elements to this depth; deeper marks stay text. */
const MAX_QUOTE_DEPTH = 8;

type Block =
  | { readonly kind: 'lines'; readonly lines: readonly string[] }
  | { readonly kind: 'quote'; readonly lines: readonly string[] }
  | { readonly kind: 'code'; readonly lines: readonly string[] };

const isFence = (line: string): boolean => line.startsWith('```');
const isQuoted = (line: string): boolean => line.startsWith('>');
const isBlank = (line: string): boolean => line.trim() === '';

/** The index of the first line from `from` on that fits, or the number of lines. */
const findLine = (lines: readonly string[], from: number, fits: (line: string) => boolean): number => {
  for (let at = from; at < lines.length; at += 1) {
    if (fits(lines[at] ?? '')) return at;
  }
  return lines.length;
};

const readBlock = (lines: readonly string[], from: number, quotes: boolean): [Block, number] => {
  const first = lines[from] ?? '';
  if (isFence(first)) {
    // XEP-0393 4.2: a block that is not closed ends with what holds it.
    const end = findLine(lines, from + 1, (line) => line.trimEnd() === '```');
    return [{ kind: 'code', lines: lines.slice(from + 1, end) }, end + 1];
  }
  if (quotes && isQuoted(first)) {
    const end = findLine(lines, from, (line) => !isQuoted(line));
    const inner = lines.slice(from, end).map((line) => line.replace(/^> ?/u, ''));
    return [{ kind: 'quote', lines: inner }, end];
  }
  const end = findLine(
    lines,
    from + 1,
    (line) => isBlank(line) || isFence(line) || (quotes && isQuoted(line)),
  );
  return [{ kind: 'lines', lines: lines.slice(from, end) }, end];
};

const readBlocks = (lines: readonly string[], quotes: boolean): readonly Block[] => {
  const blocks: Block[] = [];
  for (let at = 0; at < lines.length; ) {
    if (isBlank(lines[at] ?? '')) {
      at += 1;
      continue;
    }
    const [block, next] = readBlock(lines, at, quotes);
    blocks.push(block);
    at = next;
  }
  return blocks;
};

const renderBlock = (block: Block, depth: number): string => {
  if (block.kind === 'code') return `<pre><code>${escapeHtml(block.lines.join('\n'))}</code></pre>`;
  if (block.kind === 'quote') return `<blockquote>${renderBlocks(block.lines, depth + 1)}</blockquote>`;
  return `<p>${block.lines.map(renderLine).join('<br>')}</p>`;
};

const renderBlocks = (lines: readonly string[], depth: number): string =>
  readBlocks(lines, depth < MAX_QUOTE_DEPTH)
    .map((block) => renderBlock(block, depth))
    .join('');

/**
 * What a person typed, as HTML: paragraphs, line breaks, XEP-0393 styling, links for http and https
 * addresses. Nothing of the text reaches the result unescaped. `lead` is HTML of our own that begins the
 * first paragraph (a mention); it stands alone where the text begins with a quote or with code.
 */
export const textToHtml = (text: string, lead = ''): string => {
  const html = renderBlocks(text.split('\n'), 0);
  if (lead === '') return html;
  return html.startsWith('<p>') ? `<p>${lead} ${html.slice('<p>'.length)}` : `<p>${lead}</p>${html}`;
};
