import type { OutgoingNote } from './activity.ts';
import type { RemoteActor } from './actor.ts';
import { renderHandle } from './address.ts';
import { done, type Outcome, refuse } from './outcome.ts';
import type { IncomingMessage } from './stanza.ts';
import { cleanLine, cleanText, countBytes } from './text.ts';
import { escapeHtml } from './text-spans.ts';
import { textToHtml } from './text-to-html.ts';
import type { Urls } from './urls.ts';

/** Peers refuse an inbox POST over 64 KiB; this leaves room for what grows on the way. In bytes. */
export const MAX_ACTIVITY_BYTES = 61_440;
/** The activity without its texts: ids, addressing, tags, contexts of the JSON-LD. In bytes. */
const ENVELOPE_BYTES = 6_144;
const MAX_OOB_URLS = 16;

/** XEP-0454: the key of an encrypted file lies in the fragment of such a URL. */
const ENCRYPTED_FILE = /aesgcm:\/\//iu;
/** BCP 47, as far as anybody writes it. */
const LANGUAGE_TAG = /^[a-z]{2,3}(?:-[a-z0-9]{2,8}){0,4}$/iu;

export type NoteFacts = {
  readonly urls: Urls;
  readonly senderId: string;
  readonly recipient: Pick<RemoteActor, 'id' | 'url' | 'preferredUsername' | 'handle'>;
  readonly noteId: string;
  /** ISO 8601 UTC. */
  readonly now: string;
  /** The newest note of the chat, or the one that the sender answers. */
  readonly inReplyTo: string | undefined;
  readonly context: string;
  readonly conversation: string;
};

const isWebUrl = (text: string): boolean => /^https?:\/\//iu.test(text) && URL.canParse(text);

/** Mastodon and Misskey show this link as their own mention; without it Pixelfed shows no direct message. */
const renderMention = ({ id, url, preferredUsername }: NoteFacts['recipient']): string => {
  const href = escapeHtml(url !== undefined && isWebUrl(url) ? url : id);
  const name = escapeHtml(cleanLine(preferredUsername));
  return `<span class="h-card"><a href="${href}" class="u-url mention">@<span>${name}</span></a></span>`;
};

/** What the person sent, as text: a subject above, URLs that were given out of band below. */
const textOf = ({ body, subject, oob }: IncomingMessage): string => {
  const text = cleanText(body ?? '').trim();
  const missing = oob.slice(0, MAX_OOB_URLS).filter((url) => isWebUrl(url) && !text.includes(url));
  const title = cleanLine(subject ?? '');
  return [title, [text, ...missing].filter((part) => part !== '').join('\n')]
    .filter((part) => part !== '')
    .join('\n\n');
};

const jsonBytes = (text: string): number => countBytes(JSON.stringify(text));

/** `content` stands twice in the activity where its language is known (`contentMap`). */
const activityBytes = (note: OutgoingNote): number =>
  ENVELOPE_BYTES + jsonBytes(note.content) * (note.language === undefined ? 1 : 2) + jsonBytes(note.source);

/**
 * The direct Note for a chat message: addressed to one actor and nobody else, with the mention that peers
 * need to see it as direct. Refuses with `encrypted` (OMEMO, OpenPGP, an `aesgcm:` URL), `not-supported`
 * (no text, or no message from one person to another), `too-long` (over 60 KiB as an activity).
 */
export const messageToNote = (message: IncomingMessage, facts: NoteFacts): Outcome<OutgoingNote> => {
  const { urls, recipient } = facts;
  const { host } = recipient.handle;
  if (message.encrypted || [message.body ?? '', ...message.oob].some((text) => ENCRYPTED_FILE.test(text))) {
    return refuse('encrypted', { host });
  }
  const isPersonal = message.type === 'chat' || message.type === 'normal';
  const source = textOf(message);
  if (!isPersonal || source === '') return refuse('not-supported', { host });
  if (countBytes(source) > MAX_ACTIVITY_BYTES) return refuse('too-long', { host });

  const language = message.lang !== undefined && LANGUAGE_TAG.test(message.lang) ? message.lang : undefined;
  const note: OutgoingNote = {
    type: 'Note',
    id: urls.note(facts.noteId),
    attributedTo: urls.actor(facts.senderId),
    to: [recipient.id],
    cc: [],
    published: facts.now,
    content: textToHtml(source, renderMention(recipient)),
    source,
    language,
    inReplyTo: facts.inReplyTo,
    context: facts.context,
    conversation: facts.conversation,
    mentions: [{ href: recipient.id, name: renderHandle(recipient.handle) }],
  };
  return activityBytes(note) > MAX_ACTIVITY_BYTES ? refuse('too-long', { host }) : done(note);
};
