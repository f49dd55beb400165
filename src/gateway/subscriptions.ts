import { jidToHandle } from '../bridge/address.ts';
import { permitSender } from '../bridge/policy.ts';
import type { IncomingPresence } from '../bridge/stanza.ts';
import { findUserByJid } from '../store/users.ts';
import { contactJid, resolveActor } from './actors.ts';
import { answerForGateway } from './gateway-presence.ts';
import { knownPair } from './known-pair.ts';
import { hostRefusal, mayReach } from './permission.ts';
import type { GatewayPorts } from './ports.ts';
import { answerDirected, answerProbe } from './probes.ts';
import { refuseSubscribe } from './refuse-subscribe.ts';
import { changeSubscription } from './subscription-step.ts';
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
      return await answerDirected(deps, presence);
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
