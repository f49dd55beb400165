import type { LocalActor } from '../bridge/actor.ts';
import { deleteBlocksOfUser } from '../store/blocks.ts';
import { deleteChatsOfUser } from '../store/chats.ts';
import type { Db } from '../store/database.ts';
import { deleteFollowsOfUser } from '../store/follows.ts';
import { deleteGatewaySubscriber } from '../store/gateway-subscribers.ts';
import { deleteNotesOfUser } from '../store/notes.ts';
import { deleteOwnPicture } from '../store/own-pictures.ts';
import { findReachedInboxes, forgetReached } from '../store/reached.ts';
import { findActor } from '../store/remote-actors.ts';
import { findUserByJid, markUserLeft } from '../store/users.ts';
import { contactJid } from './actors.ts';
import { enqueueFanOut } from './fan-out.ts';
import type { GatewayPorts } from './ports.ts';
import { tellEnded } from './relations.ts';

const ALL_ENDS = ['unsubscribe', 'unsubscribed', 'unavailable'] as const;

/**
 * A user leaves (XEP-0077 remove, the command `leave`): `Delete` of the actor goes to every server that ever got
 * anything of it, and to those from which somebody followed, wrote to, blocked or reported it, signed with its key,
 * which stays until the last of these deliveries is over; from the commit on the actor and its notes are 410 with a
 * Tombstone, and its JID and name are free again. Follows, chats and blocks end, and the user's roster is told so
 * (XEP-0100 4.4). False where the JID is not registered; then nothing happens.
 * @param jid bare
 */
export const removeUser = async (deps: GatewayPorts, jid: string): Promise<boolean> => {
  const removed = await deps.db.transaction(async (tx) => {
    const user = await findUserByJid(tx, jid);
    if (user === undefined || !(await markUserLeft(tx, user.id))) return false;
    await sayGoodbye(deps, tx, user.id);
    await endRelations(deps, tx, user);
    await deleteNotesOfUser(tx, user.id);
    await deleteChatsOfUser(tx, user.id);
    await deleteBlocksOfUser(tx, user.id);
    await forgetReached(tx, user.id);
    await deleteOwnPicture(tx, user.id);
    if (await deleteGatewaySubscriber(tx, user.jid))
      await tellEnded(tx, deps.domain, user.jid, ['unsubscribed', 'unavailable']);
    return true;
  });
  deps.wake.deliveries();
  deps.wake.stanzas();
  return removed;
};

const sayGoodbye = async (deps: GatewayPorts, tx: Db, userId: string): Promise<void> => {
  const actor = deps.urls.actor(userId);
  const activityId = `${actor}#delete`;
  const body = deps.renderActivity({ type: 'Delete', id: activityId, actor, object: actor });
  const inboxes = await findReachedInboxes(tx, userId);
  await enqueueFanOut(tx, { userId, activityId, body, inboxes });
};

const endRelations = async (deps: GatewayPorts, tx: Db, user: LocalActor): Promise<void> => {
  const follows = await deleteFollowsOfUser(tx, user.id);
  for (const actorId of new Set(follows.map((follow) => follow.actorId))) {
    const stored = await findActor(tx, actorId);
    // All three whatever the relation was: a roster that says something else is clean behind it as well.
    if (stored !== undefined) await tellEnded(tx, contactJid(deps, stored.actor), user.jid, ALL_ENDS);
  }
};
