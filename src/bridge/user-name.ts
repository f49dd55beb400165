import { parseJid, unescapeLocal } from './jid.ts';

/** The one alphabet that every server stores and lets people type in a mention. */
const USER_NAME = /^[a-z0-9_]{1,30}$/u;
const MAX_LENGTH = 30;
/** `_` and four characters of the hash. */
const HASH_LENGTH = 4;
/** How many names with a hash are offered, as far as the hash reaches. */
const MAX_HASHED = 8;

/** Names that would pass for the gateway, its administrators or one of its pages. */
const RESERVED = new Set(
  (
    'abuse about account actor admin administrator administrators admins api app assets auth billing bot causeway ' +
    'contact daemon everyone follow followers following fediverse gateway guest help here host hostmaster http https ' +
    'inbox info instance legal login logout mail me media mod moderator moderators news nobody nodeinfo noreply ' +
    'notice null oauth operator outbox owner postmaster privacy proxy public register relay root security server ' +
    'settings shared_inbox signup staff static status support sysadmin system terms test undefined unknown user ' +
    'users webfinger webmaster well_known www xmpp'
  ).split(' '),
);

/** True where nobody may bear the name, however it is asked for. */
export const isReservedName = (name: string): boolean => RESERVED.has(name);

/** True for a name that can be stored and typed everywhere: `[a-z0-9_]{1,30}`. */
export const isUserName = (name: string): boolean => USER_NAME.test(name);

const flatten = (text: string): string => text.replace(/[^a-z0-9_]/gu, '_');

/**
 * The names under which an XMPP user may appear in the Fediverse, best first: the first one that is free is
 * taken. On a home domain the local part itself, else `<local part>_<domain>` with `_` for each dot. Where
 * that loses something, or is reserved, only names with four characters of `hash` are offered; they also end
 * every list, for when the name is taken. `hash` is a base32 digest of the bare JID in lower case (`a-z2-7`),
 * 32 characters are enough. Empty where `jid` is no JID of a person.
 */
export const userNameCandidates = (
  jid: string,
  { homeDomains, hash }: { readonly homeDomains: readonly string[]; readonly hash: string },
): readonly string[] => {
  const parsed = parseJid(jid);
  if (parsed === undefined || parsed.local === '') return [];
  const local = unescapeLocal(parsed.local);
  const isHome = homeDomains.includes(parsed.domain);
  // The dots of a domain are expected to be written so; anything else that changes is a loss.
  const faithful = isHome ? local : `${local}_${parsed.domain.replaceAll('.', '_')}`;
  const plain = isUserName(faithful) && !isReservedName(faithful) ? [faithful] : [];
  const base = flatten(faithful).slice(0, MAX_LENGTH - HASH_LENGTH - 1);
  const hashed = Array.from({ length: MAX_HASHED }, (_, index) =>
    hash.slice(index * HASH_LENGTH, (index + 1) * HASH_LENGTH),
  )
    .filter((part) => part.length === HASH_LENGTH)
    .map((part) => `${base}_${part}`)
    .filter((name) => isUserName(name));
  return [...plain, ...new Set(hashed)];
};
