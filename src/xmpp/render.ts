import { xml } from '@xmpp/component';
import type { OutgoingMessage, OutgoingStanza, StanzaError } from '../bridge/stanza.ts';
import type { EntityCaps } from './caps.ts';
import type { Element } from './element.ts';
import { NS } from './namespaces.ts';
import { renderAvatarMetadata } from './vcard.ts';

/** Older than this a message says when it was written (XEP-0203), in milliseconds. */
const LATE_AFTER = 60_000;

/**
 * Makes the element of a stanza. Total: every `OutgoingStanza` has one. `now` decides whether a message is
 * late. `caps` go with available presence. Texts are cleaned where elements become XML (`elementToXml`), never here.
 */
export const renderStanza = (
  stanza: OutgoingStanza,
  { now, caps }: { readonly now: Date; readonly caps?: EntityCaps | undefined },
): Element => {
  const { id, from, to } = stanza;
  switch (stanza.kind) {
    case 'message':
      return renderMessage(stanza, now);
    case 'receipt':
      // XEP-0184 5.4: no body, so a server keeps it for an absent client only if told to (XEP-0334 4.3).
      return xml(
        'message',
        { type: 'chat', id, from, to },
        xml('received', { xmlns: NS.receipts, id: stanza.received }),
        xml('store', { xmlns: NS.hints }),
      );
    case 'message-error':
      return xml('message', { type: 'error', id, from, to }, renderError(stanza.error));
    case 'presence-error':
      return xml('presence', { type: 'error', id, from, to }, renderError(stanza.error));
    case 'nick':
      return renderEvent(stanza, NS.nick, 'current', xml('nick', { xmlns: NS.nick }, stanza.nick));
    case 'avatar':
      return renderEvent(stanza, NS.avatarMetadata, stanza.photo.sha1, renderAvatarMetadata(stanza.photo));
    case 'presence':
      return xml(
        'presence',
        { type: stanza.type === 'available' ? undefined : stanza.type, id, from, to },
        optional('status', stanza.status),
        optional('nick', stanza.nick, NS.nick),
        ...(stanza.type === 'available' ? renderEntity(stanza, caps) : []),
      );
  }
};

/** XEP-0163 4.3: an item of a node, pushed to who has to do with its owner. */
const renderEvent = (
  { id, from, to }: Pick<OutgoingStanza, 'id' | 'from' | 'to'>,
  node: string,
  itemId: string,
  content: Element,
): Element =>
  xml(
    'message',
    { type: 'headline', id, from, to },
    xml('event', { xmlns: NS.pubsubEvent }, xml('items', { node }, xml('item', { id: itemId }, content))),
  );

/** RFC 6120 8.3.2: the condition, then a text for people. `gone` names the new address (8.3.3.5). */
export const renderError = (error: StanzaError): Element =>
  xml(
    'error',
    { type: error.type },
    xml(error.condition, { xmlns: NS.stanzas }, error.condition === 'gone' ? error.uri : undefined),
    xml('text', { xmlns: NS.stanzas, 'xml:lang': error.lang }, error.text),
  );

const renderMessage = (message: OutgoingMessage, now: Date): Element => {
  const { type, id, from, to, lang, replyTo, replaces, retracts, oob } = message;
  return xml(
    'message',
    { type, id, from, to, 'xml:lang': lang },
    optional('subject', message.subject),
    optional('body', message.body),
    xml('origin-id', { xmlns: NS.stanzaIds, id }),
    replyTo && xml('reply', { xmlns: NS.reply, id: replyTo.id, to: replyTo.to }),
    replaces === undefined ? undefined : xml('replace', { xmlns: NS.correct, id: replaces }),
    ...(retracts === undefined ? [] : renderRetraction(retracts, message.body !== '')),
    oob && xml('x', { xmlns: NS.oob }, xml('url', {}, oob.url), optional('desc', oob.desc)),
    renderDelay(message, now),
    // XEP-0334 4.3: a message without a body is otherwise neither archived nor kept for an absent client.
    message.body === '' || retracts !== undefined ? xml('store', { xmlns: NS.hints }) : undefined,
  );
};

/** XEP-0424 4.1: the body is there for clients that do not know retractions. */
const renderRetraction = (id: string, hasBody: boolean): readonly (Element | undefined)[] => [
  xml('retract', { xmlns: NS.retract, id }),
  hasBody ? xml('fallback', { xmlns: NS.fallback, for: NS.retract }) : undefined,
];

/** XEP-0203 3, stamped by the gateway's own domain. A time that is none is left out. */
const renderDelay = ({ publishedAt, from }: OutgoingMessage, now: Date): Element | undefined => {
  const published = publishedAt === undefined ? Number.NaN : Date.parse(publishedAt);
  if (!(now.getTime() - published > LATE_AFTER)) return undefined;
  const stamp = new Date(published).toISOString();
  return xml('delay', { xmlns: NS.delay, from: domainOf(from), stamp });
};

/** XEP-0115 4 for all; XEP-0153 4.1 for contacts, where an empty `photo` says that there is no picture. */
const renderEntity = (
  { from, photo }: { readonly from: string; readonly photo?: string },
  caps: EntityCaps | undefined,
): readonly (Element | undefined)[] => {
  const isContact = from.includes('@');
  const own = isContact ? caps?.contact : caps?.gateway;
  return [
    own && xml('c', { xmlns: NS.caps, hash: 'sha-1', node: own.node, ver: own.ver }),
    isContact
      ? xml('x', { xmlns: NS.vcardUpdate }, photo === undefined ? undefined : xml('photo', {}, photo))
      : undefined,
  ];
};

const domainOf = (jid: string): string => {
  const bare = jid.split('/', 1)[0] ?? '';
  return bare.slice(bare.lastIndexOf('@') + 1);
};

const optional = (name: string, text: string | undefined, xmlns?: string): Element | undefined =>
  text === undefined || text === '' ? undefined : xml(name, { xmlns }, text);
