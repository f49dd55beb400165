import type { RemoteActor } from '../bridge/actor.ts';
import { contactName } from '../bridge/contact-name.ts';
import type { FindTarget } from '../bridge/find-target.ts';
import { done, type Outcome, refuse } from '../bridge/outcome.ts';
import { permitSender } from '../bridge/policy.ts';
import { actorById, contactJid, resolveActor } from './actors.ts';
import { hostRefusal } from './permission.ts';
import type { HasClock, HasDatabase, HasIdentity, HasLookUp, HasPolicy } from './ports.ts';

/** Somebody of the Fediverse as an XMPP client is told of. */
export type Found = {
  readonly actor: RemoteActor;
  /** The canonical bare JID. */
  readonly jid: string;
  /** With the handle in it. */
  readonly name: string;
};

type Deps = HasDatabase & HasLookUp & HasClock & HasIdentity & HasPolicy;

/**
 * Finds whom an XMPP user means, known or not; at most 15 seconds, the limit of a look-up. Everybody may ask who may
 * use the gateway or could register. Refusals: `domain-not-allowed`, `policy` for a blocked host, those of the look-up,
 * and `malformed-address` for a name that cannot be a JID.
 */
export const findContact = async (deps: Deps, asker: string, target: FindTarget): Promise<Outcome<Found>> => {
  const permitted = permitSender(deps.rules, asker, true);
  if (!permitted.ok) return permitted;
  const host = target.kind === 'handle' ? target.handle.host : (URL.parse(target.url)?.host ?? '');
  const refused = await hostRefusal(deps, host);
  if (refused !== undefined) return { ok: false, refusal: refused };
  const found =
    target.kind === 'handle' ? await resolveActor(deps, target.handle) : await actorById(deps, target.url);
  if (!found.ok) return found;
  const actor = found.value;
  // A redirect or a subject may have led to a host of its own.
  const refusedThere = await hostRefusal(deps, actor.handle.host);
  if (refusedThere !== undefined) return { ok: false, refusal: refusedThere };
  const jid = contactJid(deps, actor);
  return jid === undefined
    ? refuse('malformed-address', { host: actor.handle.host })
    : done({ actor, jid, name: contactName(actor) });
};
