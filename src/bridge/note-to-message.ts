import type { Attachment, Note } from './activity.ts';
import { htmlToText } from './html-to-text.ts';
import { parseHtml } from './html-tree.ts';
import type { Visibility } from './note-visibility.ts';
import { withoutQuoteFallback } from './quote-fallback.ts';
import {
  cutMark,
  groupMark,
  noTextMark,
  quoteMark,
  sensitiveFiles,
  visibilityMark,
  warningLine,
} from './sentences.ts';
import type { OutgoingMessage } from './stanza.ts';
import { cleanLine, cleanText, countBytes, truncateText } from './text.ts';

/** The longest text of one stanza, in bytes of UTF-8: far below what any server cuts off a stream for. */
export const MAX_BODY_BYTES = 16_384;
/** One stanza each; what a peer sends beyond is only in the post itself. */
export const MAX_ATTACHMENTS = 16;
const MAX_LINE_BYTES = 1_024;
const MAX_URL_LENGTH = 2_048;

const TITLED = new Set(['Article', 'Page', 'Event', 'Video', 'Audio']);

export type MessageFacts = {
  /** The contact's canonical bare JID. */
  readonly from: string;
  /** The user's bare JID. */
  readonly to: string;
  /** The user's URLs in the Fediverse (actor, profile): mentions that lead there say nothing here. */
  readonly selfHrefs: readonly string[];
  /** The stable id of a stanza: part 0 is the text, 1 and on are the files. */
  readonly stanzaId: (part: number) => string;
  readonly visibility: Visibility;
  /** Handles of the others in the conversation; empty where the user was told already. */
  readonly others: readonly string[];
  /** When the gateway accepted it, ISO 8601 UTC. */
  readonly acceptedAt: string;
  /** XEP-0461: the stanza that the note answers. */
  readonly replyTo?: { readonly id: string; readonly to: string };
};

/** Longer than any server keeps trying to deliver. */
const OLDEST_MS = 8 * 86_400_000;

/**
 * The time under which a message is shown: what its author's server says, where that can be. One in the future, or
 * so old that the message would stand far up in the history where nobody looks, gives way to when it was accepted.
 */
export const stampOf = (claimed: string | undefined, acceptedAt: string): string => {
  const age = claimed === undefined ? Number.NaN : Date.parse(acceptedAt) - Date.parse(claimed);
  return claimed !== undefined && age >= 0 && age <= OLDEST_MS ? claimed : acceptedAt;
};

const isWebUrl = (url: string): boolean =>
  url.length <= MAX_URL_LENGTH &&
  /^https?:\/\/[^\s\p{Cc}]+$/iu.test(url) &&
  cleanText(url) === url &&
  URL.canParse(url);

const shortLine = (text: string): string => truncateText(cleanLine(text), MAX_LINE_BYTES);

/** The page of a note; its id where it names none that one can open. */
export const pageOf = (note: Note): string =>
  cleanLine(note.url !== undefined && isWebUrl(note.url) ? note.url : note.id);

/** Mastodon's warnings are plain text, those of others are HTML: only what looks like HTML is read as such. */
const HTML = /<\/?[a-z][^<>]*>|&[a-z0-9#]{2,8};/iu;

/**
 * What the summary of an article says is what it is about (FEP-b2b8), unless the whole is marked. COMPAT Mbin: that of a
 * Page is the title once more, also where there is no text.
 */
const isExcerpt = ({ type, sensitive, content }: Note): boolean =>
  !sensitive && (type === 'Page' || (type === 'Article' && content !== ''));

const warningOf = (note: Note, files: number): string => {
  const summary = isExcerpt(note) ? '' : (note.summary ?? '');
  const warning = shortLine(HTML.test(summary) ? htmlToText(summary) : summary);
  return warning === '' && note.sensitive && files > 0 ? sensitiveFiles() : warning;
};

/**
 * A title is plain text (Activity Vocabulary, `name`). COMPAT Hubzilla, Discourse, NodeBB: the first post of a thread is
 * a Note with one; in an answer it says nothing new, or is a vote. COMPAT WriteFreely: where the author gave none, it is
 * how the text begins.
 */
const titleOf = (note: Note, text: string): string => {
  const hasOne = TITLED.has(note.type) || (note.type === 'Note' && note.inReplyTo === undefined);
  const title = hasOne ? shortLine(note.name ?? '').replaceAll('*', '') : '';
  return beginsWith(cleanLine(text).replaceAll('*', ''), title) ? '' : title;
};

/** Only what was cut short may end within a word: a post about Google may be called Go. */
const beginsWith = (text: string, title: string): boolean => {
  const beginning = title.replace(/(?:…|\.{3})$/u, '').trimEnd();
  if (!text.startsWith(beginning)) return false;
  const isWhole = beginning === title && /[\p{L}\p{M}\p{N}]$/u.test(title);
  return !isWhole || !/^[\p{L}\p{M}\p{N}]/u.test(text.slice(beginning.length));
};

/** What stands above the text. */
const headOf = (note: Note, files: number, text: string): readonly string[] => {
  const warning = warningOf(note, files);
  const title = titleOf(note, text);
  return [warning === '' ? '' : warningLine(warning), title === '' ? '' : `*${title}*`].filter(
    (line) => line !== '',
  );
};

const contentOf = (note: Note, selfHrefs: readonly string[]): string => {
  const { content, mentions } = note;
  const quotes = note.quote !== undefined;
  const text = htmlToText(content, { mentions, selfHrefs, quotes });
  // A note that holds nothing but the mention is a call: then the mention is what there is to read.
  const isCall = text === '' && note.attachments.length === 0 && !quotes;
  return isCall ? htmlToText(content, { mentions }) : text;
};

/** Whether the text holds the address, and not only one that begins like it. */
const namesUrl = (text: string, url: string): boolean =>
  text
    .split(url)
    .slice(1)
    .some((rest) => /^[.,;:!?]?(?:[\s)>\]]|$)/u.test(rest));

