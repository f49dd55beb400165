import { Parser } from 'htmlparser2';

/** HTML from a stranger as plain data. Entities are decoded; comments and declarations are gone. */
export type HtmlElement = {
  readonly kind: 'element';
  /** Lower case. */
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: readonly HtmlNode[];
};
export type HtmlNode = HtmlElement | { readonly kind: 'text'; readonly text: string };

/** In UTF-16 units. What stands beyond is not read: the reader gets a link to the whole. */
export const MAX_HTML_LENGTH = 131_072;
/** Elements nested deeper than this lose their tag, not their text. */
export const MAX_HTML_DEPTH = 64;
/** The parser searches its stack at each end tag, so a document that nests deeper than this ends here. */
const MAX_OPEN_TAGS = 1024;
const CHUNK_LENGTH = 4096;

type GrowingText = { readonly kind: 'text'; text: string };
type Growing = Omit<HtmlElement, 'children'> & { readonly children: (Growing | GrowingText)[] };

const element = (name: string, attributes: Record<string, string>): Growing => ({
  kind: 'element',
  name,
  attributes,
  children: [],
});

/** Reads any text as a fragment of HTML. Never throws; bounded in length and depth by the limits above. */
export const parseHtml = (html: string): readonly HtmlNode[] => {
  const root = element('', {});
  const open: Growing[] = [root];
  let tooDeep = 0;
  const parent = (): Growing => open.at(-1) ?? root;
  const parser = new Parser({
    onopentag: (name, attributes) => {
      if (open.length > MAX_HTML_DEPTH) {
        tooDeep += 1;
        return;
      }
      const child = element(name, { ...attributes });
      parent().children.push(child);
      open.push(child);
    },
    ontext: (text) => {
      const { children } = parent();
      const last = children.at(-1);
      // The parser hands a text over in pieces; together they may be one character.
      if (last?.kind === 'text') last.text += text;
      else children.push({ kind: 'text', text });
    },
    onclosetag: () => {
      if (tooDeep > 0) tooDeep -= 1;
      else open.pop();
    },
  });
  const end = Math.min(html.length, MAX_HTML_LENGTH);
  for (let at = 0; at < end && tooDeep < MAX_OPEN_TAGS; at += CHUNK_LENGTH) {
    parser.write(html.slice(at, Math.min(at + CHUNK_LENGTH, end)));
  }
  parser.end();
  return root.children;
};

/** True where `class` holds the given word. */
export const hasClass = (node: HtmlElement, word: string): boolean =>
  (node.attributes['class'] ?? '').split(/\s+/u).includes(word);

/** All text below the nodes, hidden or not. */
export const textContent = (nodes: readonly HtmlNode[]): string =>
  nodes.map((node) => (node.kind === 'text' ? node.text : textContent(node.children))).join('');
