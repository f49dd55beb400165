import { type Element, xml } from '@xmpp/component';

/** Reads one stanza as the stream would: below a stream header of the component's namespace. */
export const parseXml = (text: string): Element => {
  const parser = new xml.Parser();
  const found: Element[] = [];
  parser.on('element', (element: Element) => found.push(element));
  parser.on('error', (error: unknown) => {
    throw error;
  });
  parser.write(`<stream:stream xmlns="jabber:component:accept" xml:lang="xx">${text}`);
  const [element] = found;
  if (element === undefined) throw new Error(`not a whole element: ${text.slice(0, 200)}`);
  return element;
};
