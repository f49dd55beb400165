import fc from 'fast-check';

/**
 * fast-check's own `unit: 'binary'`, which stands behind its `webUrl` too, writes down all 1.1 million characters
 * before its first string: a second, and 80 MB for as long as the process lives. Here the same is counted out.
 */

const SURROGATES = { first: 0xd800, count: 0x800 };
const LAST = 0x10ffff;

const toCharacter = (place: number): string =>
  String.fromCodePoint(place < SURROGATES.first ? place : place + SURROGATES.count);
const toPlace = (text: unknown): number => {
  const point = typeof text === 'string' ? (text.codePointAt(0) ?? -1) : -1;
  const place = point < SURROGATES.first ? point : point - SURROGATES.count;
  if (place < 0 || toCharacter(place) !== text) throw new TypeError('no character');
  return place;
};
const anyCharacter = fc.nat({ max: LAST - SURROGATES.count }).map(toCharacter, toPlace);

/** Any characters but lone surrogates. Lengths count characters. */
export const anyString = (lengths: { readonly minLength?: number; readonly maxLength?: number } = {}) =>
  fc.string({ ...lengths, unit: anyCharacter });

const PLAIN = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
const SEGMENT = "-._~!$&'()*+,;=:@";

const percentEncode = (character: string): string => {
  const encoded = encodeURIComponent(character);
  if (encoded !== character) return encoded;
  return `%${character.charCodeAt(0).toString(16).padStart(2, '0')}`;
};
const encoded = anyCharacter.map(percentEncode);
const piece = (others: string) =>
  fc.string({
    unit: fc.oneof(
      { weight: 10, arbitrary: fc.constantFrom(...PLAIN, ...others) },
      { weight: 1, arbitrary: encoded },
    ),
  });

/** Any http or https URL on a host with a name, with or without a path and a query (RFC 3986 3). */
export const anyUrl = (): fc.Arbitrary<string> =>
  fc
    .tuple(
      fc.constantFrom('http', 'https'),
      fc.domain(),
      fc.array(piece(SEGMENT).map((segment) => `/${segment}`)),
      fc.option(
        piece(`${SEGMENT}/?`).map((query) => `?${query}`),
        { nil: '' },
      ),
    )
    .map(([scheme, host, path, query]) => `${scheme}://${host}${path.join('')}${query}`);
