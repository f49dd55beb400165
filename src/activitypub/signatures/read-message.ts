import { done, malformed, type Parsed } from '../../bridge/outcome.ts';
import { keyIdOf } from '../../bridge/urls.ts';
import type { RawRequest } from '../types.ts';
import { headerValue } from './cavage.ts';
import { checkContentDigest } from './content-digest.ts';
import { messageBase } from './message-base.ts';
import { type InnerList, readBytes, readDictionary, readInnerList } from './structured-field.ts';
import type { ReadSignature, SignatureAlgorithm, SignatureRules } from './types.ts';

/** As for draft-cavage: Fedify and Mastodon take as much. */
export const WINDOW_SECONDS = 3600;
const MAX_KEY_ID = 2048;
/** 8192 bits. */
const MAX_SIGNATURE = 1024;

const ALGORITHMS: readonly SignatureAlgorithm[] = ['rsa-v1_5-sha256', 'ed25519'];

/** RFC 9421 2.3; whoever defines another one means something by it that we would not heed. */
const PARAMETERS: ReadonlySet<string> = new Set(['created', 'expires', 'nonce', 'alg', 'keyid', 'tag']);

type Labelled = { readonly input: InnerList; readonly signature: Uint8Array };

/** All signatures of a request: the same labels in both fields. */
const readLabelled = (request: RawRequest): Parsed<readonly Labelled[]> => {
  const inputs = readDictionary(headerValue(request, 'signature-input') ?? '', readInnerList);
  if (!inputs.ok) return inputs;
  const signatures = readDictionary(headerValue(request, 'signature') ?? '', readBytes);
  if (!signatures.ok) return signatures;
  if (signatures.value.size > inputs.value.size) return malformed('a signature without its input');
  const found: Labelled[] = [];
  for (const [label, input] of inputs.value) {
    const signature = signatures.value.get(label);
    if (signature === undefined) return malformed('a label without its signature');
    found.push({ input, signature });
  }
  return done(found);
};

const checkCoverage = ({ items }: InnerList, method: string): Parsed<true> => {
  const covers = (name: string): boolean => items.includes(name);
  if (!covers('@method')) return malformed('the method is not signed');
  const coversParts = covers('@authority') && (covers('@path') || covers('@request-target'));
  if (!covers('@target-uri') && !coversParts) return malformed('the target is not signed');
  if (method !== 'GET' && method !== 'HEAD' && !covers('content-digest'))
    return malformed('the content-digest is not signed');
  return done(true);
};

/**
 * Of several signatures the one that covers everything: what a proxy adds for others says nothing here. Two that
 * do could be of two signers, so neither counts.
 */
const pickOne = (labelled: readonly Labelled[], method: string): Parsed<Labelled> => {
  const [one, another] = labelled.filter(({ input }) => checkCoverage(input, method).ok);
  if (another !== undefined) return malformed('more than one signature');
  if (one !== undefined) return done(one);
  for (const { input } of labelled) {
    const coverage = checkCoverage(input, method);
    if (!coverage.ok) return coverage;
  }
  return malformed('no signature');
};

const checkTimes = ({ parameters }: InnerList, now: Date): Parsed<true> => {
  const created = parameters.get('created');
  const expires = parameters.get('expires');
  const seconds = now.getTime() / 1000;
  if (typeof created !== 'number') return malformed('no time is signed');
  if (Math.abs(created - seconds) > WINDOW_SECONDS) return malformed('created is not near');
  if (expires === undefined) return done(true);
  if (typeof expires !== 'number') return malformed('a time that is no number of seconds');
  if (expires < created) return malformed('expired before it was made');
  return expires < seconds ? malformed('expired') : done(true);
};

type Naming = { readonly keyId: string; readonly algorithm: SignatureAlgorithm | undefined };

const readNaming = ({ parameters }: InnerList): Parsed<Naming> => {
  for (const name of parameters.keys())
    if (!PARAMETERS.has(name)) return malformed('a parameter that nobody defined');
  const keyId = parameters.get('keyid');
  if (typeof keyId !== 'string' || keyId === '' || keyId.length > MAX_KEY_ID)
    return malformed('no usable keyid');
  const given = parameters.get('alg');
  const algorithm = ALGORITHMS.find((each) => each === given);
  if (given !== undefined && algorithm === undefined) return malformed('an algorithm that is not understood');
  return done({ keyId, algorithm });
};

/**
 * COMPAT: some peers leave the query out of the target, as with draft-cavage. COMPAT Fedify: where it fetches a key of
 * ours it signs the URL with the fragment, which is no part of the target.
 */
const targetsOf = ({ method, target }: RawRequest): readonly string[] => {
  const query = target.indexOf('?');
  return [
    target,
    ...(query === -1 ? [] : [target.slice(0, query)]),
    ...(method === 'GET' ? [keyIdOf(target)] : []),
  ];
};

const basesOf = (request: RawRequest, origin: string, input: InnerList): Parsed<readonly string[]> => {
  const bases: string[] = [];
  for (const target of targetsOf(request)) {
    const base = messageBase({ ...request, target }, origin, input);
    if (!base.ok) return base;
    bases.push(base.value);
  }
  return done(bases);
};

/**
 * Everything about an RFC 9421 signature that can be checked without the key. There must be exactly one
 * signature over `@method`, the whole target, and with a body over its `Content-Digest`, made within the hour;
 * others that cover less are passed over.
 */
export const readMessage = (request: RawRequest, { now, origin }: SignatureRules): Parsed<ReadSignature> => {
  const labelled = readLabelled(request);
  if (!labelled.ok) return labelled;
  const picked = pickOne(labelled.value, request.method);
  if (!picked.ok) return picked;
  const { input, signature } = picked.value;
  if (signature.length === 0 || signature.length > MAX_SIGNATURE) return malformed('no usable signature');
  const naming = readNaming(input);
  if (!naming.ok) return naming;
  const times = checkTimes(input, now);
  if (!times.ok) return times;
  if (input.items.includes('content-digest')) {
    const digest = checkContentDigest(headerValue(request, 'content-digest') ?? '', request.body);
    if (!digest.ok) return digest;
  }
  const bases = basesOf(request, origin, input);
  return bases.ok ? done({ ...naming.value, signature, bases: bases.value }) : bases;
};
