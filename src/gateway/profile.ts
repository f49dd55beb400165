import { findActorKey } from '../store/actor-keys.ts';
import type { Db } from '../store/database.ts';
import { callOffDeliveries } from '../store/deliveries.ts';
import { isHostBlocked } from '../store/host-blocks.ts';
import { findRelatedInboxes } from '../store/reached.ts';
import { findUserById } from '../store/users.ts';
import { enqueueFanOut, fanOutLane } from './fan-out.ts';
import type { GatewayPorts } from './ports.ts';

/**
 * Tells all who have to do with a user that the actor changed: `Update` with the whole actor document, as it stands in
 * `tx`, to followers, contacts and correspondents, one POST a host where it has a shared inbox. Call it in the
 * transaction that made the change, then `deps.wake.deliveries()`. Of a user who left, or has no key, nothing is
 * told. A host that the admin blocked is passed over. `oldKey`: the user has a new key; the older one of that id signs,
 * which other servers may know, and news that waits, which shows the older key, is called off.
 */
export const announceProfile = async (
  deps: Pick<GatewayPorts, 'urls' | 'newId' | 'renderActorUpdate'>,
  tx: Db,
  userId: string,
  { oldKey }: { readonly oldKey?: number } = {},
): Promise<void> => {
  const actor = await findUserById(tx, userId);
  const key = await findActorKey(tx, userId);
  if (actor?.state !== 'active' || key === undefined) return;
  const updates = `${deps.urls.actor(userId)}#updates/`;
  const activityId = `${updates}${deps.newId()}`;
  for (const { inbox, recipient, named } of await findRelatedInboxes(tx, userId)) {
    if (await isHostBlocked(tx, new URL(inbox).host)) continue;
    const body = deps.renderActorUpdate({ activityId, actor, publicPem: key.publicPem, named });
    if (oldKey !== undefined)
      await callOffDeliveries(tx, { lane: fanOutLane(userId, inbox), idsFrom: updates });
    await enqueueFanOut(tx, { userId, activityId, body, inboxes: [inbox], recipient, oldKey });
  }
};
