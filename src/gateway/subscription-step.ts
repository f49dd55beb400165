import type { OutgoingActivity } from '../bridge/activity.ts';
import type { RemoteActor } from '../bridge/actor.ts';
import { contactName } from '../bridge/contact-name.ts';
import { contactStanzas } from '../bridge/contact-presence.ts';
import {
  type Subscription,
  type SubscriptionEffect,
  type SubscriptionEvent,
  stepSubscription,
} from '../bridge/subscription.ts';
import type { Db } from '../store/database.ts';
import { askLater } from '../store/follow-requests.ts';
import { deleteFollow, type FollowKey, findPair, lockPair, saveFollow } from '../store/follows.ts';
import { findPhoto } from '../store/pictures.ts';
import { enqueueStanza } from '../store/stanzas.ts';
import { enqueueActivity } from './activities.ts';
import type { GatewayPorts, HasPictures, HasRenderers, HasRosters } from './ports.ts';

/** Who it is between. `contact` is undefined for a name that no JID can hold: then nothing is told. */
export type Between = {
  readonly user: { readonly id: string; readonly jid: string };
  readonly actor: RemoteActor;
  readonly contact: string | undefined;
};

type Deps = HasRenderers & HasPictures & HasRosters & Pick<GatewayPorts, 'urls' | 'newId'>;

/**
 * Carries an event through the state machine of a relation (`bridge/subscription.ts`), in the caller's transaction:
 * the rows, the stanzas and the deliveries are one commit. Repeats are harmless. Returns what stands now. Call
 * `wake` behind the commit.
 */
export const changeSubscription = async (
  deps: Deps,
  tx: Db,
  between: Between,
  event: SubscriptionEvent,
): Promise<Subscription> => {
  const pair = { userId: between.user.id, actorId: between.actor.id };
  await lockPair(tx, pair);
  const now = await readSubscription(tx, pair);
  const { next, effects } = stepSubscription(now, event);
  await saveSide(tx, { ...pair, direction: 'out' }, now.out, next.out);
  await saveSide(tx, { ...pair, direction: 'in' }, now.in, next.in);
  // The lane to the other server is locked first and that of the user's stanzas second, as everywhere.
  for (const effect of effects) if ('send' in effect) await send(deps, tx, between, effect);
  for (const effect of effects) if (!('send' in effect)) await tell(deps, tx, between, effect);
  return next;
};

const readSubscription = async (
  tx: Db,
  pair: Pick<FollowKey, 'userId' | 'actorId'>,
): Promise<Subscription> => {
  const follows = await findPair(tx, pair);
  return {
    out: follows.find(({ direction }) => direction === 'out'),
    in: follows.find(({ direction }) => direction === 'in'),
  };
};

const saveSide = async (
  tx: Db,
  key: FollowKey,
  before: Subscription['out'],
  after: Subscription['out'],
): Promise<void> => {
  if (after === undefined) {
    if (before !== undefined) await deleteFollow(tx, key);
  } else if (before?.state !== after.state || before.followId !== after.followId)
    await saveFollow(tx, { ...key, state: after.state, followId: after.followId });
};

const send = async (
  deps: Deps,
  tx: Db,
  { user, actor, contact }: Between,
  { send: type, followId }: Extract<SubscriptionEffect, { send: string }>,
): Promise<void> => {
  const isFollow = type === 'Follow' && contact !== undefined;
  await enqueueActivity(deps, tx, {
    userId: user.id,
    recipient: actor,
    activity: activityOf(deps, { user, actor }, type, followId),
    ...(isFollow ? { reportTo: { kind: 'follow', user: user.jid, contact, actorId: actor.id } } : {}),
  });
};

const activityOf = (
  { urls, newId }: Deps,
  { user, actor }: Pick<Between, 'user' | 'actor'>,
  type: 'Follow' | 'Undo' | 'Accept' | 'Reject',
  followId: string,
): OutgoingActivity => {
  const ours = urls.actor(user.id);
  if (type === 'Follow') return { type, id: followId, actor: ours, object: actor.id };
  if (type === 'Undo')
    return {
      type,
      id: `${followId}#undo`,
      actor: ours,
      follow: { id: followId, actor: ours, object: actor.id },
    };
  const follow = { id: followId, actor: actor.id, object: ours };
  return { type, id: urls.activity(newId()), actor: ours, follow };
};

const tell = async (
  deps: Deps,
  tx: Db,
  { user, actor, contact }: Between,
  effect: Exclude<SubscriptionEffect, { send: string }>,
): Promise<void> => {
  if (contact === undefined) return;
  const way = { from: contact, to: user.jid };
  if ('refuse' in effect)
    return await enqueueStanza(tx, {
      kind: 'presence-error',
      ...way,
      error: deps.toError(effect.refuse, undefined),
    });
  // Asked when nothing else waits: thousands may come at once (`gateway/follow-requests.ts`).
  if (effect.tell === 'subscribe') return await askLater(tx, { userId: user.id, actorId: actor.id });
  await enqueueStanza(tx, { kind: 'presence', type: effect.tell, ...way });
  // Its presence comes behind (XEP-0100 4.6.1).
  if (effect.tell === 'subscribed') {
    const photo = await findPhoto(tx, actor.icon);
    if (photo === undefined) deps.pictures.want(actor);
    deps.nameInRoster(user.jid, contact, contactName(actor));
    for (const stanza of contactStanzas(actor, way, photo)) await enqueueStanza(tx, stanza);
  }
};
