import type { Mention } from './activity.ts';
import { linkToText } from './html-link.ts';
import { type HtmlElement, type HtmlNode, hasClass, parseHtml } from './html-tree.ts';
import { stripLeadingMentions } from './leading-mentions.ts';
import { withMarksInLinks } from './mention-marks.ts';
import { withoutQuoteFallback } from './quote-fallback.ts';
import { cleanLine, cleanText } from './text.ts';
import {
  breakLine,
  createWriter,
  endBlock,
  type TextWriter,
  writeInline,
  writeInner,
  writeVerbatim,
  writtenText,
} from './text-writer.ts';

export type HtmlToTextOptions = {
  /** URLs of the addressee: mentions that lead there are dropped from the beginning. */
  readonly selfHrefs?: readonly string[];
  readonly mentions?: readonly Mention[];
  /** The post quotes another, which is told elsewhere: what the content holds in its place is left out. */
  readonly quotes?: boolean;
};

/** Quotes within quotes are shown to this depth; deeper ones lose their mark. */
const MAX_QUOTE_DEPTH = 8;

type Context = {
  readonly mentions: readonly Mention[];
  readonly quotes: number;
  readonly list?: 'ol' | 'ul';
};

const DROPPED = new Set(
  'script style head title template noscript iframe object embed svg math audio video canvas select textarea input rp'.split(
    ' ',
  ),
);
/** Blocks with a blank line around them, and blocks that merely begin a line. */
const PARAGRAPHS = new Set('p h1 h2 h3 h4 h5 h6 blockquote pre ul ol dl table figure hr'.split(' '));
const LINES = new Set(
  'div li tr dt dd section article header footer main aside nav address details summary figcaption form'.split(
    ' ',
  ),
);
const HEADINGS = new Set(['h1', 'h2', 'h3', 'h4', 'h5', 'h6']);

/** XEP-0393 5.1: how a span is written. */
const SPANS = new Map([
  ['strong', '*'],
  ['b', '*'],
  ['em', '_'],
  ['i', '_'],
  ['del', '~'],
  ['s', '~'],
  ['strike', '~'],
  ['code', '`'],
  ['kbd', '`'],
  ['samp', '`'],
  ['tt', '`'],
]);

const isHidden = (node: HtmlElement): boolean => {
  if (DROPPED.has(node.name) || 'hidden' in node.attributes || hasClass(node, 'invisible')) return true;
  const style = (node.attributes['style'] ?? '').replace(/\s/gu, '').toLowerCase();
  return style.includes('display:none') || style.includes('visibility:hidden');
};

const renderInner = (children: readonly HtmlNode[], context: Context): TextWriter => {
  const inner = createWriter();
  walk(inner, children, context);
  return inner;
};

/** XEP-0393 5.1: within one line, not empty, and the directive itself does not occur in it. */
const styleSpan = (text: string, directive: string): string =>
  text === '' || text.includes('\n') || text.includes(directive) ? text : `${directive}${text}${directive}`;

const walkSpan = (writer: TextWriter, node: HtmlElement, directive: string, context: Context): void => {
  const inner = renderInner(node.children, context);
  // XEP-0393 5.1.1: an opening directive stands at the beginning of a block or after white space.
  writeInner(writer, inner, (text, afterSpace) => (afterSpace ? styleSpan(text, directive) : text));
};

const walkQuote = (writer: TextWriter, node: HtmlElement, context: Context): void => {
  if (context.quotes >= MAX_QUOTE_DEPTH) {
    walk(writer, node.children, context);
    return;
  }
  const text = writtenText(renderInner(node.children, { ...context, quotes: context.quotes + 1 }));
  if (text === '') return;
  const lines = text.split('\n').map((line) => (line === '' ? '>' : `> ${line}`));
  writeVerbatim(writer, lines.join('\n'));
};

/** As it stands, line breaks of either kind and all. */
const preformattedText = (nodes: readonly HtmlNode[]): string =>
  nodes
    .map((node) => {
      if (node.kind === 'text') return node.text;
      if (node.name === 'br') return '\n';
      return isHidden(node) ? '' : preformattedText(node.children);
    })
    .join('');

