import type { Refusal } from '../bridge/outcome.ts';
import type { ReportTo } from '../bridge/report.ts';
import type { Db } from '../store/database.ts';
import { type ClaimedDelivery, completeDelivery, failDelivery } from '../store/deliveries.ts';
import { deleteFollow, findFollowById } from '../store/follows.ts';
import { completeNote } from '../store/notes.ts';
import { enqueueStanza } from '../store/stanzas.ts';
import type { HasClock, HasDatabase, HasRenderers, HasWake } from './ports.ts';
import { tellRefused } from './subscriptions.ts';

type Deps = HasDatabase & HasRenderers & HasWake & HasClock;

/** The remote inbox took it: settled, and the author gets the receipt in the same commit (XEP-0184). */
export const settleDelivered = async (deps: Deps, delivery: ClaimedDelivery): Promise<void> => {
  await deps.db.transaction(async (tx) => {
    await completeDelivery(tx, delivery.id);
    if (delivery.noteId !== undefined) await completeNote(tx, delivery.noteId);
    await sendReceipt(deps, tx, delivery.reportTo);
  });
  deps.wake.stanzas();
};

const sendReceipt = async (deps: Deps, tx: Db, report: ReportTo | undefined): Promise<void> => {
  if (report?.kind !== 'message' || !report.wantsReceipt || report.stanzaId === undefined) return;
  await enqueueStanza(tx, {
    kind: 'receipt',
    id: `receipt-${deps.newId()}`,
    from: report.contact,
    to: report.user,
    received: report.stanzaId,
  });
};

/** It will never arrive: the author is told once, with the original id, and why. */
export const settleRefused = async (
  deps: Deps,
  delivery: ClaimedDelivery,
  refusal: Refusal,
  trouble: { readonly status: number | undefined; readonly error: string },
): Promise<void> => {
  await deps.db.transaction(async (tx) => {
    await failDelivery(tx, delivery.id, trouble);
    if (delivery.noteId !== undefined) await completeNote(tx, delivery.noteId);
    if (delivery.reportTo !== undefined) await reportRefusal(deps, tx, delivery, delivery.reportTo, refusal);
  });
  deps.wake.stanzas();
};

const reportRefusal = async (
  deps: Deps,
  tx: Db,
  delivery: ClaimedDelivery,
  report: ReportTo,
  refusal: Refusal,
): Promise<void> => {
  if (report.kind === 'follow') {
    const follow = await findFollowById(tx, delivery.activityId);
    if (follow !== undefined) await deleteFollow(tx, follow);
    await tellRefused(deps, tx, { contact: report.contact, user: report.user, refusal });
    return;
  }
  await enqueueStanza(tx, {
    kind: 'message-error',
    id: report.stanzaId ?? deps.newId(),
    from: report.addressed,
    to: report.user,
    error: deps.toError(refusal, report.lang),
  });
};
