import { cleanLine } from '../bridge/text.ts';
import { isRecord, type JsonRecord, readField, readList, readText, readTypes } from './json-fields.ts';

/** UTF-16 units: the longest emoji has some thirty, the name of one of the peer's own more. */
const MAX_REACTION = 66;
const MAX_TAGS = 16;

const SHORTCODE = /^:[^\s:]+:$/u;
/** Pictures, flags and keycaps; a letter is one grapheme too. */
const EMOJI = /\p{Extended_Pictographic}|\p{Regional_Indicator}|\u{20e3}/u;

const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' });

const isEmoji = (text: string): boolean => EMOJI.test(text) && [...graphemes.segment(text)].length === 1;

/** One Emoji tag and no other, of that name: the peer's own emoji. */
const isOwnEmoji = (text: string, json: JsonRecord): boolean => {
  if (!SHORTCODE.test(text)) return false;
  const names = readList(readField(json, 'tag'), MAX_TAGS).flatMap((tag) =>
    isRecord(tag) && readTypes(tag).includes('Emoji') ? [readText(readField(tag, 'name'), MAX_REACTION)] : [],
  );
  return names.length === 1 && (names[0] === text || `:${names[0]}:` === text);
};

/** The flags of England, Scotland and Wales are written with them; without, as text is cleaned here, it is another one. */
const TAG_CHARACTERS = /[\u{E0020}-\u{E007F}]/u;

/** Undefined for what is no text, too long to be an emoji, or one that cannot be shown. */
const readContent = (value: unknown): string | undefined => {
  const text = readText(value, MAX_REACTION + 1);
  if (text === undefined || text.length > MAX_REACTION || TAG_CHARACTERS.test(text)) return undefined;
  return cleanLine(text).trim();
};

/**
 * The emoji of an EmojiReact or a Like (FEP-c0e0): one emoji, or the `:name:` of one of the peer's own, with its
 * Emoji tag. Misskey says it in a Like, and in a field of its own too. Undefined for anything else: a plain like.
 */
export const readReaction = (json: JsonRecord): string | undefined => {
  const content =
    readContent(readField(json, 'content')) ?? readContent(readField(json, '_misskey_reaction'));
  return content !== undefined && (isEmoji(content) || isOwnEmoji(content, json)) ? content : undefined;
};
