import type { RemoteActor } from '../bridge/actor.ts';
import { jidToHandle } from '../bridge/address.ts';
import type { Refusal } from '../bridge/outcome.ts';
import { permitSender } from '../bridge/policy.ts';
import type { IncomingPresence, PresenceType } from '../bridge/stanza.ts';
import type { Db } from '../store/database.ts';
import { deleteFollow, findFollow, saveFollow, setFollowState } from '../store/follows.ts';
import { enqueueStanza } from '../store/stanzas.ts';
import { findUserByJid } from '../store/users.ts';
import { enqueueActivity } from './activities.ts';
import { contactJid, knownActor, resolveActor } from './actors.ts';
import { hostRefusal, mayReach } from './permission.ts';
import type { GatewayPorts, HasDatabase, HasWake } from './ports.ts';
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
      return await unfollow(deps, presence);
    case 'subscribed':
      return await acceptFollower(deps, presence);
    case 'unsubscribed':
      return await removeFollower(deps, presence);
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
  await deps.db.transaction((tx) =>
    commitFollow(deps, tx, { userId: registered.value.id, user, contact, actor: actor.value }),
  );
  deps.wake.deliveries();
  deps.wake.stanzas();
};

type Subscription = {
  readonly userId: string;
  readonly user: string;
  readonly contact: string;
  readonly actor: RemoteActor;
};

const commitFollow = async (
  deps: GatewayPorts,
  tx: Db,
  { userId, user, contact, actor }: Subscription,
): Promise<void> => {
  const key = { userId, actorId: actor.id, direction: 'out' } as const;
  const existing = await findFollow(tx, key);
  if (existing?.state === 'accepted') return await tellSubscribed(tx, contact, user);
  if (!deps.followOnSubscribe) {
    // Chat alone: the subscription is granted here, and no Follow is ever sent (so its id stays empty).
    await saveFollow(tx, { ...key, state: 'accepted', followId: '' });
    return await tellSubscribed(tx, contact, user);
  }
  // A pending Follow goes again under its own id: the peer may have lost it, and must not see two.
  const followId = existing?.followId ?? deps.urls.follow(deps.newId());
  if (existing === undefined) await saveFollow(tx, { ...key, state: 'pending', followId });
  await enqueueActivity(deps, tx, {
    userId,
    recipient: actor,
    activity: { type: 'Follow', id: followId, actor: deps.urls.actor(userId), object: actor.id },
    reportTo: { kind: 'follow', user, contact, actorId: actor.id },
  });
};

/** `subscribed` and then presence, in this order (XEP-0100 4.6.1). */
export const tellSubscribed = async (tx: Db, contact: string, user: string): Promise<void> => {
  await enqueueStanza(tx, { kind: 'presence', type: 'subscribed', from: contact, to: user });
  await enqueueStanza(tx, { kind: 'presence', type: 'available', from: contact, to: user });
};

/** `unsubscribe`: Undo with the stored Follow id. Answered even where nothing was followed. */
const unfollow = async (deps: GatewayPorts, presence: IncomingPresence): Promise<void> => {
  const pair = await knownPair(deps, presence);
  await deps.db.transaction(async (tx) => {
    const deleted =
      pair === undefined
        ? undefined
        : await deleteFollow(tx, { userId: pair.userId, actorId: pair.actor.id, direction: 'out' });
    if (pair !== undefined && deleted !== undefined && deleted.followId !== '')
      await enqueueActivity(deps, tx, {
        userId: pair.userId,
        recipient: pair.actor,
        activity: {
          type: 'Undo',
          id: `${deleted.followId}#undo`,
          actor: deps.urls.actor(pair.userId),
          follow: { id: deleted.followId, actor: deps.urls.actor(pair.userId), object: pair.actor.id },
        },
      });
    // Nothing is said where nothing stood: the three stanzas of a roster removal end in one answer.
    if (deleted !== undefined) await tellPresence(tx, presence, 'unsubscribed');
  });
  deps.wake.deliveries();
  deps.wake.stanzas();
};

/** `subscribed`: the XMPP user accepts a follower. */
const acceptFollower = async (deps: GatewayPorts, presence: IncomingPresence): Promise<void> => {
  const pair = await knownPair(deps, presence);
  if (pair === undefined) return;
  await deps.db.transaction(async (tx) => {
    const key = { userId: pair.userId, actorId: pair.actor.id, direction: 'in' } as const;
    const existing = await findFollow(tx, key);
    if (existing === undefined || existing.state === 'accepted') return;
    await setFollowState(tx, key, 'accepted');
    await answerFollow(deps, tx, 'Accept', pair, existing.followId);
  });
  deps.wake.deliveries();
};

/** `unsubscribed`: a pending Follow is rejected, an accepted follower removed; both are a Reject. */
const removeFollower = async (deps: GatewayPorts, presence: IncomingPresence): Promise<void> => {
  const pair = await knownPair(deps, presence);
  if (pair === undefined) return;
  await deps.db.transaction(async (tx) => {
    const deleted = await deleteFollow(tx, {
      userId: pair.userId,
      actorId: pair.actor.id,
      direction: 'in',
    });
    if (deleted !== undefined) await answerFollow(deps, tx, 'Reject', pair, deleted.followId);
  });
  deps.wake.deliveries();
};

type Pair = { readonly userId: string; readonly actor: RemoteActor };

export const answerFollow = (
  deps: GatewayPorts,
  tx: Db,
  type: 'Accept' | 'Reject',
  { userId, actor }: Pair,
  followId: string,
): Promise<void> =>
  enqueueActivity(deps, tx, {
    userId,
    recipient: actor,
    activity: {
      type,
      id: deps.urls.activity(deps.newId()),
      actor: deps.urls.actor(userId),
      follow: { id: followId, actor: actor.id, object: deps.urls.actor(userId) },
    },
  });

/**
 * A registered user and a contact that both are known already: these cases never look anything up afar, so
 * that a relation can be ended although the other server is gone.
 */
const knownPair = async (deps: GatewayPorts, presence: IncomingPresence): Promise<Pair | undefined> => {
  const user = await findUserByJid(deps.db, presence.fromBare);
  if (user === undefined) return undefined;
  const address = jidToHandle(presence.toBare, deps.domain);
  if (!address.ok) return undefined;
  const actor = await knownActor(deps, address.value.handle);
  return actor === undefined ? undefined : { userId: user.id, actor };
};

/** A probe is answered to where it came from (RFC 6121 4.3.2). */
const answerProbe = async (deps: GatewayPorts, presence: IncomingPresence): Promise<void> => {
  const pair = await knownPair(deps, presence);
  const follows =
    pair === undefined
      ? undefined
      : await findFollow(deps.db, { userId: pair.userId, actorId: pair.actor.id, direction: 'out' });
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

export const tellRefused = async (
  deps: Pick<GatewayPorts, 'toError'>,
  tx: Db,
  { contact, user, refusal }: { readonly contact: string; readonly user: string; readonly refusal: Refusal },
): Promise<void> => {
  const error = deps.toError(refusal, undefined);
  await enqueueStanza(tx, { kind: 'presence-error', from: contact, to: user, error });
  await enqueueStanza(tx, { kind: 'presence', type: 'unsubscribed', from: contact, to: user });
};
