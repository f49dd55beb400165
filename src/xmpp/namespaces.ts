/** The namespaces of the protocols that this folder speaks, by what they are for. */
export const NS = {
  stanzas: 'urn:ietf:params:xml:ns:xmpp-stanzas',
  /** RFC 6120 4.8. */
  client: 'jabber:client',
  /** RFC 6121 2. */
  roster: 'jabber:iq:roster',
  /** XEP-0004. */
  dataForms: 'jabber:x:data',
  /** XEP-0012. */
  last: 'jabber:iq:last',
  /** XEP-0030. */
  discoInfo: 'http://jabber.org/protocol/disco#info',
  discoItems: 'http://jabber.org/protocol/disco#items',
  /** XEP-0050. */
  commands: 'http://jabber.org/protocol/commands',
  /** XEP-0054. */
  vcardTemp: 'vcard-temp',
  /** XEP-0055. */
  search: 'jabber:iq:search',
  /** XEP-0060. */
  pubsub: 'http://jabber.org/protocol/pubsub',
  pubsubEvent: 'http://jabber.org/protocol/pubsub#event',
  /** XEP-0066. */
  oob: 'jabber:x:oob',
  /** XEP-0077. */
  register: 'jabber:iq:register',
  /** XEP-0084. */
  avatarData: 'urn:xmpp:avatar:data',
  avatarMetadata: 'urn:xmpp:avatar:metadata',
  /** XEP-0092. */
  version: 'jabber:iq:version',
  /** XEP-0100. */
  gateway: 'jabber:iq:gateway',
  /** XEP-0115. */
  caps: 'http://jabber.org/protocol/caps',
  /** XEP-0153. */
  vcardUpdate: 'vcard-temp:x:update',
  /** XEP-0157. */
  serverInfo: 'http://jabber.org/network/serverinfo',
  /** XEP-0172. */
  nick: 'http://jabber.org/protocol/nick',
  /** XEP-0184. */
  receipts: 'urn:xmpp:receipts',
  /** XEP-0199. */
  ping: 'urn:xmpp:ping',
  /** XEP-0202. */
  time: 'urn:xmpp:time',
  /** XEP-0203. */
  delay: 'urn:xmpp:delay',
  /** XEP-0280. */
  carbons: 'urn:xmpp:carbons:2',
  /** XEP-0292. */
  vcard4: 'urn:ietf:params:xml:ns:vcard-4.0',
  vcard4Node: 'urn:xmpp:vcard4',
  /** XEP-0297. */
  forward: 'urn:xmpp:forward:0',
  /** XEP-0308. */
  correct: 'urn:xmpp:message-correct:0',
  /** XEP-0334. */
  hints: 'urn:xmpp:hints',
  /** XEP-0359. */
  stanzaIds: 'urn:xmpp:sid:0',
  /** XEP-0356. */
  privilege1: 'urn:xmpp:privilege:1',
  privilege2: 'urn:xmpp:privilege:2',
  /** XEP-0380. */
  encryption: 'urn:xmpp:eme:0',
  /** XEP-0422, the carrier of the first form of XEP-0424. */
  fasten: 'urn:xmpp:fasten:0',
  /** XEP-0424. */
  retract: 'urn:xmpp:message-retract:1',
  retractFastened: 'urn:xmpp:message-retract:0',
  /** XEP-0428. */
  fallback: 'urn:xmpp:fallback:0',
  /** XEP-0444. */
  reactions: 'urn:xmpp:reactions:0',
  /** XEP-0461. */
  reply: 'urn:xmpp:reply:0',
} as const;
