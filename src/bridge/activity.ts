import type { RemoteActor } from './actor.ts';
/**
 * ActivityPub as plain data: what `activitypub/parse.ts` makes of JSON, and what `activitypub/render.ts`
 * makes JSON of. All ids are absolute URLs as strings; all lists are deduplicated and bounded.
 */

export type Mention = { readonly href: string; readonly name: string | undefined };

export type Attachment = {
  readonly url: string;
  readonly mediaType: string | undefined;
  /** Alt text. */
  readonly name: string | undefined;
};

/** A Note, or what comes close enough to be shown as one. */
export type Note = {
  readonly id: string;
  /** The ActivityStreams type it had: Note, ChatMessage, Article, Question … */
  readonly type: string;
  readonly attributedTo: string;
  readonly to: readonly string[];
  readonly cc: readonly string[];
  /** HTML as it came: never trusted, never forwarded as such. */
  readonly content: string;
  /** BCP 47 tag of `content`, where the peer says it. */
  readonly language: string | undefined;
  readonly summary: string | undefined;
  readonly sensitive: boolean;
  /** A title (Article, Page). */
  readonly name: string | undefined;
  readonly url: string | undefined;
  readonly inReplyTo: string | undefined;
  /** The id of a post that this one quotes; absent unless there is one. */
  readonly quote?: string;
  readonly context: string | undefined;
  readonly conversation: string | undefined;
  readonly mentions: readonly Mention[];
  readonly attachments: readonly Attachment[];
  /** ISO 8601 UTC; undefined when absent or senseless. */
  readonly published: string | undefined;
  readonly updated: string | undefined;
};

/** The object of Accept, Reject and Undo: the peer may send it whole, or only its id. */
export type ActivityRef = {
  readonly id: string | undefined;
  readonly type: string | undefined;
  readonly actor: string | undefined;
  readonly object: string | undefined;
};

type Base = { readonly id: string; readonly actor: string };

export type Activity =
  | (Base & { readonly type: 'Create' | 'Update'; readonly note: Note })
  /** Of the actor itself, whole. */
  | (Base & { readonly type: 'UpdateActor'; readonly profile: RemoteActor })
  | (Base & { readonly type: 'Follow'; readonly object: string })
  | (Base & { readonly type: 'Accept'; readonly ref: ActivityRef })
  | (Base & { readonly type: 'Reject'; readonly ref: ActivityRef })
  | (Base & { readonly type: 'Undo'; readonly ref: ActivityRef })
  | (Base & { readonly type: 'Block'; readonly object: string })
  | (Base & { readonly type: 'Delete'; readonly object: string })
  /** `content`: the emoji, or `:name:` of one of the peer's own; undefined for a plain Like. */
  | (Base & { readonly type: 'Like' | 'EmojiReact'; readonly object: string; readonly content?: string })
  /** A boost. */
  | (Base & { readonly type: 'Announce'; readonly object: string })
  /** May `instrument` show our note `object` as a quote (FEP-044f)? */
  | (Base & {
      readonly type: 'QuoteRequest';
      readonly object: string;
      readonly instrument: string | undefined;
    })
  /** To a new account, which must name the old one among its `alsoKnownAs` (FEP-7628). */
  | (Base & { readonly type: 'Move'; readonly object: string; readonly target: string })
  /** A report: actors and notes that somebody complains of, and why, plain text. Who that is stays untold. */
  | (Base & { readonly type: 'Flag'; readonly objects: readonly string[]; readonly content: string })
  /** Everything that is not carried (yet): answered 202 and forgotten. `name` is its type, for the log. */
  | {
      readonly type: 'Other';
      readonly id: string | undefined;
      readonly actor: string;
      readonly name: string;
    };

/** An activity of ours on its way out; `activitypub/render.ts` makes the document. URLs are absolute. */
export type OutgoingActivity =
  | {
      readonly type: 'Create';
      readonly id: string;
      readonly actor: string;
      readonly note: OutgoingNote;
    }
  | { readonly type: 'Follow'; readonly id: string; readonly actor: string; readonly object: string }
  /** Of the actor itself. */
  | { readonly type: 'Delete'; readonly id: string; readonly actor: string; readonly object: string }
  | {
      readonly type: 'Accept' | 'Reject';
      readonly id: string;
      readonly actor: string;
      readonly follow: { readonly id: string; readonly actor: string; readonly object: string };
    }
  | {
      readonly type: 'RejectQuote';
      readonly id: string;
      readonly actor: string;
      readonly request: RefusedQuote;
    }
  | {
      readonly type: 'Undo';
      readonly id: string;
      readonly actor: string;
      readonly follow: { readonly id: string; readonly actor: string; readonly object: string };
    };

/** Whom a quote is refused, and what was asked. */
export type RefusedQuote = Pick<
  Extract<Activity, { type: 'QuoteRequest' }>,
  'id' | 'actor' | 'object' | 'instrument'
>;

export type OutgoingNote = {
  readonly type: 'Note';
  readonly id: string;
  readonly attributedTo: string;
  /** Actor URIs. A direct note has exactly one and an empty `cc`. */
  readonly to: readonly string[];
  readonly cc: readonly string[];
  readonly published: string;
  /** Escaped HTML. */
  readonly content: string;
  /** What the person typed. */
  readonly source: string;
  readonly language: string | undefined;
  readonly inReplyTo: string | undefined;
  readonly context: string;
  readonly conversation: string;
  readonly mentions: readonly { readonly href: string; readonly name: string }[];
};

export const PUBLIC = 'https://www.w3.org/ns/activitystreams#Public';

/** All three spellings of Public occur (ActivityPub 5.6). */
export const isPublic = (uri: string): boolean => uri === PUBLIC || uri === 'as:Public' || uri === 'Public';
