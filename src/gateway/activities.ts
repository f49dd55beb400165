import type { OutgoingActivity } from '../bridge/activity.ts';
import type { RemoteActor } from '../bridge/actor.ts';
import type { ReportTo } from '../bridge/report.ts';
import type { Db } from '../store/database.ts';
import { enqueueDelivery } from '../store/deliveries.ts';
import { laneOf } from './permission.ts';
import type { HasRenderers } from './ports.ts';

/** Puts one activity of a user on its way to one actor's own inbox, behind what already goes there. */
export const enqueueActivity = (
  deps: HasRenderers,
  tx: Db,
  {
    userId,
    recipient,
    activity,
    reportTo,
  }: {
    readonly userId: string;
    readonly recipient: RemoteActor;
    readonly activity: OutgoingActivity;
    readonly reportTo?: ReportTo;
  },
): Promise<void> =>
  enqueueDelivery(tx, {
    activityId: activity.id,
    sender: userId,
    inbox: recipient.inbox,
    lane: laneOf(userId, recipient.id),
    body: deps.renderActivity(activity),
    ...(reportTo === undefined ? {} : { reportTo }),
  });
