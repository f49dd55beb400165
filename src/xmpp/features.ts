import { NS } from './namespaces.ts';

/** XEP-0030 identity. */
export type Identity = { readonly category: string; readonly type: string; readonly name?: string };

/** What disco#info says of an address; XEP-0115 hashes the same value. */
export type DiscoInfo = { readonly identities: readonly Identity[]; readonly features: readonly string[] };

/**
 * The gateway itself. Never `jid\20escaping`: a client that sees it writes `user@instance` as
 * `user\40instance@…`, and each contact would exist twice in a roster (XEP-0106 4.4).
 */
export const gatewayInfo = (name: string): DiscoInfo => ({
  identities: [{ category: 'gateway', type: 'activitypub', name }],
  features: [NS.discoInfo, NS.discoItems, NS.version, NS.ping],
});

/** A contact, which is an account of the gateway. Only what is really carried may stand here. */
export const contactInfo: DiscoInfo = {
  identities: [{ category: 'account', type: 'registered' }],
  features: [NS.discoInfo, NS.discoItems, NS.ping, NS.receipts],
};
