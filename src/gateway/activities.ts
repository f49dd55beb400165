import type { OutgoingActivity } from '../bridge/activity.ts';
import type { RemoteActor } from '../bridge/actor.ts';
import type { ReportTo } from '../bridge/report.ts';
import type { Db } from '../store/database.ts';
import { enqueueDelivery } from '../store/deliveries.ts';
import { noteKnownThere, noteReached } from '../store/reached.ts';
import type { HasRenderers } from './ports.ts';

export type Dispatch = {
  readonly userId: string;
  readonly recipient: RemoteActor;
  readonly activity: OutgoingActivity;
  /** The note whose delivery this is. */
  readonly noteId?: string;
  readonly reportTo?: ReportTo;
};

const widestInbox = ({ sharedInbox, inbox }: RemoteActor): string => sharedInbox ?? inbox;

/**
 * Notes that an actor's server knows this user, though nothing may be sent there: it is told when the user leaves. It may
 * wait for whoever notes the same, so nothing that others wait for, a lane above all, may be held meanwhile.
 */
export const noteKnownBy = (tx: Db, userId: string, actor: RemoteActor): Promise<void> =>
  noteKnownThere(tx, { userId, inbox: widestInbox(actor) });

/**
 * Puts one activity of a user on its way to one actor's own inbox, behind what already goes there: user and
 * correspondent are one lane. The document is rendered here, once: every try sends the same bytes.
 */
export const enqueueActivity = async (deps: HasRenderers, tx: Db, dispatch: Dispatch): Promise<void> => {
  const { userId, recipient, activity, noteId, reportTo } = dispatch;
  await noteReached(tx, { userId, inbox: widestInbox(recipient) });
  await enqueueDelivery(tx, {
    activityId: activity.id,
    sender: userId,
    inbox: recipient.inbox,
    recipient: recipient.id,
    host: new URL(recipient.inbox).host,
    lane: `${userId} ${recipient.id}`,
    body: deps.renderActivity(activity),
    noteId,
    reportTo,
  });
};
