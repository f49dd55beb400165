import { done, malformed, type Parsed } from '../../bridge/outcome.ts';
import { decodeBase64 } from './digest.ts';

/**
 * As much of RFC 9651 as `Signature-Input`, `Signature` and `Content-Digest` need: a dictionary whose members are
 * inner lists of strings with parameters, or bytes. Stricter than the RFC, so that no two readers can differ: no
 * name twice, no backslash, no parameters of bytes, base64 in its one canonical spelling. A component with parameters is
 * kept as it is written (`signature";key="sig1`), which is the name of none that is understood here.
 */
const MAX_LENGTH = 8192;
const MAX_MEMBERS = 8;
const MAX_COMPONENTS = 20;
const MAX_PARAMETERS = 8;

// Each is sticky, tried once at a place and free of nested repeats, so that reading is linear.
const KEY = /([a-z*][a-z0-9_.*-]{0,63})=/y;
const PARAMETER = /; *([a-z*][a-z0-9_.*-]{0,63})/y;
const EQUALS = /(=)/y;
const STRING = /"([ !#-[\]-~]*)"/y;
const INTEGER = /(-?\d{1,15})(?![\d.])/y;
const BYTES = /:([A-Za-z0-9+/]*={0,2}):/y;
const COMMA = /[ \t]*(,)[ \t]*/y;
const OPEN = /(\() */y;
const CLOSE = /(\))/y;
const SPACE = /( ) */y;

type Found<T> = { readonly value: T; readonly end: number };
type Read<T> = (text: string, at: number) => Found<T> | undefined;

/** An inner list of strings with its parameters. */
export type InnerList = {
  readonly items: readonly string[];
  /** `true` is a name alone: so `Accept-Signature` asks for a value. */
  readonly parameters: ReadonlyMap<string, string | number | true>;
};

const take = (pattern: RegExp, text: string, at: number): Found<string> | undefined => {
  pattern.lastIndex = at;
  const found = pattern.exec(text);
  return found === null ? undefined : { value: found[1] ?? '', end: pattern.lastIndex };
};

const readItems: Read<readonly string[]> = (text, start) => {
  const items: string[] = [];
  let at = take(OPEN, text, start)?.end;
  while (at !== undefined) {
    const close = take(CLOSE, text, at);
    if (close !== undefined) return { value: items, end: close.end };
    const item = take(STRING, text, at);
    if (item === undefined || items.length >= MAX_COMPONENTS) return undefined;
    const end = readParameters(text, item.end)?.end;
    if (end === undefined) return undefined;
    items.push(`${item.value}${end === item.end ? '' : text.slice(item.end - 1, end)}`);
    at = take(SPACE, text, end)?.end ?? (text[end] === ')' ? end : undefined);
  }
  return undefined;
};

const readValue: Read<string | number> = (text, at) => {
  const string = take(STRING, text, at);
  if (string !== undefined) return string;
  const integer = take(INTEGER, text, at);
  return integer === undefined ? undefined : { value: Number(integer.value), end: integer.end };
};

/** A name alone means true (RFC 9651 3.1.2). */
const readParameter: Read<string | number | true> = (text, at) => {
  const equals = take(EQUALS, text, at);
  return equals === undefined ? { value: true, end: at } : readValue(text, equals.end);
};

/** Parameters that are strings, integers or true, each once. */
const readParameters: Read<InnerList['parameters']> = (text, start) => {
  const parameters = new Map<string, string | number | true>();
  let at = start;
  while (text[at] === ';') {
    const name = take(PARAMETER, text, at);
    const value = name === undefined ? undefined : readParameter(text, name.end);
    if (name === undefined || value === undefined) return undefined;
    if (parameters.has(name.value) || parameters.size >= MAX_PARAMETERS) return undefined;
    parameters.set(name.value, value.value);
    at = value.end;
  }
  return { value: parameters, end: at };
};

/** One inner list of strings with its parameters. */
export const readInnerList: Read<InnerList> = (text, start) => {
  const items = readItems(text, start);
  const parameters = items && readParameters(text, items.end);
  return items && parameters
    ? { value: { items: items.value, parameters: parameters.value }, end: parameters.end }
    : undefined;
};

/** A byte sequence in canonical base64. */
export const readBytes: Read<Buffer> = (text, at) => {
  const encoded = take(BYTES, text, at);
  const bytes = encoded === undefined ? undefined : decodeBase64(encoded.value);
  return encoded === undefined || bytes === undefined ? undefined : { value: bytes, end: encoded.end };
};

/** A dictionary (RFC 9651 3.2) of at most 8 members, none of them twice and all of the one kind. */
export const readDictionary = <T>(text: string, readMember: Read<T>): Parsed<ReadonlyMap<string, T>> => {
  if (text.length > MAX_LENGTH) return malformed('a structured field that is too long');
  const found = new Map<string, T>();
  let at = 0;
  for (;;) {
    const key = take(KEY, text, at);
    if (key === undefined) return malformed('a label that cannot be read');
    if (found.has(key.value)) return malformed('a label twice');
    if (found.size >= MAX_MEMBERS) return malformed('too many labels');
    const member = readMember(text, key.end);
    if (member === undefined) return malformed('a member that cannot be read');
    found.set(key.value, member.value);
    if (member.end === text.length) return done(found);
    const comma = take(COMMA, text, member.end);
    if (comma === undefined) return malformed('no comma between members');
    at = comma.end;
  }
};

/** An inner list as RFC 9651 4.1.1.1 writes it, parameters in their order. */
export const renderInnerList = ({ items, parameters }: InnerList): string => {
  const list = items.map((item) => `"${item}"`).join(' ');
  const rest = [...parameters].map(([name, value]) =>
    value === true ? `;${name}` : typeof value === 'number' ? `;${name}=${value}` : `;${name}="${value}"`,
  );
  return `(${list})${rest.join('')}`;
};
