import { xml } from '@xmpp/component';
import { attrOf, childrenOf, type Element, isElement, textOf } from './element.ts';
import { NS } from './namespaces.ts';

/** An item of a user's roster (RFC 6121 2.1.2), as much of it as matters here. */
export type RosterItem = {
  readonly name: string | undefined;
  readonly groups: readonly string[];
};

export const renderRosterGet = (): Element => xml('query', { xmlns: NS.roster });

/** The item of one contact in the answer to that; undefined where there is none, or no answer. */
export const findRosterItem = (answer: Element | undefined, jid: string): RosterItem | undefined => {
  const query = answer?.children.find(
    (child): child is Element => typeof child !== 'string' && isElement(child, 'query', NS.roster),
  );
  if (query === undefined || answer?.attrs['type'] !== 'result') return undefined;
  const item = childrenOf(query, 'item', NS.roster).find((each) => attrOf(each, 'jid') === jid);
  return (
    item && {
      name: attrOf(item, 'name'),
      groups: childrenOf(item, 'group', NS.roster).map(textOf),
    }
  );
};

/**
 * Sets name and groups of an item. It says nothing of the subscription, which may have become another since the item
 * was read: a server keeps its own.
 */
export const renderRosterSet = (
  jid: string,
  { name, groups }: Pick<RosterItem, 'name' | 'groups'>,
): Element =>
  xml(
    'query',
    { xmlns: NS.roster },
    xml('item', { jid, name }, ...groups.map((group) => xml('group', {}, group))),
  );
