import { type Element, xml } from '@xmpp/component';
import { cleanText } from '../bridge/text.ts';

export type { Element };

/** Children that are elements, in order. */
export const elementsOf = (parent: Element): readonly Element[] =>
  parent.children.filter((child) => typeof child !== 'string');

/** The first child element of this name and namespace. */
export const childOf = (parent: Element, name: string, namespace: string | undefined): Element | undefined =>
  elementsOf(parent).find((child) => isElement(child, name, namespace));

/** All child elements of this name and namespace. */
export const childrenOf = (
  parent: Element,
  name: string,
  namespace: string | undefined,
): readonly Element[] => elementsOf(parent).filter((child) => isElement(child, name, namespace));

export const isElement = (element: Element, name: string, namespace: string | undefined): boolean =>
  element.getName() === name && element.getNS() === namespace;

/** The text directly under an element, cleaned. */
export const textOf = (element: Element): string =>
  cleanText(element.children.filter((child) => typeof child === 'string').join(''));

/**
 * An attribute, cleaned; undefined when it is absent, empty or longer than `maxBytes` of UTF-8. Ids become keys
 * in the database, whose indexes hold no more than 2704 bytes an entry.
 */
export const attrOf = (element: Element, name: string, maxBytes = 1024): string | undefined => {
  const value = Object.hasOwn(element.attrs, name) ? element.attrs[name] : undefined;
  if (typeof value !== 'string' || Buffer.byteLength(value) > maxBytes) return undefined;
  return cleanText(value) || undefined;
};

/**
 * Writes a tree as XML. Every text and every attribute is cleaned here, at the one door to the wire: a
 * single character outside XML 1.0 would make the server close the stream for everybody. The tree must be
 * one of our own making; its depth is the depth of the recursion.
 */
export const elementToXml = (element: Element): string => cleanTree(element).toString();

const cleanTree = (element: Element): Element =>
  xml(
    element.name,
    Object.fromEntries(
      Object.entries(element.attrs).map(([name, value]) => [
        name,
        value === undefined ? undefined : cleanText(value),
      ]),
    ),
    ...element.children.map((child) => (typeof child === 'string' ? cleanText(child) : cleanTree(child))),
  );
