import type { Handle } from './actor.ts';
import { escapeLocal, parseJid, unescapeLocal } from './jid.ts';
import { done, type Outcome, refuse } from './outcome.ts';
import { countBytes } from './text.ts';

/** RFC 1035 2.3.4. */
const MAX_HOST_LENGTH = 253;
const MAX_LABEL_LENGTH = 63;
/** RFC 7622 3.3: the whole local part, so the longest name that any JID can carry. */
const MAX_LOCAL_BYTES = 1023;
const MAX_HANDLE_LENGTH = 2048;

const HOST_CHARACTERS = /^[\p{L}\p{M}\p{N}.-]+$/u;
const ASCII_LABEL = /^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?$/u;
const PORT = /^[1-9][0-9]{0,4}$/u;

/**
 * What a JID can carry as a name (RFC 7622 3.3, IdentifierClass of RFC 8264 4.2): printable ASCII, spaces
 * inside, letters, marks and digits of every script; nothing that takes no room.
 */
const USER_CHARACTERS =
  /^[[\u{20}-\u{7e}\p{Ll}\p{Lo}\p{Lm}\p{Mn}\p{Mc}\p{Nd}]--\p{Default_Ignorable_Code_Point}]+$/v;

const toALabels = (name: string): string | undefined => {
  if (name.length > MAX_HOST_LENGTH || !HOST_CHARACTERS.test(name)) return undefined;
  // UTS 46 is what URL does to a host name; it also turns what a resolver would take for an IPv4
  // address (`0x7f.1`, `2130706433`) into one, so that the check below sees it.
  const url = URL.parse(`https://${name}/`);
  if (url === null) return undefined;
  const host = url.hostname;
  const labels = host.split('.');
  const legal = labels.every((label) => label.length <= MAX_LABEL_LENGTH && ASCII_LABEL.test(label));
  const numeric = /^[0-9]+$/u.test(labels.at(-1) ?? '');
  return legal && !numeric && host.length <= MAX_HOST_LENGTH ? host : undefined;
};

/**
 * A host name as it stands in a handle: A-labels in lower case, `:port` where it is not 443. Undefined for
 * everything else, IP addresses too: no Fediverse server has its people on one.
 */
export const parseHost = (text: string): string | undefined => {
  const colon = text.indexOf(':');
  const name = toALabels((colon < 0 ? text : text.slice(0, colon)).replace(/\.$/u, ''));
  if (name === undefined || colon < 0) return name;
  const port = text.slice(colon + 1);
  if (!PORT.test(port) || Number(port) > 65_535) return undefined;
  return port === '443' ? name : `${name}:${port}`;
};

const parseUser = (text: string): string | undefined => {
  const user = text.toLowerCase().normalize('NFC');
  if (user.startsWith(' ') || user.endsWith(' ')) return undefined;
  // A server that still applies stringprep maps compatibility characters: such a name would come back as another.
  if (!USER_CHARACTERS.test(user) || user.normalize('NFKC') !== user) return undefined;
  return countBytes(user) <= MAX_LOCAL_BYTES ? user : undefined;
};

/**
 * Reads `@user@host`, `user@host` or `acct:user@host` (RFC 7565). The name ends at the last `@`. Both parts
 * come back in lower case, because handles are compared so; the true spelling is the actor's own.
 */
export const parseHandle = (text: string): Handle | undefined => {
  if (text.length > MAX_HANDLE_LENGTH) return undefined;
  const address = text
    .trim()
    .replace(/^acct:/iu, '')
    .replace(/^@/u, '');
  const at = address.lastIndexOf('@');
  if (at < 1) return undefined;
  const user = parseUser(address.slice(0, at));
  const host = parseHost(address.slice(at + 1));
  return user === undefined || host === undefined ? undefined : { user, host };
};

/** `user@host`, as WebFinger and the store have it. */
export const handleToText = ({ user, host }: Handle): string => `${user}@${host}`;

/** `@user@host`, as people write it. */
export const renderHandle = (handle: Handle): string => `@${handleToText(handle)}`;

const nameOf = (host: string): string => host.split(':', 1)[0] ?? host;

/**
 * The canonical bare JID of a Fediverse actor: `user%host@<gateway domain>`, a port as `\3a8443`. Undefined
 * where the handle cannot be part of a JID, or where its host is the gateway itself.
 */
export const handleToJid = (handle: Handle, gatewayDomain: string): string | undefined => {
  const user = parseUser(handle.user);
  const host = parseHost(handle.host);
  if (user === undefined || host === undefined || nameOf(host) === parseHost(gatewayDomain)) return undefined;
  const escapedUser = escapeLocal(user);
  const escapedHost = escapeLocal(host);
  if (escapedUser === undefined || escapedHost === undefined) return undefined;
  return parseJid(`${escapedUser}%${escapedHost}@${gatewayDomain}`)?.bare;
};

/** Where the name ends: a host holds neither separator, so the last one of either form is it. */
const splitLocal = (local: string): { readonly user: string; readonly host: string } | undefined => {
  const percent = local.lastIndexOf('%');
  const escapedAt = local.lastIndexOf('\\40');
  const at = Math.max(percent, escapedAt);
  if (at < 1) return undefined;
  return { user: local.slice(0, at), host: local.slice(at + (at === percent ? 1 : 3)) };
};

/**
 * Whom a JID below the gateway's domain stands for: `handle`, and `canonical`, the bare JID under which that
 * person is known. `user\40host` and U-label hosts are aliases. Refuses with `malformed-address` what can be
 * nobody's address: no separator, no host name, an IP address, the gateway's own domain as the host.
 */
export const jidToHandle = (
  jid: string,
  gatewayDomain: string,
): Outcome<{ readonly handle: Handle; readonly canonical: string }> => {
  const parsed = parseJid(jid);
  const parts =
    parsed?.domain === parseJid(gatewayDomain)?.domain ? splitLocal(parsed?.local ?? '') : undefined;
  if (parts === undefined) return refuse('malformed-address');
  const user = parseUser(unescapeLocal(parts.user));
  const host = parseHost(unescapeLocal(parts.host));
  if (user === undefined || host === undefined) return refuse('malformed-address');
  const handle = { user, host };
  const canonical = handleToJid(handle, gatewayDomain);
  return canonical === undefined ? refuse('malformed-address', { host }) : done({ handle, canonical });
};
