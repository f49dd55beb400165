/** One line of plain text as HTML: XEP-0393 spans and links; everything else escaped. */

const ESCAPED = new Map([
  ['&', '&amp;'],
  ['<', '&lt;'],
  ['>', '&gt;'],
  ['"', '&quot;'],
  ["'", '&#39;'],
]);

/** Text for HTML, inside an element or between quotes. */
export const escapeHtml = (text: string): string =>
  text.replace(/[&<>"']/gu, (character) => ESCAPED.get(character) ?? '');

const ELEMENTS = new Map([
  ['*', 'strong'],
  ['_', 'em'],
  ['~', 'del'],
  ['`', 'code'],
]);

type Range = { readonly start: number; readonly end: number };

const MAX_URL_LENGTH = 2048;
const URL_START = /(?<![\p{L}\p{N}_])https?:\/\/(?=[^\s<>"`])/giu;
const URL_END = /[\s<>"`\p{Cc}]/u;
/** Signs that close a sentence or a span, not an address. */
const TRAILING = new Set([...".,;:!?'*_~"]);

const countOf = (text: string, character: string): number => text.split(character).length - 1;

const trimUrl = (text: string): string => {
  let url = text;
  while (url !== '') {
    const last = url.slice(-1);
    const unmatched = last === ')' && countOf(url, ')') > countOf(url, '(');
    if (!TRAILING.has(last) && !unmatched) return url;
    url = url.slice(0, -1);
  }
  return url;
};

/** Where web addresses stand in a line. Only http and https become links. */
export const findUrls = (line: string): readonly Range[] => {
  const found: Range[] = [];
  for (const { index: start } of line.matchAll(URL_START)) {
    if (start < (found.at(-1)?.end ?? 0)) continue;
    const rest = line.slice(start, start + MAX_URL_LENGTH);
    const stop = rest.search(URL_END);
    const text = trimUrl(stop < 0 ? rest : rest.slice(0, stop));
    if (URL.canParse(text)) found.push({ start, end: start + text.length });
  }
  return found;
};

const renderLink = (url: string): string =>
  `<a href="${escapeHtml(url)}" rel="nofollow noopener">${escapeHtml(url)}</a>`;

type Line = {
  readonly text: string;
  /** Index of the first character of each address, and where it ends. */
  readonly urls: ReadonlyMap<number, number>;
  /** 1 for each character inside an address: no span begins or ends there. */
  readonly inUrl: Uint8Array;
};

const readLine = (text: string): Line => {
  const urls = findUrls(text);
  const inUrl = new Uint8Array(text.length);
  for (const { start, end } of urls) inUrl.fill(1, start, end);
  return { text, urls: new Map(urls.map(({ start, end }) => [start, end])), inUrl };
};

/** What is being rendered: a part of a line, inside the spans whose directives are `within`. */
type Part = { readonly line: Line; readonly start: number; readonly end: number; readonly within: string };
type Piece = { readonly html: string; readonly end: number };

const isSpace = (character: string | undefined): boolean => character === undefined || /\s/u.test(character);

/** XEP-0393 5.1.1: after white space or another directive, and not before white space. */
const opens = ({ line: { text }, start }: Part, at: number): boolean => {
  const before = at === start ? undefined : text[at - 1];
  const free = isSpace(before) || (ELEMENTS.has(before ?? '') && before !== text[at]);
  return free && !isSpace(text[at + 1]) && text[at + 1] !== text[at];
};

/** The index of the directive that closes the span, or -1: the next one that is not after white space. */
const findClosing = ({ line: { text, inUrl }, end }: Part, open: number): number => {
  const directive = text[open] ?? '';
  for (
    let at = text.indexOf(directive, open + 2);
    at >= 0 && at < end;
    at = text.indexOf(directive, at + 1)
  ) {
    if (!isSpace(text[at - 1]) && inUrl[at] === 0) return at;
  }
  return -1;
};

const renderUrlAt = ({ line, end }: Part, at: number): Piece | undefined => {
  const stop = line.urls.get(at);
  return stop === undefined || stop > end
    ? undefined
    : { html: renderLink(line.text.slice(at, stop)), end: stop };
};

/** `lonely` collects the directives that found no partner: further right they find none either. */
const renderSpanAt = (part: Part, at: number, lonely: Set<string>): Piece | undefined => {
  const directive = part.line.text[at] ?? '';
  const name = ELEMENTS.get(directive);
  if (name === undefined || lonely.has(directive) || !opens(part, at)) return undefined;
  const closing = findClosing(part, at);
  if (closing < 0) {
    lonely.add(directive);
    return undefined;
  }
  const inner = { ...part, start: at + 1, end: closing, within: part.within + directive };
  const html = directive === '`' ? escapeHtml(part.line.text.slice(at + 1, closing)) : renderPart(inner);
  return { html: `<${name}>${html}</${name}>`, end: closing + 1 };
};

const renderPart = (part: Part): string => {
  const { line, start, end, within } = part;
  const lonely = new Set(within);
  const out: string[] = [];
  let plainFrom = start;
  for (let at = start; at < end; ) {
    const piece = renderUrlAt(part, at) ?? renderSpanAt(part, at, lonely);
    if (piece === undefined) {
      at += 1;
      continue;
    }
    out.push(escapeHtml(line.text.slice(plainFrom, at)), piece.html);
    at = piece.end;
    plainFrom = at;
  }
  out.push(escapeHtml(line.text.slice(plainFrom, end)));
  return out.join('');
};

/** Renders one line of text: safe for any input, and in time linear to its length. */
export const renderLine = (text: string): string =>
  renderPart({ line: readLine(text), start: 0, end: text.length, within: '' });
