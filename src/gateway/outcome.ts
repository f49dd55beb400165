import type { Refusal } from '../bridge/outcome.ts';
import type { ReportTo } from '../bridge/report.ts';
import type { Db } from '../store/database.ts';
import { type ClaimedDelivery, completeDelivery, failDelivery } from '../store/deliveries.ts';
import { deleteFollow, findFollow } from '../store/follows.ts';
import { completeNote, dropNoteBody } from '../store/notes.ts';
import { enqueueStanza } from '../store/stanzas.ts';
import type { HasClock, HasDatabase, HasRenderers, HasRetention, HasWake } from './ports.ts';
import { tellRefused } from './subscriptions.ts';

type Deps = HasDatabase & HasRenderers & HasWake & HasClock & HasRetention;

/** The remote inbox took it: settled, and the author gets the receipt in the same commit (XEP-0184). */
export const settleDelivered = async (deps: Deps, delivery: ClaimedDelivery): Promise<void> => {
  await deps.db.transaction(async (tx) => {
    await completeDelivery(tx, delivery.id);
    await endNote(deps, tx, delivery.noteId);
    await sendReceipt(deps, tx, delivery.reportTo);
  });
  deps.wake.stanzas();
};

/** With its last delivery a note is over; where no grace time is set, its body goes in the same commit. */
const endNote = async (deps: HasRetention, tx: Db, noteId: string | undefined): Promise<void> => {
  if (noteId === undefined) return;
  const isOver = await completeNote(tx, noteId);
  if (isOver && !deps.keepBodies) await dropNoteBody(tx, noteId);
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
    await endNote(deps, tx, delivery.noteId);
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
    const key = { userId: delivery.sender, actorId: report.actorId, direction: 'out' } as const;
    // Taken back meanwhile, perhaps asked anew: then nobody waits for this one.
    if ((await findFollow(tx, key))?.followId !== delivery.activityId) return;
    await deleteFollow(tx, key);
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
