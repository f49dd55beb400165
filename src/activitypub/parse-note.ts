import type { Attachment, Mention, Note } from '../bridge/activity.ts';
import { done, malformed, type Parsed } from '../bridge/outcome.ts';
import {
  isRecord,
  type JsonRecord,
  readField,
  readId,
  readList,
  readText,
  readTypes,
  readUrl,
  sameHost,
} from './json-fields.ts';
import { isActivityType } from './media-type.ts';

const MAX_AUDIENCE = 500;
const MAX_TAGS = 200;
const MAX_ATTACHMENTS = 16;
const MAX_LINKS = 32;
const MAX_CONTENT = 262_144;
const MAX_SUMMARY = 20_480;
const MAX_NAME = 2048;
const MAX_ALT_TEXT = 10_000;
const MAX_URI = 2048;
const MAX_LANGUAGES = 64;

/** Object types that can be shown as a Note. */
const NOTE_TYPES: ReadonlySet<string> = new Set([
  'Note',
  'ChatMessage',
  'Article',
  'Page',
  'Question',
  'Image',
  'Video',
  'Audio',
  'Event',
]);

const ATTACHMENT_TYPES: ReadonlySet<string> = new Set(['Document', 'Image', 'Video', 'Audio', 'Link']);

export const noteTypeOf = (json: JsonRecord): string | undefined =>
  readTypes(json).find((type) => NOTE_TYPES.has(type));

const unique = (values: readonly string[]): readonly string[] => [...new Set(values)];

/**
 * Who is addressed, of the activity and its object together (peers put it on either). `as:Public` and `Public`
 * are kept as they are (ActivityPub 5.6); `bto` and `bcc` are never read.
 */
const readAudience = (sources: readonly JsonRecord[], field: 'to' | 'cc'): readonly string[] =>
  unique(
    sources
      .flatMap((source) => readList(readField(source, field), MAX_AUDIENCE))
      .flatMap((each) => (each === 'as:Public' || each === 'Public' ? each : (readId(each) ?? []))),
  ).slice(0, MAX_AUDIENCE);

const isLanguage = (text: string): boolean =>
  text.length <= 35 && text !== 'und' && /^[A-Za-z]{2,8}(?:-[A-Za-z0-9]{1,8})*$/u.test(text);

/** `content` or the first text of `contentMap`, and the language that the map has for it. */
const readContent = (json: JsonRecord): Pick<Note, 'content' | 'language'> => {
  const map = readField(json, 'contentMap');
  const texts = isRecord(map) ? Object.entries(map).slice(0, MAX_LANGUAGES) : [];
  const raw = readField(json, 'content') ?? texts[0]?.[1];
  const tag = texts.find(([, text]) => text === raw)?.[0];
  const declared = readField(json, 'language'); // COMPAT Lemmy: {identifier, name}
  const language = tag ?? (isRecord(declared) ? readText(readField(declared, 'identifier'), 36) : undefined);
  return {
    content: readText(raw, MAX_CONTENT) ?? '',
    language: language !== undefined && isLanguage(language) ? language : undefined,
  };
};

const readMentions = (json: JsonRecord): readonly Mention[] => {
  const mentions = readList(readField(json, 'tag'), MAX_TAGS).flatMap((tag) => {
    if (!isRecord(tag) || !readTypes(tag).includes('Mention')) return [];
    const href = readUrl(readField(tag, 'href'));
    return href === undefined ? [] : { href, name: readText(readField(tag, 'name'), MAX_NAME) };
  });
  return [...new Map(mentions.map((mention) => [mention.href, mention])).values()];
};

/** FEP-044f, then what Misskey, Fedibird and others call it. */
const QUOTE_FIELDS = ['quote', 'quoteUrl', 'quoteUri', '_misskey_quote'] as const;

const QUOTE_RELS: ReadonlySet<unknown> = new Set([
  'https://misskey-hub.net/ns#_misskey_quote',
  'http://fedibird.com/ns#quoteUri',
]);

const saysQuote = (link: JsonRecord): boolean =>
  readList(readField(link, 'rel'), MAX_TAGS).some((rel) => QUOTE_RELS.has(rel)) ||
  readText(readField(link, 'name'), 8)?.startsWith('RE:') === true;

/** FEP-e232: a link to another document of ActivityPub, which is a quote where it says so. */
const isQuoteLink = (tag: unknown): tag is JsonRecord =>
  isRecord(tag) &&
  readTypes(tag).includes('Link') &&
  isActivityType(readText(readField(tag, 'mediaType'), 128) ?? '') &&
  saysQuote(tag);

const readQuote = (json: JsonRecord): Pick<Note, 'quote'> => {
  const links = readList(readField(json, 'tag'), MAX_TAGS)
    .filter(isQuoteLink)
    .map((tag) => readField(tag, 'href'));
  const [quote] = [...QUOTE_FIELDS.map((name) => readField(json, name)), ...links].flatMap(
    (value) => readId(value) ?? [],
  );
  return quote === undefined ? {} : { quote };
};

type Link = { readonly href: string; readonly mediaType: string | undefined };

/** The links of a `url`: a string, a Link with `href`, or a list of either. */
const readLinks = (value: unknown): readonly Link[] =>
  readList(value, MAX_LINKS).flatMap((each) => {
    const href = readUrl(isRecord(each) ? (readField(each, 'href') ?? readField(each, 'url')) : each);
    if (href === undefined) return [];
    return { href, mediaType: isRecord(each) ? readText(readField(each, 'mediaType'), 128) : undefined };
  });

