import { jidToHandle } from '../bridge/address.ts';
import type { Refusal } from '../bridge/outcome.ts';
import { permitSender } from '../bridge/policy.ts';
import type { IncomingPresence, PresenceType } from '../bridge/stanza.ts';
import type { Db } from '../store/database.ts';
import { findFollow } from '../store/follows.ts';
import { enqueueStanza } from '../store/stanzas.ts';
import { findUserByJid } from '../store/users.ts';
import { contactJid, knownActor, resolveActor } from './actors.ts';
import { hostRefusal, mayReach } from './permission.ts';
import type { GatewayPorts, HasDatabase, HasWake } from './ports.ts';
import { type Between, changeSubscription } from './subscription-step.ts';
import { findOrRegister } from './users.ts';

/**
 * Roster is follow: a presence stanza of an XMPP user to a contact (RFC 6121 3, XEP-0100 4.6). Every case is
 * idempotent, because servers send again and because the removal of a roster item comes as three stanzas.
 */
export const carryPresence = async (deps: GatewayPorts, presence: IncomingPresence): Promise<void> => {
  if (presence.toBare === deps.domain) return await answerForGateway(deps, presence);
  switch (presence.type) {
    case 'subscribe':
      return await follow(deps, presence);
    case 'unsubscribe':
    case 'subscribed':
    case 'unsubscribed':
      return await change(deps, presence, presence.type);
    case 'probe':
      return await answerProbe(deps, presence);
    // No presence of an XMPP user ever reaches the Fediverse.
    case 'available':
    case 'unavailable':
      return;
  }
};

/** `subscribe`: Follow, unless the actor was followed already; then the answer is repeated. */
const follow = async (deps: GatewayPorts, presence: IncomingPresence): Promise<void> => {
  const { fromBare: user, toBare } = presence;
  const known = await findUserByJid(deps.db, user);
  const speaks = permitSender(deps.rules, user, known !== undefined);
  if (!speaks.ok) return await refuseSubscribe(deps, presence, speaks.refusal);
  // A flood of subscriptions would have us ask a million servers.
  if (!deps.allowMessage(user)) return await refuseSubscribe(deps, presence, { reason: 'over-limit' });
  const address = jidToHandle(toBare, deps.domain);
  if (!address.ok) return await refuseSubscribe(deps, presence, address.refusal);
  if (address.value.canonical !== toBare)
    return await refuseSubscribe(deps, presence, { reason: 'gone', movedTo: address.value.canonical });
  const host = await hostRefusal(deps, address.value.handle.host);
  if (host !== undefined) return await refuseSubscribe(deps, presence, host);
  const actor = await resolveActor(deps, address.value.handle);
  if (!actor.ok) return await refuseSubscribe(deps, presence, actor.refusal);
  const contact = contactJid(deps, actor.value);
  if (contact === undefined) return await refuseSubscribe(deps, presence, { reason: 'malformed-address' });
  if (contact !== toBare) return await refuseSubscribe(deps, presence, { reason: 'gone', movedTo: contact });
  const allowed = await mayReach(deps, { jid: user, id: known?.id }, actor.value, 'follow');
  if (!allowed.ok) return await refuseSubscribe(deps, presence, allowed.refusal);
  const registered = await findOrRegister(deps, user);
  if (!registered.ok) return await refuseSubscribe(deps, presence, registered.refusal);
  const between = { user: registered.value, actor: actor.value, contact };
  const newId = deps.followOnSubscribe ? deps.urls.follow(deps.newId()) : undefined;
  await deps.db.transaction((tx) => changeSubscription(deps, tx, between, { type: 'subscribe', newId }));
  deps.wake.deliveries();
  deps.wake.stanzas();
};

/** The other three: nothing is looked up, and between two who do not know each other nothing is to be done. */
const change = async (
  deps: GatewayPorts,
  presence: IncomingPresence,
  type: 'unsubscribe' | 'subscribed' | 'unsubscribed',
): Promise<void> => {
  const between = await knownPair(deps, presence);
  if (between === undefined) return;
  await deps.db.transaction((tx) => changeSubscription(deps, tx, between, { type }));
  deps.wake.deliveries();
  deps.wake.stanzas();
};

/**
 * A registered user and a contact that both are known already: these cases never look anything up afar, so
 * that a relation can be ended although the other server is gone.
 */
const knownPair = async (deps: GatewayPorts, presence: IncomingPresence): Promise<Between | undefined> => {
  const user = await findUserByJid(deps.db, presence.fromBare);
  if (user === undefined) return undefined;
  const address = jidToHandle(presence.toBare, deps.domain);
  if (!address.ok) return undefined;
  const actor = await knownActor(deps, address.value.handle);
  return actor && { user, actor, contact: contactJid(deps, actor) };
};

/** A probe is answered to where it came from (RFC 6121 4.3.2). */
const answerProbe = async (deps: GatewayPorts, presence: IncomingPresence): Promise<void> => {
  const pair = await knownPair(deps, presence);
  const follows =
    pair === undefined
      ? undefined
      : await findFollow(deps.db, { userId: pair.user.id, actorId: pair.actor.id, direction: 'out' });
  // Pending stays silent: `unsubscribed` would take back the question that is still open.
  if (follows?.state === 'pending') return;
  await tellPresence(deps.db, presence, follows === undefined ? 'unsubscribed' : 'available');
  deps.wake.stanzas();
};

/** The gateway itself is a contact that says yes. */
const answerForGateway = async (deps: HasDatabase & HasWake, presence: IncomingPresence): Promise<void> => {
  if (presence.type === 'subscribe') await tellPresence(deps.db, presence, 'subscribed');
  if (presence.type === 'subscribe' || presence.type === 'probe')
    await tellPresence(deps.db, presence, 'available');
  if (presence.type === 'unsubscribe') await tellPresence(deps.db, presence, 'unsubscribed');
  deps.wake.stanzas();
};

const tellPresence = (tx: Db, to: IncomingPresence, type: PresenceType): Promise<void> =>
  enqueueStanza(tx, {
    kind: 'presence',
    type,
    from: to.toBare,
    to: type === 'available' ? to.from : to.fromBare,
  });

/** A sentence with the reason, and an end to the pending request (product, "Roster is follow"). */
const refuseSubscribe = async (
  deps: GatewayPorts,
  presence: IncomingPresence,
  refusal: Refusal,
): Promise<void> => {
  await deps.db.transaction((tx) =>
    tellRefused(deps, tx, { contact: presence.toBare, user: presence.fromBare, refusal }),
  );
  deps.wake.stanzas();
};

const tellRefused = async (
  deps: Pick<GatewayPorts, 'toError'>,
  tx: Db,
  { contact, user, refusal }: { readonly contact: string; readonly user: string; readonly refusal: Refusal },
): Promise<void> => {
  const error = deps.toError(refusal, undefined);
  await enqueueStanza(tx, { kind: 'presence-error', from: contact, to: user, error });
  await enqueueStanza(tx, { kind: 'presence', type: 'unsubscribed', from: contact, to: user });
};
