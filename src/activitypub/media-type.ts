import { ACTIVITY_STREAMS } from './json.ts';

/** What we ask for when we want an ActivityPub document (ActivityPub 3.2). */
export const ACCEPT_ACTIVITY = `application/activity+json, application/ld+json; profile="${ACTIVITY_STREAMS}"`;
export const ACTIVITY_JSON = 'application/activity+json';
export const LD_JSON = 'application/ld+json';
export const JRD_JSON = 'application/jrd+json';

/** No media type that means anything is longer. */
const MAX_LENGTH = 512;

export type MediaType = { readonly type: string; readonly parameters: ReadonlyMap<string, string> };

/** Splits at `separator` outside of quoted strings (RFC 9110 5.6.4). */
export const splitOutsideQuotes = (text: string, separator: string): readonly string[] => {
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

/** Type and parameters, names in lower case, of a Content-Type or of one range of an Accept (RFC 9110 8.3.1). */
export const parseMediaType = (text: string): MediaType => {
  const [type = '', ...rest] = splitOutsideQuotes(text.slice(0, MAX_LENGTH), ';');
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
 * Whether a document of this Content-Type may speak as ActivityPub: anything else could be a file that a user
 * uploaded to the host.
 */
export const isActivityType = (header: string): boolean => {
  const { type, parameters } = parseMediaType(header);
  if (type === ACTIVITY_JSON) return true;
  return type === LD_JSON && (parameters.get('profile') ?? '').split(' ').includes(ACTIVITY_STREAMS);
};

/** Plain JSON or a JRD (RFC 7033 10.2): for WebFinger and NodeInfo. */
export const isPlainJsonType = (header: string): boolean => {
  const { type } = parseMediaType(header);
  return type === JRD_JSON || type === 'application/json';
};
