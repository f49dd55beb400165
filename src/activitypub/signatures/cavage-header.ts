import { done, malformed, type Parsed } from '../../bridge/outcome.ts';

const MAX_LENGTH = 8192;
const MAX_PARAMETERS = 16;
const MAX_NAMES = 20;
/** 8192 bits in base64. */
const MAX_SIGNATURE = 1368;
const MAX_KEY_ID = 2048;

/** The `Signature` header of draft-cavage-http-signatures-12 (2.1), taken apart and bounded. */
export type CavageHeader = {
  readonly keyId: string;
  readonly algorithm: 'rsa-sha256' | 'hs2019' | undefined;
  /** Lower case, in the order that was signed, each once. */
  readonly names: readonly string[];
  readonly signature: Uint8Array;
  /** Seconds since 1970. */
  readonly created: number | undefined;
  readonly expires: number | undefined;
};

const isLetter = (code: number): boolean => (code >= 0x41 && code <= 0x5a) || (code >= 0x61 && code <= 0x7a);

const skipSpace = (text: string, from: number): number => {
  let at = from;
  while (text[at] === ' ' || text[at] === '\t') at += 1;
  return at;
};

type Parameter = { readonly name: string; readonly value: string; readonly end: number };

/** One `name="value"` or `name=value`; a backslash in quotes is refused, no implementation sends one. */
const readParameter = (text: string, start: number): Parameter | undefined => {
  let at = start;
  while (isLetter(text.charCodeAt(at))) at += 1;
  if (at === start || text[at] !== '=') return undefined;
  const name = text.slice(start, at);
  if (text[at + 1] === '"') {
    const close = text.indexOf('"', at + 2);
    if (close === -1) return undefined;
    const value = text.slice(at + 2, close);
    return value.includes('\\') ? undefined : { name, value, end: close + 1 };
  }
  const comma = text.indexOf(',', at + 1);
  const end = comma === -1 ? text.length : comma;
  return { name, value: text.slice(at + 1, end).trim(), end };
};

/** Linear: each character is looked at once. */
const readParameters = (text: string): Parsed<ReadonlyMap<string, string>> => {
  const found = new Map<string, string>();
  let at = skipSpace(text, 0);
  while (at < text.length) {
    const parameter = readParameter(text, at);
    if (parameter === undefined) return malformed('a parameter that cannot be read');
    if (found.has(parameter.name)) return malformed('a parameter twice');
    if (found.size >= MAX_PARAMETERS) return malformed('too many parameters');
    found.set(parameter.name, parameter.value);
    at = skipSpace(text, parameter.end);
    if (at === text.length) break;
    if (text[at] !== ',') return malformed('no comma between parameters');
    at = skipSpace(text, at + 1);
  }
  return done(found);
};

const parseNames = (text: string | undefined): Parsed<readonly string[]> => {
  const names = (text ?? 'date').toLowerCase().split(' ', MAX_NAMES + 1); // 2.1.6: `date` where absent
  if (names.length > MAX_NAMES) return malformed('too many signed headers');
  if (names.includes('')) return malformed('an empty name of a header');
  return new Set(names).size === names.length ? done(names) : malformed('a signed header twice');
};

/** Whole seconds, of a size that a date can have. */
const parseSeconds = (text: string | undefined): Parsed<number | undefined> => {
  if (text === undefined) return done(undefined);
  return /^\d{1,12}$/u.test(text) ? done(Number(text)) : malformed('a time that is no number of seconds');
};

const parseAlgorithm = (text: string | undefined): Parsed<CavageHeader['algorithm']> =>
  text === undefined || text === 'rsa-sha256' || text === 'hs2019'
    ? done(text)
    : malformed('an algorithm that is not accepted');

/** Reads the value of a `Signature` header; every limit stands here, nothing is trusted yet. */
export const parseCavageHeader = (text: string): Parsed<CavageHeader> => {
  if (text.length > MAX_LENGTH) return malformed('signature header too long');
  const parameters = readParameters(text);
  if (!parameters.ok) return parameters;
  const get = (name: string): string | undefined => parameters.value.get(name);
  const keyId = get('keyId') ?? '';
  if (keyId === '' || keyId.length > MAX_KEY_ID) return malformed('no usable keyId');
  const encoded = get('signature') ?? '';
  if (encoded.length > MAX_SIGNATURE || !/^[A-Za-z0-9+/]+={0,2}$/u.test(encoded))
    return malformed('no usable signature');
  const algorithm = parseAlgorithm(get('algorithm'));
  if (!algorithm.ok) return algorithm;
  const names = parseNames(get('headers'));
  if (!names.ok) return names;
  const created = parseSeconds(get('created'));
  if (!created.ok) return created;
  const expires = parseSeconds(get('expires'));
  if (!expires.ok) return expires;
  return done({
    keyId,
    algorithm: algorithm.value,
    names: names.value,
    signature: Buffer.from(encoded, 'base64'),
    created: created.value,
    expires: expires.value,
  });
};
