import type { Handle, RemoteActor } from '../bridge/actor.ts';
import { handleToText } from '../bridge/address.ts';
import { done, type Outcome, refuse } from '../bridge/outcome.ts';
import { createConfirmHandle } from './confirm-handle.ts';
import { fetchActorDocument } from './fetch-actor.ts';
import { hostOf } from './json-fields.ts';
import { withOwnKeys } from './parse-actor.ts';
import { type RememberTimes, rememberOutcomes } from './remember.ts';
import type { GetJson } from './types.ts';
import type { Webfinger } from './webfinger-client.ts';

/** A stanza to somebody unknown is answered within this time, whatever the peer does. */
const DEADLINE_MS = 15_000;

const TIMES: RememberTimes = {
  max: 5_000,
  keepMs: 10 * 60_000,
  keepRefusalMs: 3 * 60_000,
  keepTroubleMs: 20_000,
};

export type LookUp = {
  /** By handle: WebFinger, then the actor. The actor's `handle` is WebFinger's subject. */
  readonly resolveHandle: (handle: Handle) => Promise<Outcome<RemoteActor>>;
  /** By URI: the actor, then WebFinger for its canonical handle. */
  readonly fetchActor: (uri: string) => Promise<Outcome<RemoteActor>>;
  /** The same, asked anew: how the actor is now. */
  readonly fetchActorAsOfNow: (uri: string) => Promise<Outcome<RemoteActor>>;
};

/** The outcome, or 'host-unreachable' when the time is over; what is under way then ends on its own deadlines. */
const withDeadline = async <T>(
  work: Promise<Outcome<T>>,
  deadlineMs: number,
  host: string,
): Promise<Outcome<T>> => {
  const { promise: late, resolve } = Promise.withResolvers<Outcome<T>>();
  const timer = setTimeout(() => resolve(refuse('host-unreachable', { host })), deadlineMs);
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
};

/**
 * Makes the look-up of actors on other servers: remembered for 10 minutes (refusals for 3, trouble that passes
 * for 20 seconds), one flight per target, an answer within 15 seconds. What must live longer belongs to the
 * database. Refusals: those of `createGetJson`; 'not-found' also where WebFinger and the actor do not confirm
 * each other.
 */
export const createLookUp = (deps: {
  readonly getJson: GetJson;
  readonly webfinger: Webfinger;
  readonly now: () => Date;
  readonly deadlineMs?: number;
}): LookUp => {
  const { webfinger, now, deadlineMs = DEADLINE_MS } = deps;
  const confirmHandle = createConfirmHandle({ webfinger });

  const resolve = async (handle: Handle): Promise<Outcome<RemoteActor>> => {
    const finger = await webfinger(handle);
    if (!finger.ok) return finger;
    const { subject, actorUrl, actorUrls } = finger.value;
    const fetched = await fetchActorDocument(deps, actorUrl);
    if (!fetched.ok) return fetched;
    const { actor } = fetched.value;
    // The subject must lead to the actor's own id, not merely to a page that redirects there.
    return actorUrls.includes(actor.id)
      ? done(withOwnKeys({ ...actor, handle: subject }))
      : refuse('not-found', { host: subject.host });
  };

  const fetch = async (uri: string): Promise<Outcome<RemoteActor>> => {
    const fetched = await fetchActorDocument(deps, uri);
    return fetched.ok ? confirmHandle(withOwnKeys(fetched.value.actor), fetched.value.claimed) : fetched;
  };

  const byHandle = rememberOutcomes({ now, times: TIMES }, (text) => {
    const at = text.lastIndexOf('@');
    const handle = { user: text.slice(0, at), host: text.slice(at + 1) };
    return withDeadline(resolve(handle), deadlineMs, handle.host);
  });
  const fetchInTime = (uri: string) => withDeadline(fetch(uri), deadlineMs, hostOf(uri) ?? '');
  const byUri = rememberOutcomes({ now, times: TIMES }, fetchInTime);
  return {
    resolveHandle: (handle) => byHandle(handleToText(handle).toLowerCase()),
    fetchActor: (uri) => byUri(uri),
    fetchActorAsOfNow: fetchInTime,
  };
};
