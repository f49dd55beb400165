import type { LocalActor } from './actor.ts';

/** Where users have their handles. */
export type HandleRules = {
  /** The gateway's own domain. */
  readonly domain: string;
  /** XMPP domains whose WebFinger leads here: there a handle is the JID itself (`handle_is_jid`). */
  readonly jidDomains?: ReadonlySet<string> | undefined;
};

/**
 * The handle of one of our users, `name@host`: the JID where its domain leads here and its local part is the name,
 * else the name at the gateway's domain. The other one is found as well and leads to this one.
 */
export const localHandle = (
  { name, jid }: Pick<LocalActor, 'name' | 'jid'>,
  { domain, jidDomains }: HandleRules,
): string => {
  const at = jid.lastIndexOf('@');
  return jidDomains?.has(jid.slice(at + 1)) === true && jid.slice(0, at) === name ? jid : `${name}@${domain}`;
};
