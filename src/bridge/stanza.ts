/**
 * XMPP stanzas as plain data: what `xmpp/parse.ts` makes of an element, and what `xmpp/render.ts`
 * makes an element of. JIDs are strings in canonical form; `…Bare` fields carry no resource.
 */

/** A chat message as it came from a user's server. All texts are cleaned (XML 1.0 characters only). */
export type IncomingMessage = {
  readonly kind: 'message';
  readonly type: 'chat' | 'normal' | 'groupchat' | 'headline';
  /** The sender's full JID, stamped by the server (RFC 6120 8.1.2.1). */
  readonly from: string;
  readonly fromBare: string;
  readonly to: string;
  readonly toBare: string;
  /** Undefined when the client gave none: then no receipt, correction or error can name it. */
  readonly id: string | undefined;
  readonly body: string | undefined;
  readonly subject: string | undefined;
  /** `xml:lang` in force for the body. */
  readonly lang: string | undefined;
  /** XEP-0184: the sender asked for a receipt. */
  readonly wantsReceipt: boolean;
  /** XEP-0461: the id of the message that this one answers. */
  readonly replyTo: string | undefined;
  /** XEP-0308: the id of the first version of the message that this one corrects. */
  readonly replaces: string | undefined;
  /** XEP-0424, both forms: the id of the message to take back. */
  readonly retracts: string | undefined;
  /** XEP-0444: the whole set of reactions to one message. */
  readonly reactions: { readonly to: string; readonly emojis: readonly string[] } | undefined;
  /** XEP-0066: URLs given out of band. */
  readonly oob: readonly string[];
  /** True for OMEMO, OpenPGP and any XEP-0380 hint: the body is a fallback and must not be forwarded. */
  readonly encrypted: boolean;
  /** XEP-0334 `no-store`/`no-copy`, receipts, markers, chat states without a body: nothing to carry. */
  readonly signalOnly: boolean;
};

/** An error that came back for a stanza of ours. Never answered (RFC 6120 8.3.1). */
export type IncomingBounce = {
  readonly kind: 'bounce';
  readonly stanza: 'message' | 'presence';
  readonly from: string;
  readonly fromBare: string;
  readonly to: string;
  readonly toBare: string;
  readonly id: string | undefined;
  /** The defined condition, `undefined-condition` when it was not readable. */
  readonly condition: string;
  readonly errorType: 'auth' | 'cancel' | 'continue' | 'modify' | 'wait';
};

export type PresenceType =
  | 'available'
  | 'unavailable'
  | 'subscribe'
  | 'subscribed'
  | 'unsubscribe'
  | 'unsubscribed'
  | 'probe';

export type IncomingPresence = {
  readonly kind: 'presence';
  readonly type: PresenceType;
  readonly from: string;
  readonly fromBare: string;
  readonly to: string;
  readonly toBare: string;
  readonly id: string | undefined;
};

export type Stanza = IncomingMessage | IncomingPresence | IncomingBounce;

/** The conditions of RFC 6120 8.3.3 that we send. */
export type StanzaCondition =
  | 'bad-request'
  | 'feature-not-implemented'
  | 'forbidden'
  | 'gone'
  | 'internal-server-error'
  | 'item-not-found'
  | 'jid-malformed'
  | 'not-acceptable'
  | 'not-allowed'
  | 'policy-violation'
  | 'registration-required'
  | 'remote-server-not-found'
  | 'remote-server-timeout'
  | 'resource-constraint'
  | 'service-unavailable';

export type StanzaError = {
  readonly type: 'auth' | 'cancel' | 'modify' | 'wait';
  readonly condition: StanzaCondition;
  readonly text: string;
  readonly lang: string;
  /** For `gone`: an `xmpp:` URI (RFC 6120 8.3.3.5). */
  readonly uri?: string;
};

/**
 * A stanza of ours, as it lies in the outbox (JSON) until the XMPP server has taken it. `id` is stable:
 * a second write carries the same one, so that clients can drop a repeat.
 */
export type OutgoingStanza =
  | OutgoingMessage
  | {
      readonly kind: 'receipt';
      readonly id: string;
      readonly from: string;
      readonly to: string;
      /** XEP-0184: the id of the message that arrived. */
      readonly received: string;
    }
  | {
      readonly kind: 'message-error';
      readonly id: string;
      readonly from: string;
      readonly to: string;
      readonly error: StanzaError;
    }
  | {
      readonly kind: 'presence-error';
      readonly id?: string;
      readonly from: string;
      readonly to: string;
      readonly error: StanzaError;
    }
  /** XEP-0172 4.1: the name of a contact as a node of its own, for clients that read it nowhere else. */
  | {
      readonly kind: 'nick';
      readonly id?: string;
      readonly from: string;
      readonly to: string;
      readonly nick: string;
    }
  /** XEP-0084 4.2: the contact has this picture now, which its node of the data gives. */
  | {
      readonly kind: 'avatar';
      readonly id?: string;
      readonly from: string;
      readonly to: string;
      readonly photo: Photo;
    }
  | ({
      readonly kind: 'presence';
      readonly type: PresenceType;
      readonly id?: string;
      readonly from: string;
      readonly to: string;
    } & ContactPresence);

/** The picture of a contact: SHA-1 in hex and length of a PNG. */
export type Photo = { readonly sha1: string; readonly size: number };

/** What a presence says of a contact: with `subscribe` the nick alone. */
export type ContactPresence = {
  /** XEP-0172. */
  readonly nick?: string;
  readonly status?: string;
  /** XEP-0153: the picture's SHA-1 in hex; empty where it is known that there is none. */
  readonly photo?: string;
};

export type OutgoingMessage = {
  readonly kind: 'message';
  readonly type: 'chat' | 'normal' | 'headline';
  readonly id: string;
  readonly from: string;
  readonly to: string;
  readonly body: string;
  readonly lang?: string;
  readonly subject?: string;
  /** XEP-0461: the XMPP id, and the sender, of the message that this one answers. */
  readonly replyTo?: { readonly id: string; readonly to: string };
  /** XEP-0308. */
  readonly replaces?: string;
  /** XEP-0424. */
  readonly retracts?: string;
  /** XEP-0066: one file; the body then equals the URL. */
  readonly oob?: { readonly url: string; readonly desc?: string };
  /** When the original was published, ISO 8601 UTC: rendered as XEP-0203 when it goes out late. */
  readonly publishedAt?: string;
};