const walkPreformatted = (writer: TextWriter, node: HtmlElement): void => {
  const text = preformattedText(node.children).replace(/^\n/u, '').trimEnd();
  if (text === '') return;
  // XEP-0393 4.2: the first line of backticks ends the block, so such a text cannot be fenced.
  const canBeFenced = !text.split('\n').some((line) => line.startsWith('```'));
  writeVerbatim(writer, canBeFenced ? `\`\`\`\n${text}\n\`\`\`` : text);
};

const walkList = (writer: TextWriter, node: HtmlElement, context: Context): void => {
  const first = Number.parseInt(node.attributes['start'] ?? '1', 10);
  let number = Number.isSafeInteger(first) ? first : 1;
  for (const child of node.children) {
    if (child.kind === 'text' || child.name !== 'li') {
      walk(writer, [child], context);
      continue;
    }
    const text = writtenText(renderInner(child.children, context));
    const mark = node.name === 'ol' ? `${number}. ` : '- ';
    number += 1;
    endBlock(writer, 1);
    const [line = '', ...more] = text.split('\n');
    const indented = more.map((each) => (each === '' ? '' : ' '.repeat(mark.length) + each));
    writeVerbatim(writer, [mark + line, ...indented].join('\n'));
    endBlock(writer, 1);
  }
};

const walkBlock = (writer: TextWriter, node: HtmlElement, context: Context): void => {
  const distance = PARAGRAPHS.has(node.name) ? 2 : 1;
  endBlock(writer, distance);
  if (node.name === 'blockquote') walkQuote(writer, node, context);
  else if (node.name === 'pre') walkPreformatted(writer, node);
  else if (node.name === 'ul' || node.name === 'ol') walkList(writer, node, context);
  else if (node.name === 'hr') writeVerbatim(writer, '———');
  else if (HEADINGS.has(node.name)) walkSpan(writer, node, '*', context);
  else walk(writer, node.children, context);
  endBlock(writer, distance);
};

const walkElement = (writer: TextWriter, node: HtmlElement, context: Context): void => {
  if (isHidden(node)) return;
  const directive = SPANS.get(node.name);
  if (directive !== undefined) walkSpan(writer, node, directive, context);
  else if (PARAGRAPHS.has(node.name) || LINES.has(node.name)) walkBlock(writer, node, context);
  else if (node.name === 'br') breakLine(writer);
  else if (node.name === 'img') writeInline(writer, cleanLine(node.attributes['alt'] ?? ''));
  else if (node.name === 'a') {
    const inner = renderInner(node.children, context);
    writeInner(writer, inner, (text) => linkToText(node, text, context.mentions));
  } else if (node.name === 'rt') {
    writeInline(writer, `(${writtenText(renderInner(node.children, context))})`);
  } else {
    if (node.name === 'td' || node.name === 'th') writeInline(writer, ' ');
    walk(writer, node.children, context);
  }
};

const walk = (writer: TextWriter, nodes: readonly HtmlNode[], context: Context): void => {
  for (const node of nodes) {
    if (node.kind === 'text') writeInline(writer, cleanText(node.text));
    else walkElement(writer, node, context);
  }
};

/**
 * The text of a note as a chat shows it: paragraphs and lines as they were, styling as XEP-0393, links with
 * their real targets, nothing of what a browser would hide. Any input is taken; the length is bounded by
 * `MAX_HTML_LENGTH`, the result is clean (`cleanText`).
 */
export const htmlToText = (html: string, options: HtmlToTextOptions = {}): string => {
  const whole = parseHtml(html);
  const own = options.quotes === true ? withoutQuoteFallback(whole).nodes : whole;
  const nodes = stripLeadingMentions(withMarksInLinks(own), options.selfHrefs ?? []);
  const context = { mentions: options.mentions ?? [], quotes: 0 };
  return cleanText(writtenText(renderInner(nodes, context)));
};
