/**
 * Collects text as a browser lays it out: white space collapses, blocks begin on new lines. What stands at
 * the edges (a space, line breaks) is remembered apart, so that it can be carried round a directive.
 */
export type TextWriter = {
  readonly parts: string[];
  lastCharacter: string;
  /** Line breaks that are due before the next text. */
  breaks: number;
  /** A space is due before the next text. */
  space: boolean;
  leadingBreaks: number;
  leadingSpace: boolean;
};

/** At most one blank line between two texts. */
const MAX_BREAKS = 2;

export const createWriter = (): TextWriter => ({
  parts: [],
  lastCharacter: '',
  breaks: 0,
  space: false,
  leadingBreaks: 0,
  leadingSpace: false,
});

const push = (writer: TextWriter, text: string): void => {
  writer.parts.push(text);
  writer.lastCharacter = text.slice(-1);
};

/** Writes out what is due before a text: the line breaks, or else the space. */
const settle = (writer: TextWriter): void => {
  if (writer.parts.length === 0) {
    writer.leadingBreaks = writer.breaks;
    writer.leadingSpace = writer.space;
  } else if (writer.breaks > 0) push(writer, '\n'.repeat(writer.breaks));
  else if (writer.space && writer.lastCharacter !== '\n') push(writer, ' ');
  writer.breaks = 0;
  writer.space = false;
};

/** Writes running text; white space in it collapses, U+00A0 becomes a plain space. */
export const writeInline = (writer: TextWriter, text: string): void => {
  const collapsed = text.replace(/[ \t\n\r\f]+/gu, ' ');
  if (collapsed === '') return;
  const [before, after] = [collapsed.startsWith(' '), collapsed.endsWith(' ')];
  writer.space ||= before;
  const words = collapsed.slice(before ? 1 : 0, after ? -1 : undefined).replaceAll('\u{a0}', ' ');
  if (words.trim() === '') {
    writer.space ||= words !== '';
    return;
  }
  settle(writer);
  push(writer, words);
  writer.space = after;
};

/** Writes a text as it is, line breaks and all. */
export const writeVerbatim = (writer: TextWriter, text: string): void => {
  if (text === '') return;
  settle(writer);
  push(writer, text);
};

/** `<br>`: one more line break, up to one blank line. */
export const breakLine = (writer: TextWriter): void => {
  writer.breaks = Math.min(writer.breaks + 1, MAX_BREAKS);
};

/** The edge of a block: at least `distance` line breaks before the next text. */
export const endBlock = (writer: TextWriter, distance: number): void => {
  writer.breaks = Math.max(writer.breaks, distance);
};

/** What was written, without the white space at its edges. */
export const writtenText = (writer: TextWriter): string => writer.parts.join('');

/**
 * Writes the text of an inner writer through `change`, with the inner edges outside it. `afterSpace` tells
 * `change` that a line or a word begins here.
 */
export const writeInner = (
  writer: TextWriter,
  inner: TextWriter,
  change: (text: string, afterSpace: boolean) => string,
): void => {
  const text = writtenText(inner);
  const empty = text === '';
  writer.breaks = Math.max(writer.breaks, empty ? inner.breaks : inner.leadingBreaks);
  writer.space ||= empty ? inner.space : inner.leadingSpace;
  const afterSpace = writer.breaks > 0 || writer.space || /^\s?$/u.test(writer.lastCharacter);
  writeVerbatim(writer, change(text, afterSpace));
  if (empty) return;
  writer.breaks = Math.max(writer.breaks, inner.breaks);
  writer.space ||= inner.space;
};
