import type { Parsed } from '../bridge/outcome.ts';
import { localNoteId, localUserId, urlsOf } from '../bridge/urls.ts';
import { concernsUs } from './concerns-us.ts';
import { hostOf, isRecord, readField, readId, withoutFragment } from './json-fields.ts';
import { nameUndo } from './name-undo.ts';
import { isInboxType } from './negotiate.ts';
import type { Peek } from './parse.ts';
import { isCarried } from './parse.ts';
import type { RateLimit } from './rate-limit.ts';
import { headerOf } from './raw-request.ts';
import { RETRY_AFTER } from './retry-after.ts';
import type { Authentication, RawRequest } from './types.ts';

export type AcceptedActivity = {
  readonly activityId: string;
  readonly actorId: string;
  /** JSON text, written anew from what was parsed and judged: the worker reads nothing that the gate did not. */
  readonly body: string;
  /** It says how things stand between two, and may be said again under the same id. */
  readonly saysState: boolean;
};

export type GatePorts = {
  /** Refuses bytes that are not UTF-8 JSON within the limits on depth. */
  readonly parseJson: (bytes: Uint8Array) => Parsed<unknown>;
  readonly peekActivity: (json: unknown) => Parsed<Peek>;
  readonly authenticate: (request: RawRequest) => Promise<Authentication>;
  /** Undefined for who was never here. */
  readonly recipientState: (userId: string) => Promise<'active' | 'left' | undefined>;
  /** True when something is stored about this remote actor. */
  readonly knowsActor: (actorId: string) => Promise<boolean>;
  readonly isHostBlocked: (host: string) => Promise<boolean>;
  /** Resolves once the activity is committed, a repeat as well. */
  readonly acceptActivity: (activity: AcceptedActivity) => Promise<void>;
};

export type GateLimits = {
  /** By the host of a proven signer, and by the signer. */
  readonly perHost: RateLimit;
  readonly perActor: RateLimit;
};

/** `sentence` is for the stranger, `problem` for the log. */
export type GateAnswer =
  | { readonly status: 202 }
  | {
      readonly status: 400 | 401 | 403 | 404 | 410 | 415 | 429 | 503;
      readonly sentence: string;
      readonly problem: string;
      readonly retryAfterSeconds?: number;
    };

type Refused = Exclude<GateAnswer, { status: 202 }>;

const ACCEPTED: GateAnswer = { status: 202 };

const refusal = (
  status: Refused['status'],
  sentence: string,
  more: { readonly problem?: string; readonly retryAfterSeconds?: number } = {},
): Refused => ({ status, sentence, problem: sentence, ...more });

/** These name somebody of ours, or a Follow of ours; an Undo or a Delete may name its object by their own id. */
const mustConcernUs = (type: string): boolean =>
  ['Create', 'Follow', 'Accept', 'Reject', 'Block', 'Flag'].includes(type);

/** What is said or asked of a note: of one that is not ours it is nothing to us. */
const isAboutNote = (type: string): boolean =>
  ['Like', 'EmojiReact', 'Announce', 'QuoteRequest'].includes(type);

/** How things stand between two; may be said again under the id of the first time. */
const isState = (type: string): boolean => ['Follow', 'Block', 'Undo'].includes(type);

/** Undefined: go on. */
type Step = GateAnswer | undefined;

const checkRecipient = async (ports: GatePorts, recipient: string | undefined): Promise<Step> => {
  if (recipient === undefined) return undefined;
  switch (await ports.recipientState(recipient)) {
    case 'active':
      return undefined;
    case 'left':
      return refusal(410, 'This account was deleted.');
    case undefined:
      return refusal(404, 'There is no such account here.');
  }
};

/**
 * Of one who is not here nobody could say no later (decision 16). Never 410 at the shared inbox, which would be taken
 * for the end of all who are reached there.
 */
const checkFollowed = async (
  ports: GatePorts,
  origin: string,
  { type }: Peek,
  json: unknown,
): Promise<Step> => {
  const object = objectIdOf(json);
  if (type !== 'Follow' || object?.startsWith(`${origin}/`) !== true) return undefined;
  if (object === urlsOf(origin).instanceActor) return undefined;
  const userId = localUserId(origin, object);
  return userId !== undefined && (await ports.recipientState(userId)) === 'active'
    ? undefined
    : refusal(404, 'There is no such account here.');
};

/** The key of a deleted actor cannot be fetched any more; of one that we never met there is nothing to delete. */
const isFarewellOfStranger = async (
  ports: GatePorts,
  { actor, type }: Peek,
  json: unknown,
): Promise<boolean> => type === 'Delete' && objectIdOf(json) === actor && !(await ports.knowsActor(actor));

/** Of somebody whom nobody here knows it says nothing to anybody. */
const isMoveOfStranger = async (ports: GatePorts, { actor, type }: Peek): Promise<boolean> =>
  type === 'Move' && !(await ports.knowsActor(actor));

