/**
 * Readers for JSON that strangers wrote: every function takes `unknown` and gives a small, clean, bounded
 * value or undefined. They never throw, and they never look at a prototype.
 */

export type JsonRecord = Readonly<Record<string, unknown>>;

/** UTF-16 units. Mastodon and GoToSocial keep ids up to about this size; longer ones are nobody's. */
const MAX_URL = 2048;

export const isRecord = (value: unknown): value is JsonRecord =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** An own property: `__proto__` and `constructor` in a document are plain names here. */
export const readField = (record: JsonRecord, name: string): unknown =>
  Object.hasOwn(record, name) ? record[name] : undefined;

/** A string without NUL (PostgreSQL refuses it) and lone surrogates, cut at `max` UTF-16 units. */
export const readText = (value: unknown, max: number): string | undefined =>
  typeof value === 'string' ? value.slice(0, max).replaceAll('\u0000', '').toWellFormed() : undefined;

/** A list as it is written in JSON-LD: absent is empty, one value is a list of one. At most `max` are kept. */
export const readList = (value: unknown, max: number): readonly unknown[] => {
  if (value === undefined || value === null) return [];
  return Array.isArray(value) ? value.slice(0, max) : [value];
};

/** The first `type` that is a string: `"Note"` and `["Note", "x:Other"]` both occur. */
export const readTypes = (record: JsonRecord): readonly string[] =>
  readList(readField(record, 'type'), 8).flatMap((type) => readText(type, 128) ?? []);

/**
 * Characters that the WHATWG parser would quietly drop or rewrite: they only ever serve to make two readers
 * disagree. (`\` becomes `/`, a tab vanishes.)
 */
const isPlainUrlText = (text: string): boolean => {
  for (let i = 0; i < text.length; i += 1) {
    const code = text.charCodeAt(i);
    if (code <= 0x20 || code === 0x7f || code === 0x5c || code === 0x22 || code === 0x3c || code === 0x3e)
      return false;
  }
  return text.isWellFormed();
};

/** `https:host` and `https:///host` too lead somewhere for the WHATWG parser, and nowhere for others (RFC 3986 3). */
const HAS_HOST = /^https?:\/\/[^/]/iu;

/** An absolute http(s) URL without userinfo, byte for byte as it came, at most 2048 units long. */
export const readUrl = (value: unknown): string | undefined => {
  if (typeof value !== 'string' || value.length > MAX_URL || !isPlainUrlText(value)) return undefined;
  if (!HAS_HOST.test(value)) return undefined;
  const url = URL.parse(value);
  if (url === null || (url.protocol !== 'https:' && url.protocol !== 'http:')) return undefined;
  return url.username === '' && url.password === '' ? value : undefined;
};

/**
 * Bytes of UTF-8. Ids are keys in the database, and an entry of an index, which may hold two of them, has 2704
 * bytes (PostgreSQL): a longer one would make the statement fail that was to store it.
 */
const MAX_ID_BYTES = 1024;

/** A URL that is an id, as text only: `readUrl`, and short enough to be a key. */
export const readIdText = (value: unknown): string | undefined => {
  const url = readUrl(value);
  return url !== undefined && Buffer.byteLength(url) <= MAX_ID_BYTES ? url : undefined;
};

/** The id that stands for a thing: the URL itself, `{id}`, or a list of exactly one of these. */
export const readId = (value: unknown): string | undefined => {
  const only = Array.isArray(value) ? (value.length === 1 ? value[0] : undefined) : value;
  return readIdText(isRecord(only) ? readField(only, 'id') : only);
};

/** Host with port, lower case, A-labels; undefined where the text is no URL. */
export const hostOf = (url: string): string | undefined => URL.parse(url)?.host.toLowerCase() || undefined;

/** Whether both are URLs of one host (and one port). */
export const sameHost = (a: string, b: string): boolean => {
  const host = hostOf(a);
  return host !== undefined && host === hostOf(b);
};

/** Equal once written the canonical way; a fragment counts. */
export const sameUrl = (a: string, b: string): boolean => {
  const first = URL.parse(a);
  return first !== null && first.href === URL.parse(b)?.href;
};

export const withoutFragment = (url: string): string => url.split('#', 1)[0] ?? url;
