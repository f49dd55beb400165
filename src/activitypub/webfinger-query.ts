import { malformed, type Parsed } from '../bridge/outcome.ts';

/** RFC 7565 and our own names are far shorter. */
const LONGEST_RESOURCE = 2048;

const ESCAPES = /(?:%[0-9A-Fa-f]{2})+/gu;

/** Percent-decoding that leaves what it cannot decode as it was: Mastodon sends `acct:` unencoded. */
const decodeLeniently = (text: string): string =>
  text.replace(ESCAPES, (run) => {
    try {
      return decodeURIComponent(run);
    } catch {
      return run;
    }
  });

/**
 * The readings of the one `resource` parameter (RFC 7033 4.1) in a request target, the likelier one first:
 * decoded, and as it stands, since `acct:alice%ab.example@…` came unencoded from some and encoded from
 * others. The query is taken apart here, not by a library: no `%` may be fatal and `+` is no space.
 */
export const readResource = (target: string): Parsed<readonly string[]> => {
  const question = target.indexOf('?');
  const query = question === -1 ? '' : target.slice(question + 1);
  const values = query
    .split('&')
    .filter((pair) => pair.startsWith('resource='))
    .map((pair) => pair.slice('resource='.length));
  const [value, ...more] = values;
  if (value === undefined || value === '') return malformed('no resource');
  if (more.length > 0) return malformed('more than one resource');
  if (value.length > LONGEST_RESOURCE) return malformed('resource too long');
  const decoded = decodeLeniently(value);
  if (decoded.includes('\0')) return malformed('a NUL in the resource');
  return { ok: true, value: [...new Set([decoded, value])] };
};

/** True when a resource is a URI at all (RFC 3986 3.1): without a scheme it is a bad request, not an unknown. */
export const hasScheme = (resource: string): boolean => /^[A-Za-z][A-Za-z0-9+.-]{0,30}:/u.test(resource);
