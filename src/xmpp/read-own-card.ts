import { xml } from '@xmpp/component';
import type { OwnCard } from '../bridge/own-profile.ts';
import { type Element, elementsOf } from './element.ts';
import { NS } from './namespaces.ts';
import { parseAvatarData, parseOwnCard } from './own-card.ts';

/**
 * The payload of a result that somebody sent to a question (iq get) of the gateway's own; undefined where the answer
 * is an error, or none came. Never rejects.
 */
export type AskForPayload = (to: string, payload: Element) => Promise<Element | undefined>;

/**
 * What an account's server gives to everybody: the vcard-temp of the bare JID (XEP-0054 3.2), and where that has no
 * picture the avatar of PEP (XEP-0084 4.1). Undefined where it gives neither.
 * @param jid bare
 */
export const readOwnCard = async (ask: AskForPayload, jid: string): Promise<OwnCard | undefined> => {
  const card = parseOwnCard(await ask(jid, xml('vCard', { xmlns: NS.vcardTemp })));
  if (card?.photo !== undefined) return card;
  const newest = xml('items', { node: NS.avatarData, max_items: '1' });
  const photo = parseAvatarData(await ask(jid, xml('pubsub', { xmlns: NS.pubsub }, newest)));
  return photo === undefined ? card : { name: undefined, bio: undefined, ...card, photo };
};

/** The one child of a result; undefined for an error. */
export const payloadOf = (iq: Element | undefined): Element | undefined =>
  iq?.attrs['type'] === 'result' ? elementsOf(iq)[0] : undefined;
