import { findActorKey } from '../store/actor-keys.ts';
import type { Db } from '../store/database.ts';
import { isHostBlocked } from '../store/host-blocks.ts';
import { findRelatedInboxes } from '../store/reached.ts';
import { findUserById } from '../store/users.ts';
import { enqueueFanOut } from './fan-out.ts';
import type { GatewayPorts } from './ports.ts';

/**
 * Tells all who have to do with a user that the actor changed: `Update` with the whole actor document, as it stands in
 * `tx`, to followers, contacts and correspondents, one POST a host where it has a shared inbox. Call it in the
 * transaction that made the change, then `deps.wake.deliveries()`. Of a user who left, or has no key, nothing is
 * told. A host that the admin blocked is passed over.
 */
export const announceProfile = async (
  deps: Pick<GatewayPorts, 'urls' | 'newId' | 'renderActorUpdate'>,
  tx: Db,
  userId: string,
): Promise<void> => {
  const actor = await findUserById(tx, userId);
  const key = await findActorKey(tx, userId);
  if (actor?.state !== 'active' || key === undefined) return;
  const inboxes: string[] = [];
  for (const inbox of await findRelatedInboxes(tx, userId))
    if (!(await isHostBlocked(tx, new URL(inbox).host))) inboxes.push(inbox);
  if (inboxes.length === 0) return;
  const activityId = `${deps.urls.actor(userId)}#updates/${deps.newId()}`;
  const body = deps.renderActorUpdate({ activityId, actor, publicPem: key.publicPem });
  await enqueueFanOut(tx, { userId, activityId, body, inboxes });
};
