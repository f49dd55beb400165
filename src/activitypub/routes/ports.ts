import type { OutgoingNote } from '../../bridge/activity.ts';
import type { LocalActor } from '../../bridge/actor.ts';
import type { Urls } from '../../bridge/urls.ts';
import type { ResourceQuery } from '../../bridge/webfinger-resource.ts';
import type { GatePorts } from '../inbox-gate.ts';
import type { Usage } from '../render-discovery.ts';

/** Whom a query names; of `jids` the first that is registered is meant. */
export type UserQuery = Exclude<ResourceQuery, { kind: 'instance' }>;

export type FoundUser =
  | {
      readonly state: 'active';
      readonly actor: LocalActor;
      /** SPKI PEM. */
      readonly publicPem: string;
    }
  | {
      readonly state: 'left';
      /** While the news of it is on its way: who gets it may have to fetch the key once more (decision 0014). */
      readonly leaving?: { readonly actor: LocalActor; readonly publicPem: string };
    };

export type FoundNote = {
  /** Null once its time is over, or once it was deleted. */
  readonly note: OutgoingNote | null;
  /** Actor URIs, still known when the note is gone. */
  readonly audience: readonly string[];
  readonly deleted: boolean;
};

export type Readiness = {
  readonly ready: boolean;
  /** What is missing, in words, without addresses. */
  readonly reasons: readonly string[];
  readonly standby?: boolean;
};

/** HTML for people; the caller of the server brings it, so that this wire knows nothing of pages. */
export type Pages = {
  /** The value of `Content-Security-Policy` that fits these pages. */
  readonly contentSecurityPolicy: string;
  readonly landing: () => string;
  readonly profile: (actor: LocalActor) => string;
  readonly message: (title: string, text: string) => string;
};

/** `problem` says what was wrong with a request, never what was in it. */
export type ServerLogFields = {
  readonly status?: number;
  readonly problem?: string;
  readonly method?: string;
  readonly path?: string;
  readonly err?: Error;
};

export type ServerLog = {
  readonly debug: (event: string, fields: ServerLogFields) => void;
  readonly error: (event: string, fields: ServerLogFields) => void;
};

export type ServerPorts = GatePorts & {
  readonly findUser: (query: UserQuery) => Promise<FoundUser | undefined>;
  /** Undefined for what is no address of ours. */
  readonly parseResource: (resource: string) => ResourceQuery | undefined;
  /** SPKI PEM of the instance actor. */
  readonly instancePem: () => Promise<string>;
  readonly findNote: (noteId: string) => Promise<FoundNote | undefined>;
  /** A Follow of a user of ours that stands, by its id; `object` is whom it asks. */
  readonly findFollow: (
    followId: string,
  ) => Promise<{ readonly userId: string; readonly object: string } | undefined>;
  /** The bytes of a picture of that name, a PNG. */
  readonly findPicture: (name: string) => Promise<Buffer | undefined>;
  readonly usage: () => Promise<Usage>;
  /** Told the status of each answer that an inbox gave. */
  readonly countInboxAnswer: (status: number) => void;
  readonly readiness: () => Promise<Readiness> | Readiness;
  /** True for errors that pass once the database is back. */
  readonly isDatabaseAway: (error: unknown) => boolean;
  readonly pages: Pages;
  readonly log: ServerLog;
};

export type ServerSettings = {
  /** The host part of handles. */
  readonly domain: string;
  /** XMPP domains where handles are JIDs. */
  readonly jidDomains?: ReadonlySet<string> | undefined;
  readonly urls: Urls;
  /** Of this software, for NodeInfo. */
  readonly version: string;
  /** Where the source of this software is, for NodeInfo; undefined where nobody published it. */
  readonly repository?: string | undefined;
  /** Addresses, networks or `loopback`: whose `X-Forwarded-For` counts. */
  readonly trustedProxies: readonly string[];
  /** Per remote host and per client address, a fifth of it per actor; 0 for none. */
  readonly inboxPerMinute: number;
  /** Whether documents of ActivityPub are shown to signed requests only (the instance actor is to all). */
  readonly signedFetchRequired: boolean;
};