const readAttachment = (value: unknown): Attachment | undefined => {
  if (!isRecord(value) || !readTypes(value).some((type) => ATTACHMENT_TYPES.has(type))) return undefined;
  const [link] = readLinks(readField(value, 'url') ?? readField(value, 'href'));
  if (link === undefined) return undefined;
  const name = readField(value, 'name') ?? readField(value, 'summary');
  return {
    url: link.href,
    mediaType: readText(readField(value, 'mediaType'), 128) ?? link.mediaType,
    name: readText(name, MAX_ALT_TEXT),
  };
};

/** Whether the text holds the address, as it stands or as it is written in HTML, and not only one that begins like it. */
const holdsUrl = (content: string, url: string): boolean =>
  [url, url.replaceAll('&', '&amp;')].some((written) =>
    content
      .split(written)
      .slice(1)
      .some((rest) => /^[.,;:!?]?(?:[\s"'<>)\]]|$)/u.test(rest)),
  );

const isLink = (value: unknown): boolean => isRecord(value) && readTypes(value).includes('Link');

/** Files, and links (Lemmy, Mbin, and what a Page is about) that the text does not hold already. */
const readAttachments = (json: JsonRecord, content: string, about?: string): readonly Attachment[] => {
  const link = about === undefined ? [] : [{ type: 'Link', href: about }];
  const all = [...readList(readField(json, 'attachment'), MAX_ATTACHMENTS), ...link].flatMap((each) => {
    const attachment = readAttachment(each);
    return attachment === undefined || (isLink(each) && holdsUrl(content, attachment.url)) ? [] : attachment;
  });
  return [...new Map(all.map((attachment) => [attachment.url, attachment])).values()].slice(
    0,
    MAX_ATTACHMENTS,
  );
};

/** The page for people: the HTML link where types are given (COMPAT PeerTube), else the first. */
const readPage = (json: JsonRecord): string | undefined => {
  const links = readLinks(readField(json, 'url'));
  return (links.find(({ mediaType }) => mediaType === 'text/html') ?? links[0])?.href;
};

/** COMPAT Mbin, Friendica: the `url` of a Page that lies on another host is what it is about, and no page of it. */
const readPlaces = (json: JsonRecord, id: string): { readonly page?: string; readonly about?: string } => {
  const url = readPage(json);
  if (url === undefined) return {};
  return readTypes(json).includes('Page') && !sameHost(url, id) ? { about: url } : { page: url };
};

/** The post that is answered; of several the first (COMPAT WordPress). */
const readAnswered = (json: JsonRecord): string | undefined =>
  readList(readField(json, 'inReplyTo'), MAX_LINKS).flatMap((each) => readId(each) ?? [])[0];

/** Threads are named by any URI (`tag:` too), as text or as an object with an id. */
const readThread = (value: unknown): string | undefined => {
  const text = isRecord(value) ? readField(value, 'id') : value;
  return typeof text === 'string' && text.length <= MAX_URI ? readText(text, MAX_URI) : undefined;
};

const EARLIEST = Date.UTC(1990, 0, 1);
const LATEST = Date.UTC(2200, 0, 1);

/** An xsd:dateTime as ISO 8601 in UTC; undefined for what is no date, or none that a message can have. */
export const readTime = (value: unknown): string | undefined => {
  if (typeof value !== 'string' || !/^\d{4}-\d{2}-\d{2}T[0-9:.]{5,20}(?:Z|[+-]\d{2}:?\d{2})?$/u.test(value))
    return undefined;
  const hasZone = /(?:Z|[+-]\d{2}:?\d{2})$/u.test(value);
  const time = Date.parse(hasZone ? value : `${value}Z`);
  return time >= EARLIEST && time < LATEST ? new Date(time).toISOString() : undefined;
};

/**
 * The object of a Create or an Update as a Note. Its id must lie on the actor's host and its only author be the actor: what
 * an activity embeds of somebody else proves nothing about that somebody. `activity` is where the audience may
 * also stand.
 */
export const parseNote = (json: JsonRecord, activity: JsonRecord, actor: string): Parsed<Note> => {
  const type = noteTypeOf(json);
  if (type === undefined) return malformed('not a kind of note');
  const id = readId(json);
  if (id === undefined || !sameHost(id, actor))
    return malformed('a note whose id is not on its author’s host');
  const attributedTo = readId(readField(json, 'attributedTo'));
  if (attributedTo !== actor) return malformed('a note of which the actor is not the only author');
  const to = readAudience([activity, json], 'to');
  const cc = readAudience([activity, json], 'cc').filter((uri) => !to.includes(uri));
  // Pleroma and Lemmy know chats of two only; a line that says who else reads it would be lost on the way back.
  if (type === 'ChatMessage' && to.length + cc.length > 1)
    return malformed('a chat message to more than one');
  const { content, language } = readContent(json);
  const { page, about } = readPlaces(json, id);
  return done({
    id,
    type,
    attributedTo,
    to,
    cc: cc.slice(0, MAX_AUDIENCE - to.length),
    content,
    language,
    summary: readText(readField(json, 'summary'), MAX_SUMMARY),
    sensitive: readField(json, 'sensitive') === true,
    name: readText(readField(json, 'name'), MAX_NAME),
    url: page,
    inReplyTo: readAnswered(json),
    ...readQuote(json),
    context: readThread(readField(json, 'context')),
    conversation: readThread(readField(json, 'conversation')),
    mentions: readMentions(json),
    attachments: readAttachments(json, content, about),
    published: readTime(readField(json, 'published')),
    updated: readTime(readField(json, 'updated')),
  });
};
