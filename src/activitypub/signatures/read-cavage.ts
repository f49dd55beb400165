import { done, malformed, type Parsed } from '../../bridge/outcome.ts';
import type { RawRequest } from '../types.ts';
import { cavageBase, headerValue } from './cavage.ts';
import { type CavageHeader, parseCavageHeader } from './cavage-header.ts';
import { checkDigest } from './digest.ts';
import { parseHttpDate } from './http-date.ts';
import type { ReadSignature, SignatureRules } from './types.ts';

/** Clocks may differ by this much either way: Mastodon takes as much, and peers with bad clocks exist. */
export const WINDOW_MS = 3_600_000;

/** Headers that must not be there twice: one reader would take the first, another the last. */
const SINGLE = ['signature', 'host', 'date'];

const isNear = (time: number, now: Date): boolean => Math.abs(time - now.getTime()) <= WINDOW_MS;

/** draft-cavage-12 2.3: what a signature must speak about before it says anything. */
const checkCoverage = (header: CavageHeader, method: string): Parsed<true> => {
  const covers = (name: string): boolean => header.names.includes(name);
  if (!covers('(request-target)')) return malformed('the target is not signed');
  if (!covers('host')) return malformed('the host is not signed');
  if (!covers('date') && !covers('(created)')) return malformed('no time is signed');
  if (method !== 'GET' && method !== 'HEAD' && !covers('digest'))
    return malformed('the digest is not signed');
  // 2.1.4, 2.1.5: these two belong to hs2019.
  if ((covers('(created)') || covers('(expires)')) && header.algorithm !== 'hs2019')
    return malformed('(created) or (expires) without hs2019');
  return done(true);
};

const checkTimes = (header: CavageHeader, request: RawRequest, now: Date): Parsed<true> => {
  const { created, expires } = header;
  if (header.names.includes('date')) {
    const date = parseHttpDate(headerValue(request, 'date') ?? '');
    if (date === undefined) return malformed('a date that cannot be read');
    if (!isNear(date, now)) return malformed('the date is not near');
  }
  if (created !== undefined && !isNear(created * 1000, now)) return malformed('(created) is not near');
  if (expires !== undefined) {
    if (created !== undefined && expires < created) return malformed('expired before it was made');
    if (expires * 1000 + WINDOW_MS < now.getTime()) return malformed('expired');
  }
  return done(true);
};

/** The strings that may have been signed: COMPAT some peers leave the query out of the target. */
const basesOf = (request: RawRequest, header: CavageHeader): Parsed<readonly string[]> => {
  const whole = cavageBase(request, header.names, header);
  if (!whole.ok) return whole;
  const query = request.target.indexOf('?');
  if (query === -1) return done([whole.value]);
  const short = cavageBase({ ...request, target: request.target.slice(0, query) }, header.names, header);
  return short.ok ? done([whole.value, short.value]) : short;
};

/** Everything about a draft-cavage signature that can be checked without the key. */
export const readCavage = (request: RawRequest, { now, hosts }: SignatureRules): Parsed<ReadSignature> => {
  for (const name of SINGLE)
    if (request.headers.filter(([key]) => key === name).length > 1) return malformed(`${name} twice`);
  const header = parseCavageHeader(headerValue(request, 'signature') ?? '');
  if (!header.ok) return header;
  const coverage = checkCoverage(header.value, request.method);
  if (!coverage.ok) return coverage;
  if (!hosts.includes((headerValue(request, 'host') ?? '').toLowerCase()))
    return malformed('the host is not one of ours');
  const times = checkTimes(header.value, request, now);
  if (!times.ok) return times;
  if (header.value.names.includes('digest')) {
    const digest = checkDigest(headerValue(request, 'digest') ?? '', request.body);
    if (!digest.ok) return digest;
  }
  const bases = basesOf(request, header.value);
  if (!bases.ok) return bases;
  return done({
    keyId: header.value.keyId,
    algorithm: 'rsa-v1_5-sha256',
    signature: header.value.signature,
    bases: bases.value,
  });
};
