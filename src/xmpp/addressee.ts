import type { Handle } from '../bridge/actor.ts';
import { jidToHandle } from '../bridge/address.ts';
import { parseJid } from '../bridge/jid.ts';

/** Whom a stanza to the component is for. A contact's address may be an alias of the canonical one. */
export type Addressee =
  | { readonly kind: 'gateway' }
  | { readonly kind: 'nobody' }
  | { readonly kind: 'contact'; readonly handle: Handle };

/** A contact is a bare JID: it has no resources, so a full one is nobody (RFC 6121 8.5.1, 8.5.3.2). */
export const addresseeOf = (domain: string, to: string): Addressee => {
  const jid = parseJid(to);
  if (jid === undefined || jid.domain !== domain || jid.resource !== '') return { kind: 'nobody' };
  if (jid.local === '') return { kind: 'gateway' };
  const contact = jidToHandle(jid.bare, domain);
  return contact.ok ? { kind: 'contact', handle: contact.value.handle } : { kind: 'nobody' };
};
