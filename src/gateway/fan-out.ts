import type { Db } from '../store/database.ts';
import { enqueueDelivery } from '../store/deliveries.ts';

/** Documents of a user to one inbox go out in order. */
export const fanOutLane = (userId: string, inbox: string): string => `${userId} ${inbox}`;

/** Puts one document of a user on its way to many inboxes: one POST each. Nobody is told how they end. */
export const enqueueFanOut = async (
  tx: Db,
  fan: {
    readonly userId: string;
    readonly activityId: string;
    readonly body: string;
    readonly inboxes: readonly string[];
    /** Whose the inbox is, where it is nobody else's. */
    readonly recipient?: string | undefined;
    /** See `Delivery`. */
    readonly oldKey?: number | undefined;
  },
): Promise<void> => {
  const { userId, activityId, body, recipient, oldKey } = fan;
  for (const inbox of fan.inboxes)
    await enqueueDelivery(tx, {
      activityId,
      sender: userId,
      oldKey,
      inbox,
      recipient,
      host: new URL(inbox).host,
      // The news of a key stands behind nothing: all else of the user waits for it.
      lane: oldKey === undefined ? fanOutLane(userId, inbox) : `${fanOutLane(userId, inbox)} key`,
      body,
      noteId: undefined,
      reportTo: undefined,
    });
};
