import type { Activity } from '../bridge/activity.ts';
import { findHolders } from '../store/shown-notes.ts';
import { findUserById } from '../store/users.ts';
import { enqueueActivity } from './activities.ts';
import { signerOf } from './actors.ts';
import type { GatewayPorts } from './ports.ts';

/**
 * What users write is for whom they wrote it to, so nobody may quote it (FEP-044f); who asks is told so, or the quote
 * would wait for ever. It counts only from the person who was written to: an answer to anybody else would say that
 * there is such a note.
 */
export const refuseQuote = async (
  deps: GatewayPorts,
  { id, actor: actorId, object, instrument }: Extract<Activity, { type: 'QuoteRequest' }>,
): Promise<void> => {
  const [holder] = await findHolders(deps.db, { objectId: object, actorId });
  const user = holder === undefined ? undefined : await findUserById(deps.db, holder);
  if (user?.state !== 'active') return;
  const { actor: recipient } = await signerOf(deps, actorId);
  const activityId = deps.urls.activity(deps.newId());
  const actor = deps.urls.actor(user.id);
  const request = { id, actor: actorId, object, instrument };
  await deps.db.transaction((tx) =>
    enqueueActivity(deps, tx, {
      userId: user.id,
      recipient,
      activity: { type: 'RejectQuote', id: activityId, actor, request },
    }),
  );
  deps.wake.deliveries();
};