/**
 * The post that is quoted, by a link that one can open: the page that the content names for it, where that lies on the
 * host of the quoted post; else its id. Undefined where the text has the link already.
 */
const quoteOf = (note: Note, text: string): string | undefined => {
  const { quote } = note;
  if (quote === undefined || !isWebUrl(quote)) return undefined;
  const { href } = withoutQuoteFallback(parseHtml(note.content));
  const isPage = href !== undefined && isWebUrl(href) && URL.parse(href)?.host === URL.parse(quote)?.host;
  const url = isPage ? href : quote;
  return namesUrl(text, url) || namesUrl(text, quote) ? undefined : quoteMark(url);
};

const cutBody = (text: string, room: number, url: string): string => {
  if (countBytes(text) <= room) return text;
  const mark = `…\n${cutMark(url)}`;
  return truncateText(text, Math.max(0, room - countBytes(mark))).trimEnd() + mark;
};

const filesOf = (note: Note): readonly Attachment[] =>
  note.attachments.filter(({ url }) => isWebUrl(url)).slice(0, MAX_ATTACHMENTS);

/** The text of a note as it is shown; empty for one that is nothing but files. */
export const noteToText = (
  note: Note,
  facts: Pick<MessageFacts, 'selfHrefs' | 'visibility' | 'others'>,
): string => {
  const url = pageOf(note);
  const files = filesOf(note).length;
  const text = contentOf(note, facts.selfHrefs);
  const head = headOf(note, files, text);
  const quote = quoteOf(note, text);
  const marks = [quote, groupMark(facts.others.map(shortLine)), visibilityMark(facts.visibility, url)].filter(
    (mark) => mark !== undefined,
  );
  const isEmpty = text === '' && head.length === 0 && files === 0 && quote === undefined;
  const content = isEmpty ? noTextMark(url) : text;
  const room = MAX_BODY_BYTES - countBytes([...head, ...marks].join('\n\n')) - 8;
  return cleanText(
    [head.join('\n'), cutBody(content, room, url), marks.join('\n')]
      .filter((part) => part !== '')
      .join('\n\n'),
  );
};

/** XEP-0066 3: clients show a file only where the body is its URL, letter for letter. */
const fileToMessage = ({ url, name }: Attachment): Pick<OutgoingMessage, 'body' | 'oob'> => {
  const desc = shortLine(name ?? '');
  return { body: url, oob: desc === '' ? { url } : { url, desc } };
};

/**
 * The chat messages that show a note to one XMPP user: its text (left out where there is none), then one for
 * each file. Never empty. The first line tells a content warning, the last ones tell who else can see it.
 */
export const noteToMessages = (note: Note, facts: MessageFacts): readonly OutgoingMessage[] => {
  const envelope = {
    kind: 'message',
    type: 'chat',
    from: facts.from,
    to: facts.to,
    publishedAt: stampOf(note.published, facts.acceptedAt),
  } as const;
  const body = noteToText(note, facts);
  const text: OutgoingMessage = {
    ...envelope,
    id: facts.stanzaId(0),
    body,
    ...(note.language === undefined ? {} : { lang: note.language }),
    ...(facts.replyTo === undefined ? {} : { replyTo: facts.replyTo }),
  };
  const attached = filesOf(note).map((file, index) => ({
    ...envelope,
    id: facts.stanzaId(index + 1),
    ...fileToMessage(file),
  }));
  return body === '' ? attached : [text, ...attached];
};
