import { jidToHandle } from '../bridge/address.ts';
import { type BounceVerdict, judgeBounce, pauseAfterBounce } from '../bridge/bounce.ts';
import type { IncomingBounce } from '../bridge/stanza.ts';
import { lockSentStanza, postponeStanza, type SentStanza } from '../store/bounced-stanzas.ts';
import type { Db } from '../store/database.ts';
import { deleteGatewaySubscriber } from '../store/gateway-subscribers.ts';
import { findHandle } from '../store/handles.ts';
import { findActor } from '../store/remote-actors.ts';
import { failStanza } from '../store/stanzas.ts';
import { findUserByJid } from '../store/users.ts';
import { contactJid } from './actors.ts';
import type { GatewayPorts } from './ports.ts';
import { changeSubscription } from './subscription-step.ts';

/**
 * A stanza of ours came back as an error. One that may still arrive goes again later, under the same id and in the
 * order of its conversation, for some hours; one that never will is given up, and a request for a subscription that
 * reached nobody ends the follow. An error that is not about something we sent to its sender is passed over. The
 * sender is never answered (RFC 6120 8.3.1), so two that send each other errors cannot arise.
 */
export const carryBounce = async (deps: GatewayPorts, bounce: IncomingBounce): Promise<void> => {
  if (bounce.toBare === deps.domain && bounce.stanza === 'presence')
    return await forgetSubscriber(deps, bounce);
  const { id, stanza: name, condition } = bounce;
  if (id === undefined) return;
  const end = await deps.db.transaction(async (tx) => {
    const sent = await lockSentStanza(tx, { name, id, from: bounce.to, to: bounce.from });
    return sent === undefined ? 'ignored' : await settleBounce(deps, tx, bounce, sent);
  });
  deps.log.info('bounce', { stanza: name, condition, end });
  if (end === 'end') deps.wake.deliveries();
};

/** Presence of the gateway itself reached nobody: no more of it, until that server asks again. */
const forgetSubscriber = async (deps: GatewayPorts, bounce: IncomingBounce): Promise<void> => {
  if (judgeBounce(bounce) === 'end') await deleteGatewaySubscriber(deps.db, bounce.fromBare);
};

const settleBounce = async (
  deps: GatewayPorts,
  tx: Db,
  bounce: IncomingBounce,
  sent: SentStanza,
): Promise<BounceVerdict> => {
  const verdict = judgeBounce(bounce);
  const pause = verdict === 'again' ? pauseAfterBounce(sent.bounces) : undefined;
  if (pause !== undefined) {
    await postponeStanza(tx, sent, new Date(deps.now().getTime() + pause));
    return 'again';
  }
  await failStanza(tx, sent.id, `came back: ${bounce.condition}`);
  if (verdict !== 'end') return 'stop';
  await rejectFollower(deps, tx, bounce);
  return 'end';
};

/** The person who asked to follow is told that there is nobody to follow. */
const rejectFollower = async (deps: GatewayPorts, tx: Db, bounce: IncomingBounce): Promise<void> => {
  const user = await findUserByJid(tx, bounce.fromBare);
  const address = jidToHandle(bounce.toBare, deps.domain);
  const known = address.ok ? await findHandle(tx, address.value.handle) : undefined;
  const stored = known && (await findActor(tx, known.actorId));
  if (user === undefined || stored === undefined) return;
  const between = { user, actor: stored.actor, contact: contactJid(deps, stored.actor) };
  await changeSubscription(deps, tx, between, { type: 'nobody' });
};
