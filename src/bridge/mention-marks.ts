import { type HtmlNode, textContent } from './html-tree.ts';

const isMarked = (before: HtmlNode | undefined, link: HtmlNode | undefined): boolean =>
  before?.kind === 'text' &&
  /(?:^|\s)@$/u.test(before.text) &&
  link?.kind === 'element' &&
  link.name === 'a' &&
  // An address that is its own text stays one.
  /^[^\s@/][^/]*$/u.test(textContent(link.children));

/**
 * COMPAT Akkoma, Hubzilla: a mention in a post of theirs is `@<a href="…">alice</a>`. The mark goes
 * into the link, so that it reads like the mentions of all others.
 */
export const withMarksInLinks = (nodes: readonly HtmlNode[]): readonly HtmlNode[] =>
  nodes.map((node, index) => {
    if (node.kind === 'text')
      return isMarked(node, nodes[index + 1]) ? { ...node, text: node.text.slice(0, -1) } : node;
    const children = withMarksInLinks(node.children);
    const mark = isMarked(nodes[index - 1], node) ? [{ kind: 'text', text: '@' } as const] : [];
    return { ...node, children: [...mark, ...children] };
  });
