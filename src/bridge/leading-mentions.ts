import { type HtmlNode, hasClass, textContent } from './html-tree.ts';

const sameUrl = (left: string, right: string): boolean => {
  const [a, b] = [URL.parse(left), URL.parse(right)];
  return a !== null && b !== null && a.href === b.href;
};

const isBlank = (nodes: readonly HtmlNode[]): boolean => textContent(nodes).trim() === '';

type Stripped = { readonly nodes: readonly HtmlNode[]; readonly goOn: boolean };

const stripOne = (node: HtmlNode, isSelf: (href: string) => boolean): Stripped => {
  if (node.kind === 'text') return { nodes: [node], goOn: node.text.trim() === '' };
  if (node.name === 'a') {
    if (isSelf(node.attributes['href'] ?? '')) return { nodes: [], goOn: true };
    return { nodes: [node], goOn: hasClass(node, 'mention') };
  }
  if (node.children.length === 0) return { nodes: [node], goOn: node.name === 'br' };
  const inner = stripRun(node.children, isSelf);
  // A wrapper that held nothing but the mention goes with it.
  const emptied = inner.goOn && isBlank(inner.nodes) && !isBlank(node.children);
  return { nodes: emptied ? [] : [{ ...node, children: inner.nodes }], goOn: inner.goOn };
};

const stripRun = (nodes: readonly HtmlNode[], isSelf: (href: string) => boolean): Stripped => {
  const kept: HtmlNode[] = [];
  for (const [index, node] of nodes.entries()) {
    const stripped = stripOne(node, isSelf);
    kept.push(...stripped.nodes);
    if (!stripped.goOn) return { nodes: [...kept, ...nodes.slice(index + 1)], goOn: false };
  }
  return { nodes: kept, goOn: true };
};

/**
 * Removes the addressee's own mentions from the run of mentions with which a note begins: in a chat they say
 * nothing. They are known by where they lead (`selfHrefs`: actor URL, profile URL), never by their text; the
 * mentions of others stay.
 */
export const stripLeadingMentions = (
  nodes: readonly HtmlNode[],
  selfHrefs: readonly string[],
): readonly HtmlNode[] => stripRun(nodes, (href) => selfHrefs.some((self) => sameUrl(self, href))).nodes;
