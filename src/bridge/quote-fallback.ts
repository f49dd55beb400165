import { type HtmlElement, type HtmlNode, hasClass } from './html-tree.ts';

/** What a post says beside its quote, and the link that it has for readers who know no quotes. */
export type WithoutFallback = { readonly nodes: readonly HtmlNode[]; readonly href: string | undefined };

const isElement = (node: HtmlNode): node is HtmlElement => node.kind === 'element';

const firstHref = (nodes: readonly HtmlNode[]): string | undefined => {
  for (const node of nodes.filter(isElement)) {
    const href = node.name === 'a' ? node.attributes['href'] : firstHref(node.children);
    if (href !== undefined) return href;
  }
  return undefined;
};

/**
 * Takes out what servers add to a post that quotes another, for those that know no quotes: "RE:" and a link, in an
 * element of the class `quote-inline` (Mastodon puts it first, Misskey and Pleroma last).
 */
export const withoutQuoteFallback = (nodes: readonly HtmlNode[]): WithoutFallback => {
  let href: string | undefined;
  const strip = (list: readonly HtmlNode[]): readonly HtmlNode[] =>
    list.flatMap((node): readonly HtmlNode[] => {
      if (!isElement(node)) return [node];
      if (!hasClass(node, 'quote-inline')) return [{ ...node, children: strip(node.children) }];
      href ??= firstHref(node.children);
      return [];
    });
  return { nodes: strip(nodes), href };
};
