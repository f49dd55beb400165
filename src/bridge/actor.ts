/** A Fediverse address, `user@host`. `host` is an A-label in lower case, with `:port` where it is not 443. */
export type Handle = { readonly user: string; readonly host: string };

/** What we know of an actor on another server. Made only by `activitypub/parse-actor.ts`. */
export type RemoteActor = {
  /** The actor's URI: the only identity. */
  readonly id: string;
  readonly type: 'Person' | 'Service' | 'Application' | 'Group' | 'Organization';
  /** The spelling that the actor's own server uses. */
  readonly preferredUsername: string;
  /** The canonical handle, lower case (WebFinger's subject where it was asked, else name and host of the id). */
  readonly handle: Handle;
  readonly name: string | undefined;
  /** HTML as it came. */
  readonly summary: string | undefined;
  /** A page for people. */
  readonly url: string | undefined;
  readonly inbox: string;
  readonly sharedInbox: string | undefined;
  readonly followers: string | undefined;
  readonly icon: string | undefined;
  readonly manuallyApprovesFollowers: boolean;
  /** litepub: takes `ChatMessage`. */
  readonly acceptsChatMessages: boolean;
  /** FEP-0036; undefined when the actor does not say. */
  readonly bridgeable: boolean | undefined;
  readonly movedTo: string | undefined;
  /** Ids that it says are its own as well; what it proves is that it agrees to a Move from them (FEP-7628). */
  readonly alsoKnownAs?: readonly string[];
  /** Rows of the profile (`PropertyValue`): a name, and HTML. Rows that were stored earlier have none. */
  readonly fields?: readonly { readonly name: string; readonly value: string }[];
  readonly keys: readonly RemoteKey[];
};

/** A public key of a remote actor: `id` belongs to exactly one `owner`. */
export type RemoteKey = { readonly id: string; readonly owner: string; readonly pem: string };

/** An XMPP user who is an ActivityPub actor. */
export type LocalActor = {
  /** The opaque key in `https://<domain>/u/<id>`. */
  readonly id: string;
  /** Bare JID. */
  readonly jid: string;
  /** `preferredUsername`, `[a-z0-9_]{1,30}`. */
  readonly name: string;
  readonly displayName: string | undefined;
  /** Plain text of the user's own; absent unless they wrote one. */
  readonly bio?: string | undefined;
  /** The user wants the JID in the profile; absent unless they said so. */
  readonly showsJid?: boolean;
  /** Addresses that the user shows: URIs of `LINK_SCHEMES`; absent unless they said so. */
  readonly links?: readonly string[];
  /** The name of the picture that the user shows (`urls.picture`); absent unless they said so. */
  readonly picture?: string | undefined;
  readonly state: 'active' | 'left';
  /** ISO 8601 UTC. */
  readonly createdAt: string;
};
