import type { Handle } from './actor.ts';
import { jidToHandle, parseHandle } from './address.ts';

/** Whom somebody means: the URL of an actor or a profile, or a handle. */
export type FindTarget =
  | { readonly kind: 'url'; readonly url: string }
  | { readonly kind: 'handle'; readonly handle: Handle };

const MAX_LENGTH = 2_048;

/** RFC 5122: the address in an `xmpp:` URI, without what is to be done with it. */
const addressOf = (text: string): string => {
  const address = text.replace(/^xmpp:(?:\/\/[^/]*\/)?/iu, '').split(/[?#]/u, 1)[0] ?? '';
  try {
    return decodeURIComponent(address);
  } catch {
    return address;
  }
};

/**
 * Reads what a person types to say whom they mean: `@user@host`, `user@host`, `acct:user@host`, the URL of an actor or
 * a profile, or an address of this gateway (`user%host@domain`, with its aliases, and as an `xmpp:` URI). Undefined
 * for all else.
 */
export const parseFindTarget = (text: string, domain: string): FindTarget | undefined => {
  const typed = text.trim();
  if (typed.length > MAX_LENGTH) return undefined;
  if (/^https?:\/\//iu.test(typed)) {
    return URL.canParse(typed) ? { kind: 'url', url: typed } : undefined;
  }
  const address = /^xmpp:/iu.test(typed) ? addressOf(typed) : typed;
  const jid = jidToHandle(address.toLowerCase(), domain);
  if (jid.ok) return { kind: 'handle', handle: jid.value.handle };
  const handle = parseHandle(address);
  return handle === undefined ? undefined : { kind: 'handle', handle };
};
