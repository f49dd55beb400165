import { ACTIVITY_STREAMS } from './json.ts';

/**
 * Which of two documents a reader wants, and which bodies are activities. Header values are short (Node
 * limits all headers to 16 KiB) and are read by splitting, in linear time.
 */

const ACTIVITY_JSON = 'application/activity+json';
const LD_JSON = 'application/ld+json';

type MediaRange = { readonly type: string; readonly parameters: ReadonlyMap<string, string> };

/** Splits at `separator` outside of quoted strings (RFC 9110 5.6.4). */
const splitOutsideQuotes = (text: string, separator: string): readonly string[] => {
  const parts: string[] = [];
  let start = 0;
  let quoted = false;
  for (let i = 0; i < text.length; i += 1) {
    const char = text[i];
    if (quoted && char === '\\') i += 1;
    else if (char === '"') quoted = !quoted;
    else if (char === separator && !quoted) {
      parts.push(text.slice(start, i));
      start = i + 1;
    }
  }
  parts.push(text.slice(start));
  return parts;
};

const unquote = (text: string): string =>
  text.length >= 2 && text.startsWith('"') && text.endsWith('"') ? text.slice(1, -1) : text;

const parseMediaRange = (text: string): MediaRange => {
  const [type = '', ...rest] = splitOutsideQuotes(text, ';');
  const parameters = new Map<string, string>();
  for (const part of rest) {
    const equals = part.indexOf('=');
    if (equals > 0) {
      parameters.set(part.slice(0, equals).trim().toLowerCase(), unquote(part.slice(equals + 1).trim()));
    }
  }
  return { type: type.trim().toLowerCase(), parameters };
};

/**
 * True when the reader names one of the two types of an ActivityPub document (ActivityPub 3.2), with any
 * profile or none; a type with `q=0` is one that it does not want (RFC 9110 12.4.2). Wildcards mean a person.
 */
export const wantsActivity = (accept: string | undefined): boolean =>
  accept !== undefined &&
  splitOutsideQuotes(accept, ',')
    .map(parseMediaRange)
    .some(
      ({ type, parameters }) =>
        (type === ACTIVITY_JSON || type === LD_JSON) && Number(parameters.get('q') ?? '1') > 0,
    );

/**
 * True for the body types that an inbox takes (ActivityPub 7): plain `application/json`, or `ld+json` without
 * the ActivityStreams profile, is refused as it is by GoToSocial. No server is known that sends either.
 */
export const isInboxType = (contentType: string | undefined): boolean => {
  if (contentType === undefined) return false;
  const { type, parameters } = parseMediaRange(contentType);
  const charset = parameters.get('charset') ?? 'utf-8';
  if (charset.toLowerCase() !== 'utf-8') return false;
  const profiles = (parameters.get('profile') ?? '').split(' ');
  return type === ACTIVITY_JSON || (type === LD_JSON && profiles.includes(ACTIVITY_STREAMS));
};
