import { NS } from './namespaces.ts';

/** XEP-0030 identity. */
export type Identity = { readonly category: string; readonly type: string; readonly name?: string };

/** XEP-0128: what there is to say beyond features. */
export type InfoForm = {
  readonly formType: string;
  readonly fields: readonly { readonly name: string; readonly values: readonly string[] }[];
};

/** What disco#info says of an address; XEP-0115 hashes the same value. */
export type DiscoInfo = {
  readonly identities: readonly Identity[];
  readonly features: readonly string[];
  readonly forms?: readonly InfoForm[];
};

export type GatewayFacts = {
  /** What people read in their client's list of services. */
  readonly name: string;
  /** The setting `contact`: a URI, or a mail address. */
  readonly contact?: string | undefined;
};

/**
 * The gateway itself. Never `jid\20escaping`: a client that sees it writes `user@instance` as
 * `user\40instance@…`, and each contact would exist twice in a roster (XEP-0106 4.4).
 */
export const gatewayInfo = ({ name, contact }: GatewayFacts): DiscoInfo => ({
  identities: [{ category: 'gateway', type: 'activitypub', name }],
  features: [
    NS.discoInfo,
    NS.discoItems,
    NS.vcardTemp,
    NS.gateway,
    NS.search,
    NS.register,
    NS.last,
    NS.version,
    NS.ping,
    NS.time,
  ],
  ...(contact === undefined ? {} : { forms: [contactAddresses(contact)] }),
});

/** XEP-0157 2: addresses are URIs. */
const contactAddresses = (contact: string): InfoForm => {
  const uri = /^[a-z][a-z0-9+.-]*:/iu.test(contact) ? contact : `mailto:${contact}`;
  return {
    formType: NS.serverInfo,
    fields: ['abuse-addresses', 'admin-addresses'].map((name) => ({ name, values: [uri] })),
  };
};

/** A contact, which is an account of the gateway. Only what is really carried may stand here. */
export const contactInfo: DiscoInfo = {
  identities: [
    { category: 'account', type: 'registered' },
    // XEP-0163 6: what is looked for here are the nodes of a profile.
    { category: 'pubsub', type: 'pep' },
  ],
  features: [
    NS.discoInfo,
    NS.discoItems,
    NS.ping,
    NS.receipts,
    NS.vcardTemp,
    NS.vcard4,
    `${NS.pubsub}#retrieve-items`,
  ],
};
