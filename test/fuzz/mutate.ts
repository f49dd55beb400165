import type { Random } from './random.ts';
import type { Mutate } from './target.ts';

/** Where integers turn over, and what text formats stumble on. */
const TOKENS = [
  '\0',
  '\u0001',
  '\u202e',
  '\ufffe',
  '\ud800',
  '\r\n',
  '"',
  "'",
  '\\',
  '\\u0000',
  '\\ud800',
  '%',
  '%00',
  '%25',
  '<',
  '</',
  '<!--',
  ']]>',
  '&',
  '&#0;',
  '&#xd800;',
  '&amp;',
  '{',
  '[',
  '(',
  ')',
  ';',
  ',',
  '=',
  ':',
  '@',
  '/',
  '?',
  '#',
  '-1',
  '1e999',
  '99999999999999999999',
  'null',
  '__proto__',
  'constructor',
] as const;

const encoder = new TextEncoder();
/** Inputs do not grow beyond this, whatever is done to them; large ones, not beyond what an inbox takes. */
const MAX_BYTES = 65_536;
export const MAX_LARGE_BYTES = 1_048_576;
const boundOf = (input: Uint8Array): number => (input.length > MAX_BYTES ? MAX_LARGE_BYTES : MAX_BYTES);

const splice = (input: Uint8Array, start: number, remove: number, insert: Uint8Array): Uint8Array => {
  const end = Math.min(input.length, start + remove);
  const output = new Uint8Array(start + insert.length + input.length - end);
  output.set(input.subarray(0, start));
  output.set(insert, start);
  output.set(input.subarray(end), start + insert.length);
  return output.subarray(0, boundOf(input));
};

/** Once in so many, a piece is repeated until it fills the input: what is not linear shows. */
const repeat = (piece: Uint8Array, times: number): Uint8Array => {
  const output = new Uint8Array(Math.min(MAX_BYTES, piece.length * times));
  for (let at = 0; at < output.length; at += piece.length) {
    output.set(piece.subarray(0, output.length - at), at);
  }
  return output;
};

const pieceOf = (input: Uint8Array, random: Random, longest = 64): Uint8Array => {
  const start = random.below(input.length + 1);
  return input.subarray(start, start + 1 + random.below(longest));
};

const CHANGES: readonly Mutate[] = [
  (input, random) => {
    const output = new Uint8Array(input);
    if (output.length > 0) output[random.below(output.length)] = random.below(256);
    return output;
  },
  (input, random) => {
    const output = new Uint8Array(input);
    const at = random.below(output.length || 1);
    output[at] = (output[at] ?? 0) ^ (1 << random.below(8));
    return output;
  },
  (input, random) => splice(input, random.below(input.length + 1), 1 + random.below(32), new Uint8Array()),
  (input, random, _) => splice(input, random.below(input.length + 1), 0, encoder.encode(random.pick(TOKENS))),
  (input, random) => splice(input, random.below(input.length + 1), 8, encoder.encode(random.pick(TOKENS))),
  (input, random) => splice(input, random.below(input.length + 1), 0, pieceOf(input, random)),
  (input, random) =>
    splice(
      input,
      random.below(input.length + 1),
      0,
      repeat(pieceOf(input, random, 8), 1 + random.below(4096)),
    ),
  (input, random, others) =>
    splice(
      input,
      random.below(input.length + 1),
      random.below(64),
      pieceOf(random.pick(others), random, 512),
    ),
];

/** One to eight changes at the level of bytes. */
export const mutateBytes: Mutate = (input, random, others) => {
  let output = input;
  for (let left = 1 + random.below(8); left > 0; left -= 1) {
    output = random.pick(CHANGES)(output, random, others);
  }
  return output;
};

const odd = (random: Random, whole: unknown): unknown =>
  random.pick<() => unknown>([
    () => null,
    () => true,
    () => -1,
    () => 1e308,
    () => '',
    () => random.pick(TOKENS),
    () => [],
    () => ({}),
    () => whole,
    () => [whole, whole],
    () => random.pick(TOKENS).repeat(1 + random.below(2000)),
    () => Array.from({ length: random.below(2000) }, () => random.pick(TOKENS)),
    () => ({
      id: 'https://peer.test/x',
      type: random.pick(['Note', 'Person', 'Follow', 'Tombstone', 'Link']),
    }),
    () => 'https://peer.test/users/bob',
  ])();

/** The same tree with, here and there, a value that is of another kind, moved, doubled or gone. */
const mutateTree = (value: unknown, random: Random, whole: unknown): unknown => {
  if (random.below(12) === 0) return odd(random, whole);
  if (Array.isArray(value)) return value.map((each: unknown) => mutateTree(each, random, whole));
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).flatMap(([name, inner]) => {
    if (random.below(40) === 0) return [];
    const key = random.below(40) === 0 ? random.pick(TOKENS) : name;
    return [[key, mutateTree(inner, random, whole)] as const];
  });
  return Object.fromEntries(entries);
};

/**
 * JSON that is still JSON: it gets past the reader and to those who look at what it says. Else bytes, and always
 * where the input is large: a tree in which each twelfth value became the whole tree would have no end.
 */
export const mutateJson: Mutate = (input, random, others) => {
  if (input.length > MAX_BYTES || random.below(3) === 0) return mutateBytes(input, random, others);
  const whole: unknown = JSON.parse(new TextDecoder().decode(input));
  return encoder.encode(JSON.stringify(mutateTree(whole, random, whole)) ?? '').subarray(0, boundOf(input));
};
