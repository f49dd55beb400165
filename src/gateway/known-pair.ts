import { jidToHandle } from '../bridge/address.ts';
import type { IncomingPresence } from '../bridge/stanza.ts';
import { findUserByJid } from '../store/users.ts';
import { contactJid, knownActor } from './actors.ts';
import type { HasDatabase, HasIdentity } from './ports.ts';
import type { Between } from './subscription-step.ts';

/**
 * A registered user and a contact that both are known already; undefined otherwise. Nothing is looked up afar, so that
 * a relation can be ended although the other server is gone.
 */
export const knownPair = async (
  deps: HasDatabase & HasIdentity,
  presence: IncomingPresence,
): Promise<Between | undefined> => {
  const user = await findUserByJid(deps.db, presence.fromBare);
  if (user === undefined) return undefined;
  const address = jidToHandle(presence.toBare, deps.domain);
  if (!address.ok) return undefined;
  const actor = await knownActor(deps, address.value.handle);
  return actor && { user, actor, contact: contactJid(deps, actor) };
};
