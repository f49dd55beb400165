import { parseHost } from './address.ts';
import { parseJid } from './jid.ts';
import { localUserId } from './urls.ts';

/** Whom a WebFinger query asks for. JIDs are bare and canonical. */
export type ResourceQuery =
  | { readonly kind: 'instance' }
  | { readonly kind: 'user-id'; readonly id: string }
  /** `name` is a user's name in lower case, or else one of `jids` is meant: the first that is registered. */
  | { readonly kind: 'name'; readonly name: string; readonly jids: readonly string[] }
  | { readonly kind: 'jid'; readonly jid: string };

export type Here = {
  /** The gateway's JID and the host of its handles. */
  readonly domain: string;
  /** `public_url` without a slash at its end. */
  readonly origin: string;
};

const MAX_RESOURCE_LENGTH = 2048;
/** Readings of one resource: as it came, and decoded once and twice more. */
const MAX_READINGS = 3;
/** `a.b.c.d` may be split at each dot; no more JIDs than this are looked up. */
const MAX_JIDS = 8;

/** What neither a name of ours nor the local part of a JID can hold (RFC 7622 3.3.1). */
const NO_NAME = /["&'/:<>\s]/u;

/** What would decode to a control character stays as it is: no name holds one, and a NUL is no text in a database. */
const decode = (text: string): string => {
  try {
    const decoded = decodeURIComponent(text);
    return /\p{Cc}/u.test(decoded) ? text : decoded;
  } catch {
    return text;
  }
};

/** The text as it is, decoded, decoded again: peers encode `%` in all these ways. */
const readings = (text: string): readonly string[] => {
  const found = [text];
  for (let last = text; found.length < MAX_READINGS; ) {
    const next = decode(last);
    if (next === last) break;
    found.push(next);
    last = next;
  }
  return found;
};

const bareJid = (local: string, domain: string): string | undefined => {
  const jid = parseJid(`${local}@${domain}`);
  return jid === undefined || jid.local === '' || jid.resource !== '' ? undefined : jid.bare;
};

const splitsAt = (text: string, separator: string): readonly string[] => {
  const at = text.lastIndexOf(separator);
  const jid = at < 1 ? undefined : bareJid(text.slice(0, at), text.slice(at + separator.length));
  return jid === undefined ? [] : [jid];
};

/** Each dot may be where the local part ends and the domain begins. */
const splitsAtDots = (text: string): readonly string[] => {
  const jids: string[] = [];
  for (let at = text.indexOf('.', 1); at > 0 && jids.length < MAX_JIDS; at = text.indexOf('.', at + 1)) {
    const jid = bareJid(text.slice(0, at), text.slice(at + 1));
    if (jid !== undefined) jids.push(jid);
  }
  return jids;
};

/** Which JIDs a name at our domain may stand for: `a%b`, `a\40b`, `a.b`, each in all readings. */
const jidsBehind = (name: string): readonly string[] => {
  // The reading that was decoded most is the likeliest: an encoded `%` looks like part of a domain before.
  const likeliestFirst = [...readings(name)].reverse();
  const all = likeliestFirst.flatMap((text) => {
    const marked = [...splitsAt(text, '%'), ...splitsAt(text, '\\40')];
    return marked.length > 0 || text.includes('%') ? marked : splitsAtDots(text);
  });
  return [...new Set(all)].slice(0, MAX_JIDS);
};

const isHere = (host: string, { domain, origin }: Here): boolean => {
  const parsed = parseHost(host);
  if (parsed === undefined) return false;
  const ours = [domain, URL.parse(origin)?.host ?? domain].map((each) => parseHost(each) ?? each);
  return ours.includes(parsed);
};

const parseAcct = (address: string, here: Here): ResourceQuery | undefined => {
  const text = address.replace(/^@/u, '');
  const at = text.lastIndexOf('@');
  const [user, host] = [text.slice(0, at), text.slice(at + 1)];
  if (at < 1 || NO_NAME.test(user)) return undefined;
  if (!isHere(host, here)) {
    const jid = bareJid(decode(user), host);
    return jid === undefined ? undefined : { kind: 'jid', jid };
  }
  if (isHere(user, here)) return { kind: 'instance' };
  const name = readings(user).at(-1) ?? user;
  return { kind: 'name', name: name.toLowerCase(), jids: jidsBehind(user) };
};

const parseXmppUri = (uri: string, here: Here): ResourceQuery | undefined => {
  const address = uri.split(/[?#]/u, 1)[0] ?? '';
  for (const text of readings(address.replace(/^\/\//u, ''))) {
    const jid = parseJid(text);
    if (jid !== undefined && jid.local !== '') return { kind: 'jid', jid: jid.bare };
    if (jid !== undefined && isHere(jid.domain, here)) return { kind: 'instance' };
  }
  return undefined;
};

const parseUrl = (text: string, { origin }: Here): ResourceQuery | undefined => {
  const url = URL.parse(text);
  if (url === null || url.origin !== URL.parse(origin)?.origin || url.search !== '' || url.username !== '') {
    return undefined;
  }
  const path = url.pathname.replace(/\/$/u, '');
  if (path === '' || path === '/actor') return { kind: 'instance' };
  const id = localUserId(origin, `${origin}${path}`);
  if (id !== undefined) return { kind: 'user-id', id };
  const name = /^\/@([a-z0-9_]{1,30})$/iu.exec(decode(path))?.[1];
  return name === undefined ? undefined : { kind: 'name', name: name.toLowerCase(), jids: [] };
};

const parseReading = (text: string, here: Here): ResourceQuery | undefined => {
  const scheme = /^(acct|xmpp|https?):/iu.exec(text)?.[1]?.toLowerCase();
  const rest = text.slice((scheme?.length ?? 0) + 1);
  if (scheme === 'acct') return parseAcct(rest, here);
  if (scheme === 'xmpp') return parseXmppUri(rest, here);
  return scheme === undefined ? parseAcct(text, here) : parseUrl(text, here);
};

/**
 * Reads the `resource` of a WebFinger query (RFC 7033 4.1), raw or decoded once: `acct:` with or without a
 * leading `@`, our forms of foreign JIDs (`a%b`, `a%25b`, `a.b`, `a\40b`), `xmpp:`, our URLs, and the
 * instance (FEP-d556). Undefined for whatever is none of ours or senseless. Never throws.
 */
export const parseResource = (resource: string, here: Here): ResourceQuery | undefined => {
  if (resource.length > MAX_RESOURCE_LENGTH) return undefined;
  for (const text of readings(resource.trim())) {
    const query = parseReading(text, here);
    if (query !== undefined) return query;
  }
  return undefined;
};
