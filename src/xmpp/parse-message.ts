import type { IncomingMessage } from '../bridge/stanza.ts';
import { attrOf, childOf, childrenOf, type Element, elementsOf, isElement, textOf } from './element.ts';
import { stripFallback } from './fallback.ts';
import { NS } from './namespaces.ts';
import type { Route } from './route.ts';

/** More than any client sends; what is beyond is left out. The stream's own limit bounds the whole stanza. */
const LIMITS = { oob: 16, url: 4096, reactions: 32, reaction: 64 } as const;

/**
 * Reads a message that is no error. Undefined for a carbon: the user's server makes those for the user's
 * own clients, and one that reaches us tells of a conversation that is not ours (XEP-0280 11).
 */
export const parseMessage = (
  element: Element,
  route: Route,
  type: string | undefined,
): IncomingMessage | undefined => {
  if (elementsOf(element).some((child) => child.getNS() === NS.carbons && isCarbon(child))) return undefined;
  const replyTo = idIn(element, 'reply', NS.reply);
  const retracts = parseRetraction(element);
  const reactions = parseReactions(element);
  const spoken = parseBody(element);
  const body = stripFallback(element, spoken.body, {
    [NS.reply]: replyTo !== undefined,
    [NS.retract]: retracts !== undefined,
    [NS.reactions]: reactions !== undefined,
  });
  const oob = parseOob(element);
  const encryption = parseEncryption(element, [body ?? '', ...oob]);
  return {
    kind: 'message',
    type: TYPES.find((known) => known === type) ?? 'normal',
    ...route,
    body,
    subject: bestText(element, 'subject')?.text || undefined,
    lang: spoken.lang,
    wantsReceipt: childOf(element, 'request', NS.receipts) !== undefined,
    replyTo,
    replaces: idIn(element, 'replace', NS.correct),
    retracts,
    reactions,
    oob,
    encrypted: encryption !== 'none',
    signalOnly:
      body === undefined &&
      oob.length === 0 &&
      retracts === undefined &&
      reactions === undefined &&
      encryption !== 'payload',
  };
};

/** RFC 6121 5.2.2: an unknown type counts as `normal`. */
const TYPES: readonly IncomingMessage['type'][] = ['chat', 'normal', 'groupchat', 'headline'];

const isCarbon = (child: Element): boolean => child.getName() === 'sent' || child.getName() === 'received';

const idIn = (element: Element, name: string, namespace: string): string | undefined => {
  const child = childOf(element, name, namespace);
  return child === undefined ? undefined : attrOf(child, 'id');
};

/** XEP-0424: version 1, and the fastening form (XEP-0422) that older clients still send. */
const parseRetraction = (element: Element): string | undefined => {
  const current = idIn(element, 'retract', NS.retract);
  if (current !== undefined) return current;
  const fastening = childOf(element, 'apply-to', NS.fasten);
  if (fastening === undefined || childOf(fastening, 'retract', NS.retractFastened) === undefined)
    return undefined;
  return attrOf(fastening, 'id');
};

/** XEP-0444 3: the whole set each time, each emoji once; an empty set takes all back. */
const parseReactions = (element: Element): IncomingMessage['reactions'] => {
  const reactions = childOf(element, 'reactions', NS.reactions);
  const to = reactions === undefined ? undefined : attrOf(reactions, 'id');
  if (reactions === undefined || to === undefined) return undefined;
  const emojis = childrenOf(reactions, 'reaction', NS.reactions)
    .slice(0, LIMITS.reactions)
    .map((reaction) => textOf(reaction).trim())
    .filter((emoji) => emoji !== '' && emoji.length <= LIMITS.reaction);
  return { to, emojis: [...new Set(emojis)] };
};

const parseOob = (element: Element): readonly string[] =>
  childrenOf(element, 'x', NS.oob)
    .slice(0, LIMITS.oob)
    .flatMap((x) => childrenOf(x, 'url', NS.oob).slice(0, 1))
    .map((url) => textOf(url).trim())
    .filter((url) => url !== '' && url.length <= LIMITS.url);

/** BCP 47, loosely: letters and digits in groups of eight. */
const LANGUAGE = /^[A-Za-z]{1,8}(?:-[A-Za-z0-9]{1,8}){0,7}$/u;

const langOf = (element: Element): string | undefined => {
  const lang = attrOf(element, 'xml:lang', 71);
  return lang !== undefined && LANGUAGE.test(lang) ? lang : undefined;
};

/**
 * One of several bodies or subjects (RFC 6121 5.2.3): the one in the language of the stanza, else the
 * first. A language on the stream's header is not looked at: there it is the server's, not the sender's.
 */
const bestText = (element: Element, name: string): { text: string; lang: string | undefined } | undefined => {
  const candidates = childrenOf(element, name, element.getNS());
  const stanzaLang = langOf(element);
  const best =
    candidates.find((child) => langOf(child) === undefined || langOf(child) === stanzaLang) ?? candidates[0];
  return best === undefined ? undefined : { text: textOf(best), lang: langOf(best) ?? stanzaLang };
};

const parseBody = (element: Element): { body: string | undefined; lang: string | undefined } => {
  const best = bestText(element, 'body');
  return { body: best?.text || undefined, lang: best?.lang };
};

/**
 * `payload`: the message itself is encrypted, its body a fallback. `signal`: only keys travel (an OMEMO
 * message without a payload, XEP-0384 4.6), which clients send on their own and nobody needs to answer.
 */
const parseEncryption = (element: Element, texts: readonly string[]): 'none' | 'payload' | 'signal' => {
  const children = elementsOf(element);
  if (texts.some(isSecretText)) return 'payload';
  const omemo = children.find((child) => child.getName() === 'encrypted' && isOmemo(child.getNS()));
  if (omemo !== undefined) {
    const carries = elementsOf(omemo).some((child) => child.getName() === 'payload');
    return carries || childOf(element, 'body', element.getNS()) !== undefined ? 'payload' : 'signal';
  }
  return children.some(isEncryptionMark) ? 'payload' : 'none';
};

/** XEP-0454 links carry the key of the file in the address; `?OTR` opens an OTR message (XEP-0364). */
const isSecretText = (text: string): boolean => /^\s{0,16}(?:aesgcm:\/\/|\?OTR)/iu.test(text);

const isOmemo = (namespace: string | undefined): boolean =>
  namespace === 'eu.siacs.conversations.axolotl' || namespace?.startsWith('urn:xmpp:omemo:') === true;

/** XEP-0380, XEP-0373 (any version of OpenPGP for XMPP) and XEP-0027. */
const isEncryptionMark = (child: Element): boolean =>
  isElement(child, 'encryption', NS.encryption) ||
  (child.getName() === 'openpgp' && child.getNS()?.startsWith('urn:xmpp:openpgp:') === true) ||
  isElement(child, 'x', 'jabber:x:encrypted');
