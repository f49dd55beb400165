import type { Db } from '../store/database.ts';
import { deleteFollowsOf, type Follow } from '../store/follows.ts';
import { findActor, markActorGone } from '../store/remote-actors.ts';
import { findUserById } from '../store/users.ts';
import { contactJid } from './actors.ts';
import type { GatewayPorts } from './ports.ts';
import { tellEnded } from './relations.ts';

/** So many relations end in one transaction: a well-known person may have thousands here. */
const AT_ONCE = 200;

/**
 * An actor deleted itself: from now on what is written to it is answered `gone`, and every relation with it ends
 * (XEP-0100 5.2.1: unsubscribe, unsubscribed, unavailable). Nothing is fetched: its server has nothing left of it.
 */
export const carryFarewell = async (deps: GatewayPorts, actorId: string): Promise<void> => {
  const stored = await findActor(deps.db, actorId);
  if (stored === undefined) return;
  const contact = contactJid(deps, stored.actor);
  await markActorGone(deps.db, actorId);
  let ended: number;
  do {
    ended = await deps.db.transaction((tx) => endFollows(tx, actorId, contact));
    deps.wake.stanzas();
  } while (ended === AT_ONCE);
};

const endFollows = async (tx: Db, actorId: string, contact: string | undefined): Promise<number> => {
  const follows = await deleteFollowsOf(tx, actorId, AT_ONCE);
  for (const follow of follows) {
    const user = await findUserById(tx, follow.userId);
    if (user?.state === 'active') await tellEnded(tx, contact, user.jid, endOf(follow));
  }
  return follows.length;
};

/** How a relation ends for the user (XEP-0100 5.2.1). */
export const endOf = ({ direction }: Follow) =>
  direction === 'in' ? (['unsubscribe'] as const) : (['unsubscribed', 'unavailable'] as const);
