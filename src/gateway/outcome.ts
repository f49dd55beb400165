import type { Refusal } from '../bridge/outcome.ts';
import type { ReportTo } from '../bridge/report.ts';
import type { Db } from '../store/database.ts';

import { type ClaimedDelivery, completeDelivery, failDelivery, type Trouble } from '../store/deliveries.ts';
import { markHostGone } from '../store/hosts.ts';
import { completeNote, dropNoteBody } from '../store/notes.ts';
import { findActor, markActorGone } from '../store/remote-actors.ts';
import { enqueueStanza } from '../store/stanzas.ts';
import { tellUndelivered } from './late.ts';
import type {
  HasClock,
  HasDatabase,
  HasIdentity,
  HasLookUp,
  HasPictures,
  HasRenderers,
  HasRetention,
  HasRosters,
  HasWake,
} from './ports.ts';
import { changeSubscription } from './subscription-step.ts';

type Deps = HasDatabase &
  HasIdentity &
  HasRenderers &
  HasWake &
  HasClock &
  HasRetention &
  HasPictures &
  HasRosters;

/**
 * The remote inbox took it: settled, and the author gets the receipt in the same commit (XEP-0184). False
 * when somebody else holds the delivery by now, who will settle it.
 */
export const settleDelivered = async (deps: Deps, delivery: ClaimedDelivery): Promise<boolean> => {
  const settled = await deps.db.transaction(async (tx) => {
    if (!(await completeDelivery(tx, delivery))) return false;
    await endNote(deps, tx, delivery.noteId);
    await sendReceipt(deps, tx, delivery.reportTo);
    return true;
  });
  deps.wake.stanzas();
  return settled;
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

/**
 * It will never arrive: the author is told once, with the original id, and why; in words of the gateway too where it
 * was said to be late. False when somebody else
 * holds the delivery by now, who will settle it.
 */
export const settleRefused = async (
  deps: Deps & HasLookUp,
  delivery: ClaimedDelivery,
  refusal: Refusal,
  trouble: Trouble,
): Promise<boolean> => {
  const settled = await deps.db.transaction(async (tx) => {
    if (!(await failDelivery(tx, delivery, trouble))) return false;
    await endNote(deps, tx, delivery.noteId);
    if (delivery.reportTo !== undefined) await reportRefusal(deps, tx, delivery, delivery.reportTo, refusal);
    return true;
  });
  deps.wake.stanzas();
  if (settled && trouble.status === 410) await learnFromGone(deps, delivery);
  return settled;
};

/**
 * 410 on an inbox: where it is the one that all actors of the host share, the host is no more; else the
 * actor is, if its own document says so too. Otherwise an inbox moved, and nothing is concluded.
 */
const learnFromGone = async (
  deps: HasDatabase & HasLookUp,
  { recipient, inbox, host }: ClaimedDelivery,
): Promise<void> => {
  if (recipient === undefined) return;
  const known = await findActor(deps.db, recipient);
  if (known?.actor.sharedInbox === inbox) return await markHostGone(deps.db, host);
  const found = await deps.fetchActor(recipient);
  if (!found.ok && found.refusal.reason === 'gone') await markActorGone(deps.db, recipient);
};

const reportRefusal = async (
  deps: Deps,
  tx: Db,
  delivery: ClaimedDelivery,
  report: ReportTo,
  refusal: Refusal,
): Promise<void> => {
  if (report.kind === 'follow') {
    const stored = await findActor(tx, report.actorId);
    if (stored === undefined) return;
    const user = { id: delivery.sender, jid: report.user };
    const between = { user, actor: stored.actor, contact: report.contact };
    await changeSubscription(deps, tx, between, {
      type: 'undeliverable',
      followId: delivery.activityId,
      refusal,
    });
    return;
  }
  const error = deps.toError(refusal, report.lang);
  await enqueueStanza(tx, {
    kind: 'message-error',
    id: report.stanzaId ?? deps.newId(),
    from: report.addressed,
    to: report.user,
    error,
  });
  if (delivery.toldLate)
    await tellUndelivered(deps, tx, report, { createdAt: delivery.createdAt, reason: error.text });
};
