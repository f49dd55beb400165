/**
 * Text as it may stand in a stanza. One character that XML 1.0 forbids closes the component's stream for
 * everybody, so every text from outside passes `cleanText` or `cleanLine` before it becomes part of one.
 */

/** Everything outside Char of XML 1.0 (2.2): C0 but TAB, LF and CR, lone surrogates, U+FFFE and U+FFFF. */
const ILLEGAL_IN_XML = /[^\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/gu;

const LINE_ENDS = /\r\n?/gu;

/** Whatever a client may show as a line end or as space, so that a name stays on one line. */
const SPACES = /[[\s\u{85}]--\u{feff}]+/gv;

/** C1, bidirectional controls, and what takes no room at all: none of it belongs in a name. */
const INVISIBLE =
  /[[\p{Default_Ignorable_Code_Point}\p{Bidi_Control}\u{7f}-\u{9f}\u{fff9}-\u{fffb}]--[\u{200c}\u{200d}\p{Variation_Selector}]]/gv;

/** The joiners hold emoji and the letters of several scripts together; anywhere else they only hide. */
const STRAY_JOINER =
  /(?<![[\p{L}\p{M}\p{Emoji}]--\p{ASCII}])[\u{200c}\u{200d}]|[\u{200c}\u{200d}](?![[\p{L}\p{M}\p{Emoji}]--\p{ASCII}])/gv;

/** Removes what XML 1.0 does not allow and makes every line end a LF (XML 1.0 2.2 and 2.11). */
export const cleanText = (text: string): string => text.replace(ILLEGAL_IN_XML, '').replace(LINE_ENDS, '\n');

/**
 * A name or a title on one line: `cleanText`, then no controls, no bidirectional overrides, nothing of zero
 * width; runs of white space become one space, none at the ends.
 */
export const cleanLine = (text: string): string =>
  cleanText(text)
    .replace(SPACES, ' ')
    .replace(INVISIBLE, '')
    .replace(STRAY_JOINER, '')
    .replace(SPACES, ' ')
    .trim();

/** The length in code points, the unit in which XEP-0426 counts. */
export const countCodePoints = (text: string): number => {
  let count = 0;
  for (const _ of text) count += 1;
  return count;
};

/** The part from code point `start` up to, not including, `end` (XEP-0426 4). Never splits a pair. */
export const sliceCodePoints = (text: string, start: number, end = Number.POSITIVE_INFINITY): string => {
  let index = 0;
  let from = text.length;
  let at = 0;
  for (const character of text) {
    if (index === start) from = at;
    if (index >= end) return from < at ? text.slice(from, at) : '';
    at += character.length;
    index += 1;
  }
  return text.slice(from);
};

const utf8Width = (codePoint: number): number => {
  if (codePoint < 0x80) return 1;
  if (codePoint < 0x800) return 2;
  return codePoint < 0x10000 ? 3 : 4;
};

/** The length in bytes of the UTF-8 form; a lone surrogate counts as the three bytes of U+FFFD. */
export const countBytes = (text: string): number => {
  let bytes = 0;
  for (const character of text) bytes += utf8Width(character.codePointAt(0) ?? 0);
  return bytes;
};

/** The longest beginning of `text` of at most `maxBytes` bytes of UTF-8. Never splits a code point. */
export const truncateText = (text: string, maxBytes: number): string => {
  let bytes = 0;
  let at = 0;
  for (const character of text) {
    bytes += utf8Width(character.codePointAt(0) ?? 0);
    if (bytes > maxBytes) return text.slice(0, at);
    at += character.length;
  }
  return text;
};