const isNothingToUs = async (ports: GatePorts, activity: Peek, json: unknown): Promise<boolean> =>
  (await isFarewellOfStranger(ports, activity, json)) || (await isMoveOfStranger(ports, activity));

/**
 * Its key cannot be fetched any more, because the actor is 410: that is what its own server answered to us a moment
 * ago, and proves the Delete better than a signature.
 */
const isProvenFarewell = (authentication: Authentication, { actor, type }: Peek, json: unknown): boolean =>
  !authentication.ok &&
  authentication.gone !== undefined &&
  withoutFragment(authentication.gone) === withoutFragment(actor) &&
  type === 'Delete' &&
  objectIdOf(json) === actor;

const objectIdOf = (json: unknown): string | undefined =>
  isRecord(json) ? readId(readField(json, 'object')) : undefined;

const checkSigner = async (
  ports: GatePorts,
  request: RawRequest,
  activity: Peek,
  json: unknown,
): Promise<Step> => {
  const { actor } = activity;
  const host = hostOf(actor);
  if (host === undefined) return refusal(400, 'The actor of an activity must be a URL.');
  if (await ports.isHostBlocked(host)) return refusal(403, 'This server is not welcome here.');
  const authentication = await ports.authenticate(request);
  if (isProvenFarewell(authentication, activity, json)) return undefined;
  if (!authentication.ok) {
    const { status, problem } = authentication;
    switch (status) {
      case 401:
        return refusal(status, 'A valid HTTP signature over the whole request is needed.', { problem });
      case 403:
        return refusal(status, 'This server is not welcome here.', { problem });
      case 503:
        return refusal(status, 'The key cannot be checked at the moment.', {
          problem,
          retryAfterSeconds: RETRY_AFTER.key,
        });
    }
  }
  if (authentication.signer.actor !== actor) {
    return refusal(401, 'The signer must be the actor.', {
      problem: `signed by ${authentication.signer.actor}`,
    });
  }
  if (authentication.signer.isUnplaced === true) {
    // Let in, it would lie in the inbox and be looked up in vain, while those behind it wait.
    return refusal(503, 'Your WebFinger does not confirm this actor at the moment.', {
      retryAfterSeconds: RETRY_AFTER.webfinger,
    });
  }
  return undefined;
};

/** Whether anybody here may see something of it; only then is it kept. */
const isForUs = (origin: string, { type }: Peek, json: unknown, recipient: string | undefined): boolean => {
  if (!isCarried(type)) return false;
  if (isAboutNote(type)) return localNoteId(origin, objectIdOf(json) ?? '') !== undefined;
  return recipient !== undefined || !mustConcernUs(type) || concernsUs(json, origin);
};

const checkLimits = ({ perHost, perActor }: GateLimits, { actor }: Peek): Step => {
  const seconds = perActor.take(actor) ?? perHost.take(hostOf(actor) ?? '');
  return seconds === undefined
    ? undefined
    : refusal(429, 'Too many activities; please try again later.', { retryAfterSeconds: seconds });
};

/**
 * Decides what becomes of one POST to an inbox and stores what is let in: what costs nothing is checked
 * first, and nothing is fetched for a request without a signature. `recipient` is the user id of a personal
 * inbox, undefined at the shared one. Throws only what the ports throw (a database that is away).
 */
export const judgeInbox = async (
  {
    ports,
    limits,
    origin,
  }: { readonly ports: GatePorts; readonly limits: GateLimits; readonly origin: string },
  request: RawRequest,
  recipient: string | undefined,
): Promise<GateAnswer> => {
  if (!isInboxType(headerOf(request, 'content-type'))) {
    return refusal(415, 'The body must be application/activity+json.');
  }
  const encoding = headerOf(request, 'content-encoding');
  if (encoding !== undefined && encoding.toLowerCase() !== 'identity') {
    return refusal(415, 'The body must not be compressed.');
  }
  const read = ports.parseJson(request.body);
  if (!read.ok) return refusal(400, 'The body is not acceptable JSON.', { problem: read.problem });
  const named = nameUndo(read.value, origin);
  const json = named ?? read.value;
  const peeked = ports.peekActivity(json);
  if (!peeked.ok) return refusal(400, 'The body is not an activity.', { problem: peeked.problem });
  const activity = peeked.value;

  const missing = await checkRecipient(ports, recipient);
  if (missing !== undefined) return missing;
  if (await isNothingToUs(ports, activity, json)) return ACCEPTED;
  const stopped =
    (await checkSigner(ports, request, activity, json)) ??
    checkLimits(limits, activity) ??
    (await checkFollowed(ports, origin, activity, json));
  if (stopped !== undefined) return stopped;
  if (activity.id === undefined || !isForUs(origin, activity, json, recipient)) return ACCEPTED;
  await ports.acceptActivity({
    activityId: activity.id,
    actorId: activity.actor,
    body: JSON.stringify(json),
    // snac makes a new id for each Undo: one that comes again is a copy, and the Follow after it stands.
    saysState: named === undefined && isState(activity.type),
  });
  return ACCEPTED;
};
