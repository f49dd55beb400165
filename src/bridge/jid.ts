import { countBytes } from './text.ts';

/** A JID in canonical form (RFC 7622); '' for a part that is absent. */
export type Jid = {
  readonly local: string;
  readonly domain: string;
  readonly resource: string;
  /** `local@domain` or `domain`. */
  readonly bare: string;
  /** The bare JID, and the resource where there is one. */
  readonly full: string;
};

/** RFC 7622 3.1: each part has at most 1023 bytes. */
const MAX_PART_BYTES = 1023;
const MAX_JID_LENGTH = 3 * MAX_PART_BYTES + 2;

/** RFC 7622 3.3.1 forbids these in a local part; white space and controls are no letters of any identifier. */
const ILLEGAL_IN_LOCAL = /["&'/:<>@\s\p{Cc}\p{Cs}\u{fffe}\u{ffff}]/u;
const ILLEGAL_IN_RESOURCE = /[\p{Cc}\p{Cs}\u{fffe}\u{ffff}]/u;
const DOMAIN_LABEL = /^[\p{L}\p{M}\p{N}_-]+$/u;
const IPV6_LITERAL = /^\[[0-9a-f:.]{2,45}\]$/u;

const fold = (text: string): string => text.toLowerCase().normalize('NFC');

const isDomain = (domain: string): boolean =>
  IPV6_LITERAL.test(domain) || domain.split('.').every((label) => DOMAIN_LABEL.test(label));

const fits = (part: string): boolean => countBytes(part) <= MAX_PART_BYTES;

/**
 * Reads a JID: local part and domain in lower case, the resource as it is. Undefined for whatever is none:
 * an empty part beside its separator, a forbidden character, a part of more than 1023 bytes.
 */
export const parseJid = (text: string): Jid | undefined => {
  if (text.length > MAX_JID_LENGTH) return undefined;
  const slash = text.indexOf('/');
  const address = slash < 0 ? text : text.slice(0, slash);
  const resource = slash < 0 ? '' : text.slice(slash + 1).normalize('NFC');
  if (slash >= 0 && (resource === '' || ILLEGAL_IN_RESOURCE.test(resource))) return undefined;

  const at = address.indexOf('@');
  const local = at < 0 ? '' : fold(address.slice(0, at));
  if (at >= 0 && (local === '' || ILLEGAL_IN_LOCAL.test(local))) return undefined;

  // RFC 7622 3.2: a dot at the end is no part of the domain.
  const domain = fold(address.slice(at + 1)).replace(/\.$/u, '');
  if (!isDomain(domain) || ![local, domain, resource].every(fits)) return undefined;

  const bare = local === '' ? domain : `${local}@${domain}`;
  return { local, domain, resource, bare, full: resource === '' ? bare : `${bare}/${resource}` };
};

/** XEP-0106 3.2: what is written as backslash and two hex digits. */
const ESCAPES = new Map([
  [' ', '\\20'],
  ['"', '\\22'],
  ['&', '\\26'],
  ["'", '\\27'],
  ['/', '\\2f'],
  [':', '\\3a'],
  ['<', '\\3c'],
  ['>', '\\3e'],
  ['@', '\\40'],
]);

/** XEP-0106 4.2: a backslash is escaped only where it would be taken for the start of an escape. */
const TO_ESCAPE = /[ "&'/:<>@]|\\(?=(?:2[0267f]|3[ace]|40|5c))/giu;
const TO_UNESCAPE = /\\(2[0267f]|3[ace]|40|5c)/gu;

/**
 * Writes any text as the local part of a JID (XEP-0106), hex digits in lower case. Undefined where the text
 * begins or ends with a space: `\20` may be neither first nor last (XEP-0106 3.2).
 */
export const escapeLocal = (text: string): string | undefined =>
  text.startsWith(' ') || text.endsWith(' ')
    ? undefined
    : text.replace(TO_ESCAPE, (character) => ESCAPES.get(character) ?? '\\5c');

/** The text behind an escaped local part. `\20` at either end is no escape and stays as it is. */
export const unescapeLocal = (local: string): string =>
  local.replace(TO_UNESCAPE, (sequence: string, hex: string, offset: number) => {
    const atAnEnd = offset === 0 || offset + sequence.length === local.length;
    return hex === '20' && atAnEnd ? sequence : String.fromCharCode(Number.parseInt(hex, 16));
  });

/** A bare JID as a URI (RFC 5122 2.2), which holds neither the `%` nor the backslash of our local parts as they are. */
export const jidToUri = (bareJid: string): string =>
  `xmpp:${bareJid.split('@').map(encodeURIComponent).join('@')}`;
