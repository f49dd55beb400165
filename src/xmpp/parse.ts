import type { IncomingBounce, IncomingPresence, PresenceType, Stanza } from '../bridge/stanza.ts';
import { attrOf, type Element, elementsOf } from './element.ts';
import { NS } from './namespaces.ts';
import { parseMessage } from './parse-message.ts';
import { parseRoute, type Route } from './route.ts';

/**
 * Reads a message or a presence. Undefined for what carries no meaning for us: an iq, a stanza without a
 * usable sender or recipient, a presence of unknown type, a carbon. Pure; never throws, whatever the tree.
 */
export const parseStanza = (element: Element): Stanza | undefined => {
  const name = element.getName();
  if (name !== 'message' && name !== 'presence') return undefined;
  const route = parseRoute(element);
  if (route === undefined) return undefined;
  const type = attrOf(element, 'type', 20);
  if (type === 'error') return { kind: 'bounce', stanza: name, ...route, ...parseError(element) };
  return name === 'message' ? parseMessage(element, route, type) : parsePresence(route, type);
};

const PRESENCE_TYPES: readonly PresenceType[] = [
  'available',
  'unavailable',
  'subscribe',
  'subscribed',
  'unsubscribe',
  'unsubscribed',
  'probe',
];

/** RFC 6121 4.7.1: no type means available; a type outside the list has no meaning. */
const parsePresence = (route: Route, type: string | undefined): IncomingPresence | undefined => {
  const known = PRESENCE_TYPES.find((candidate) => candidate === (type ?? 'available'));
  return known === undefined ? undefined : { kind: 'presence', type: known, ...route };
};

const ERROR_TYPES: readonly IncomingBounce['errorType'][] = ['auth', 'cancel', 'continue', 'modify', 'wait'];

/** RFC 6120 8.3.3. */
const CONDITIONS: ReadonlySet<string> = new Set([
  'bad-request',
  'conflict',
  'feature-not-implemented',
  'forbidden',
  'gone',
  'internal-server-error',
  'item-not-found',
  'jid-malformed',
  'not-acceptable',
  'not-allowed',
  'not-authorized',
  'policy-violation',
  'recipient-unavailable',
  'redirect',
  'registration-required',
  'remote-server-not-found',
  'remote-server-timeout',
  'resource-constraint',
  'service-unavailable',
  'subscription-required',
  'undefined-condition',
  'unexpected-request',
]);

/** What an error stanza says (RFC 6120 8.3.2); a senseless one counts as a final, undefined one. */
const parseError = (element: Element): Pick<IncomingBounce, 'condition' | 'errorType'> => {
  const error = elementsOf(element).find((child) => child.getName() === 'error');
  const type = error === undefined ? undefined : attrOf(error, 'type', 20);
  const condition = (error === undefined ? [] : elementsOf(error))
    .filter((child) => child.getNS() === NS.stanzas)
    .map((child) => child.getName())
    .find((name) => CONDITIONS.has(name));
  return {
    condition: condition ?? 'undefined-condition',
    errorType: ERROR_TYPES.find((candidate) => candidate === type) ?? 'cancel',
  };
};
