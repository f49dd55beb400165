import type { OutgoingActivity } from '../bridge/activity.ts';
import type { Handle, LocalActor, RemoteActor } from '../bridge/actor.ts';
import type { Outcome, Refusal } from '../bridge/outcome.ts';
import type { OwnCard } from '../bridge/own-profile.ts';
import type { Rules } from '../bridge/policy.ts';
import type { OutgoingStanza, StanzaError } from '../bridge/stanza.ts';
import type { Urls } from '../bridge/urls.ts';
import type { Database, Db } from '../store/database.ts';
import type { Pictures } from './pictures.ts';

/**
 * What the gateway functions are given by `app.ts`. Each function names only the ports it uses, with an
 * intersection of these.
 */
export type HasDatabase = { readonly db: Database };

export type HasIdentity = {
  /** The component's JID, and the host part of our handles. */
  readonly domain: string;
  readonly urls: Urls;
  /** XMPP domains whose users have their JIDs as handles; it may grow while the process runs. */
  readonly jidDomains?: ReadonlySet<string> | undefined;
};

export type HasClock = {
  readonly now: () => Date;
  /** A new opaque id, `[a-z0-9]{26}`, that sorts by time. */
  readonly newId: () => string;
};

export type HasLookUp = {
  /** WebFinger and the actor document: bounded, timed, one flight per target. */
  readonly resolveHandle: (handle: Handle) => Promise<Outcome<RemoteActor>>;
  readonly fetchActor: (uri: string) => Promise<Outcome<RemoteActor>>;
  /** The same, asked anew: how the actor is now. */
  readonly fetchActorAsOfNow: (uri: string) => Promise<Outcome<RemoteActor>>;
};

export type HasRenderers = {
  readonly renderActivity: (activity: OutgoingActivity) => string;
  /** `Update` of an actor of ours, with the whole document. `publicPem` is SPKI. */
  readonly renderActorUpdate: (update: {
    readonly activityId: string;
    readonly actor: LocalActor;
    readonly publicPem: string;
    /** URIs of actors whom it concerns although they do not follow. */
    readonly named: readonly string[];
  }) => string;
  /** The error stanza of a refusal, with a sentence for the person. */
  readonly toError: (refusal: Refusal, lang: string | undefined) => StanzaError;
};

/** Tells the loops that work on these tables to look now. */
export type HasWake = { readonly wake: { readonly deliveries: () => void; readonly stanzas: () => void } };

export type HasStream = {
  /**
   * Writes at once what needs no row, because it is asked for again or announced anew when it was lost; false where
   * the stream is away or another process's.
   */
  readonly sendNow: (stanza: OutgoingStanza) => boolean;
};

export type KeyPair = { readonly publicPem: string; readonly privateDer: Buffer };

export type HasKeys = {
  readonly takeKeyPair: () => Promise<KeyPair>;
  readonly addKey: (tx: Db, actorId: string, pair: KeyPair) => Promise<void>;
  /**
   * A new pair in the place of the old one, which is kept for the deliveries that name it by the id returned;
   * undefined where there is none. Call `forgetKey` after the commit.
   */
  readonly replaceKey: (tx: Db, actorId: string, pair: KeyPair) => Promise<number | undefined>;
  /** What is held in memory of an actor's key is read anew. */
  readonly forgetKey: (actorId: string) => void;
};

export type HasPolicy = {
  readonly rules: Rules;
  /** Bare JIDs of those who decide about others. */
  readonly admins: readonly string[];
  readonly followOnSubscribe: boolean;
  /** New correspondents an XMPP user may write to first in 24 hours; 0 for no limit. */
  readonly firstContactsPerDay: number;
  /** Takes one report from the allowance of a server, so that a flood does not bury the administrators. */
  readonly allowReport: (host: string) => boolean;
  /** Takes one message from the sender's allowance; false when it is used up. */
  readonly allowMessage: (userJid: string) => boolean;
};

/** Pictures of contacts: see `pictures.ts`. */
export type HasPictures = { readonly pictures: Pictures };

/** A user's own card and picture, for who wants it shown. */
export type HasOwnCards = {
  /** What the user's server gives to everybody of the card of a bare JID; undefined where it gives none. Never rejects. */
  readonly readOwnCard: (jid: string) => Promise<OwnCard | undefined>;
  /** A small PNG; undefined for what is no picture, or too large a one. */
  readonly makeSmall: (bytes: Uint8Array) => Promise<{ readonly bytes: Buffer } | undefined>;
};

/** What servers let us do with rosters of their users (XEP-0356); nothing, as a rule. */
export type HasRosters = {
  /** Names a contact in a user's roster, soon, where that is allowed and the user has not. Never rejects. */
  readonly nameInRoster: (userJid: string, contact: string, name: string) => void;
};

/** False: the body of a note goes in the transaction that ends its last delivery (`retention.bodies: 0`). */
export type HasRetention = { readonly keepBodies: boolean };

type LogEvent = (event: string, fields?: Readonly<Record<string, string | number | undefined>>) => void;

export type HasLog = { readonly log: { readonly info: LogEvent; readonly warn: LogEvent } };

/**
 * Takes the stanza at hand off the list of those that wait, in the transaction that says what became of it. False:
 * somebody else has dealt with it, and nothing more is to be written.
 */
export type Settle = (tx: Db) => Promise<boolean>;

/** Does nothing but where a test makes this process fail at the step. */
export type HasFailpoints = {
  readonly reach: (step: 'x2a.tx' | 'x2a.committed') => Promise<void>;
};

export type GatewayPorts = HasDatabase &
  HasIdentity &
  HasClock &
  HasLookUp &
  HasRenderers &
  HasWake &
  HasStream &
  HasKeys &
  HasPolicy &
  HasRetention &
  HasPictures &
  HasRosters &
  HasOwnCards &
  HasFailpoints &
  HasLog;
