import type { Handle, RemoteActor } from '../bridge/actor.ts';
import { done, type Outcome, type RefusalReason, refuse } from '../bridge/outcome.ts';
import type { Webfinger } from './webfinger-client.ts';

export type ConfirmHandle = (
  actor: RemoteActor,
  claimed: Handle | undefined,
) => Promise<Outcome<RemoteActor>>;

/** A host that does not answer WebFinger about its own actor: then name and host of the id have to do. */
const SILENT: ReadonlySet<RefusalReason> = new Set(['not-found', 'host-not-found', 'refused-by-host']);

/**
 * Makes the function that gives an actor its canonical handle, confirmed both ways: the actor names a handle
 * (`webfinger`, FEP-2c59, else name and host of its id), and WebFinger leads from there to the actor. A claim
 * that does not lead back is passed over; where the actor's own host says that the name is somebody else's, the
 * actor is 'not-found', for it cannot be told apart from that somebody by its address.
 */
export const createConfirmHandle = ({ webfinger }: { readonly webfinger: Webfinger }): ConfirmHandle => {
  const leadsTo = async (handle: Handle, actor: RemoteActor): Promise<Outcome<Handle | undefined>> => {
    const finger = await webfinger(handle);
    if (!finger.ok) return finger;
    return done(finger.value.actorUrls.includes(actor.id) ? finger.value.subject : undefined);
  };

  return async (actor, claimed) => {
    if (claimed !== undefined) {
      const handle = await leadsTo(claimed, actor);
      if (handle.ok && handle.value !== undefined) return done({ ...actor, handle: handle.value });
    }
    const handle = await leadsTo(actor.handle, actor);
    if (!handle.ok) return SILENT.has(handle.refusal.reason) ? done(actor) : handle;
    return handle.value === undefined
      ? refuse('not-found', { host: actor.handle.host })
      : done({ ...actor, handle: handle.value });
  };
};
