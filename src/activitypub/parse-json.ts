import { done, malformed, type Parsed } from '../bridge/outcome.ts';

/** Levels of arrays and objects. The deepest real activity seen has seven. */
const MAX_DEPTH = 64;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/** The index just behind the string that opens at `start`, or -1 when it never closes. */
const endOfString = (text: string, start: number): number => {
  for (let i = start + 1; i < text.length; i += 1) {
    const code = text.charCodeAt(i);
    if (code === BACKSLASH) i += 1;
    else if (code === QUOTE) return i + 1;
  }
  return -1;
};

/** The name behind a raw string literal: two spellings of one name are one name. */
const nameOf = (literal: string): string => {
  if (!literal.includes('\\')) return literal.slice(1, -1);
  try {
    return String(JSON.parse(literal));
  } catch {
    return literal; // not JSON: the real parser will say so
  }
};

const isColonNext = (text: string, from: number): boolean => {
  for (let i = from; i < text.length; i += 1) {
    const char = text[i];
    if (char === ':') return true;
    if (char !== ' ' && char !== '\n' && char !== '\r' && char !== '\t') return false;
  }
  return false;
};

/** Where to go on. */
type Step = { readonly end: number; readonly problem?: string };

/** Passes over the string at `start`; where it is a name in an object, remembers it in `names`. */
const passString = (text: string, start: number, names: Set<string> | undefined): Step => {
  const end = endOfString(text, start);
  if (end === -1) return { end: text.length, problem: 'a string without an end' };
  if (names === undefined || !isColonNext(text, end)) return { end };
  const name = nameOf(text.slice(start, end));
  if (names.has(name)) return { end, problem: 'a name twice in one object' };
  names.add(name);
  return { end };
};

/** `"`, `[`, `]`, `{`, `}`: all else is of no interest to the pass below. */
const isStructural = (code: number): boolean =>
  code === QUOTE || code === 0x5b || code === 0x5d || code === 0x7b || code === 0x7d;

/** `open` holds a set of names for each open object and undefined for each open array. */
const passStructure = (text: string, at: number, open: (Set<string> | undefined)[]): Step => {
  const end = at + 1;
  switch (text[at]) {
    case '"':
      return passString(text, at, open.at(-1));
    case '{':
    case '[':
      open.push(text[at] === '{' ? new Set() : undefined);
      return open.length > MAX_DEPTH ? { end, problem: `deeper than ${MAX_DEPTH} levels` } : { end };
    default:
      open.pop();
      return { end };
  }
};

/**
 * One pass, before any object is built: depth, and names that occur twice in one object. Readers differ on
 * which of two equal names counts, and a signature must not mean one thing here and another elsewhere.
 */
const problemOf = (text: string): string | undefined => {
  const open: (Set<string> | undefined)[] = [];
  for (let at = 0; at < text.length; at += 1) {
    if (!isStructural(text.charCodeAt(at))) continue;
    const { end, problem } = passStructure(text, at, open);
    if (problem !== undefined) return problem;
    at = end - 1;
  }
  return undefined;
};

/**
 * JSON from a stranger (RFC 8259), as bytes: UTF-8 only (a BOM is dropped), at most 64 levels deep, no name
 * twice in one object. Linear in time. The caller limits the size. `__proto__` becomes a plain own property.
 */
export const parseJson = (bytes: Uint8Array): Parsed<unknown> => {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return malformed('not UTF-8');
  }
  const problem = problemOf(text);
  if (problem !== undefined) return malformed(problem);
  try {
    const json: unknown = JSON.parse(text);
    return done(json);
  } catch {
    return malformed('not JSON');
  }
};
