import { parseJid } from '../bridge/jid.ts';
import { attrOf, childrenOf, type Element, elementsOf } from './element.ts';
import { NS } from './namespaces.ts';

/** What a server lets the component do with the rosters of its users (XEP-0356 4.2). */
export type RosterPermission = 'none' | 'get' | 'set' | 'both';

export type Advertised = {
  /** The domain that grants it, and for whose users it holds. */
  readonly domain: string;
  readonly roster: RosterPermission;
  /** Of the protocol, by its namespace. */
  readonly version: 1 | 2;
  /** Namespaces of which it may ask in the name of a user (XEP-0356 6). */
  readonly questions: ReadonlySet<string>;
};

const PERMISSIONS: readonly RosterPermission[] = ['none', 'get', 'set', 'both'];

/**
 * Reads the message in which a server says what the component may do (XEP-0356 4.1, in both namespaces); undefined
 * for any other message, and for one that does not come from a domain. What it does not name is not allowed.
 */
export const parsePrivileges = (message: Element): Advertised | undefined => {
  if (message.getName() !== 'message') return undefined;
  const from = parseJid(attrOf(message, 'from', 3071) ?? '');
  const privilege = elementsOf(message).find(
    (child) => child.getName() === 'privilege' && NAMESPACES.has(child.getNS() ?? ''),
  );
  if (privilege === undefined || from === undefined || from.local !== '' || from.resource !== '')
    return undefined;
  const perms = childrenOf(privilege, 'perm', privilege.getNS());
  // A forwarded stanza in the same element is another matter, and none that we ever ask for.
  if (perms.length === 0 && elementsOf(privilege).length > 0) return undefined;
  const roster = perms.find((perm) => attrOf(perm, 'access', 20) === 'roster');
  const type = roster === undefined ? 'none' : attrOf(roster, 'type', 20);
  return {
    domain: from.domain,
    version: privilege.getNS() === NS.privilege1 ? 1 : 2,
    roster: PERMISSIONS.find((each) => each === type) ?? 'none',
    questions: readQuestions(privilege),
  };
};

const MAX_NAMESPACES = 100;

/** `namespace` stands inside of its `perm`; COMPAT mod_privilege of Prosody nests further ones into the first. */
const readQuestions = (privilege: Element): ReadonlySet<string> => {
  const found = new Set<string>();
  const open = [...elementsOf(privilege)];
  for (let looked = 0; open.length > 0 && looked < MAX_NAMESPACES; looked += 1) {
    const element = open.shift();
    if (element === undefined) break;
    open.push(...elementsOf(element));
    const name = attrOf(element, 'ns');
    const allows = ['get', 'both'].includes(attrOf(element, 'type', 20) ?? '');
    if (element.getName() === 'namespace' && name !== undefined && allows) found.add(name);
  }
  return found;
};

const NAMESPACES: ReadonlySet<string> = new Set([NS.privilege1, NS.privilege2]);
