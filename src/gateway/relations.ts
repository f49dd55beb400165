import type { Activity, ActivityRef } from '../bridge/activity.ts';
import { INSTANCE, localUserId } from '../bridge/urls.ts';
import { deleteBlock, findBlocks, saveBlock } from '../store/blocks.ts';
import type { Db } from '../store/database.ts';
import { enqueueDelivery } from '../store/deliveries.ts';
import { findFollow, findFollowById, partnersOf } from '../store/follows.ts';
import { COPY_SECONDS, wasWorked } from '../store/inbox.ts';
import { setBlocksGateway } from '../store/remote-actors.ts';
import { enqueueStanza } from '../store/stanzas.ts';
import {
  hasTombstone,
  lockObject,
  type OwnedObject,
  saveTombstone,
  takeBackUndo,
} from '../store/tombstones.ts';
import { findUserById } from '../store/users.ts';
import { noteKnownBy } from './activities.ts';
import { signerOf } from './actors.ts';
import type { GatewayPorts } from './ports.ts';
import type { Arrival } from './show-note.ts';
import { type Between, changeSubscription } from './subscription-step.ts';
import { takeBack } from './take-back.ts';
import { activeUser } from './users.ts';

/**
 * A Follow becomes a subscription request; who is followed already is accepted again under the newest id. One that
 * was undone before it came, and one of an actor who is no more, ends as it began.
 */
export const carryFollow = async (
  deps: GatewayPorts,
  { id: followId, actor: actorId, object }: Extract<Activity, { type: 'Follow' }>,
): Promise<void> => {
  if (object === deps.urls.instanceActor) return await refuseFollow(deps, { id: followId, actor: actorId });
  const user = await activeUser(deps, object);
  if (user === undefined) return;
  const { actor, contact, isGone } = await signerOf(deps, actorId);
  if (contact === undefined || isGone) return;
  const pair = { userId: user.id, actorId };
  await noteKnownBy(deps.db, user.id, actor);
  await deps.db.transaction(async (tx) => {
    await lockObject(tx, followId);
    if (await isUndone(tx, { objectId: followId, actorId })) return;
    const isRefused = (await findBlocks(tx, pair)).byUser;
    await changeSubscription(deps, tx, { user, actor, contact }, { type: 'Follow', followId, isRefused });
  });
  deps.wake.stanzas();
  deps.wake.deliveries();
};

/** Nobody follows the gateway itself: it posts nothing. Who asks is told so, or would wait for ever. */
const refuseFollow = async (
  deps: GatewayPorts,
  { id, actor }: Pick<Extract<Activity, { type: 'Follow' }>, 'id' | 'actor'>,
): Promise<void> => {
  const { actor: follower } = await signerOf(deps, actor);
  const ours = deps.urls.instanceActor;
  const activityId = deps.urls.activity(deps.newId());
  const follow = { id, actor, object: ours };
  await enqueueDelivery(deps.db, {
    activityId,
    sender: INSTANCE,
    inbox: follower.inbox,
    recipient: follower.id,
    host: new URL(follower.inbox).host,
    lane: `${INSTANCE} ${follower.id}`,
    body: deps.renderActivity({ type: 'Reject', id: activityId, actor: ours, follow }),
    noteId: undefined,
    reportTo: undefined,
  });
  deps.wake.deliveries();
};

/** Accept and Reject count only from the actor that was followed (FEP-fe34: the owner, not the host). */
export const carryAnswer = async (
  deps: GatewayPorts,
  { type, actor, ref }: Extract<Activity, { type: 'Accept' | 'Reject' }>,
): Promise<void> => {
  const { actor: signer, contact } = await signerOf(deps, actor);
  await deps.db.transaction(async (tx) => {
    const follow = await followOfAnswer(deps, tx, actor, ref);
    if (follow === undefined) return;
    const user = await findUserById(tx, follow.userId);
    if (user === undefined) return;
    const { followId } = follow;
    await changeSubscription(deps, tx, { user, actor: signer, contact }, { type, followId });
  });
  deps.wake.stanzas();
  deps.wake.deliveries();
};

/**
 * Servers answer with the Follow's id or with the whole Follow: either names one row of ours. An id of ours that is
 * not there any more is of a Follow that is over, and says nothing about the one that may have come after it.
 */
const followOfAnswer = async (deps: GatewayPorts, tx: Db, actor: string, ref: ActivityRef) => {
  const key = { actorId: actor, direction: 'out' } as const;
  const byId = ref.id === undefined ? undefined : await findFollowById(tx, { ...key, followId: ref.id });
  if (byId !== undefined || ref.id?.startsWith(deps.urls.follow('')) === true) return byId;
  const userId = ref.actor === undefined ? undefined : localUserId(deps.urls.origin, ref.actor);
  if (userId === undefined || (ref.object !== undefined && ref.object !== actor)) return undefined;
  return await findFollow(tx, { ...key, userId });
};

const REACTIONS: readonly string[] = ['Like', 'EmojiReact', 'Announce'];

/**
 * Undo of a Follow ends the subscription; Undo of a Block lets the person be written to again; Undo of a reaction or
 * a boost takes its line back. Any may come first: it is remembered, and what it undoes then does nothing.
 */
export const carryUndo = async (
  deps: GatewayPorts,
  { actor, ref }: Extract<Activity, { type: 'Undo' }>,
  { receivedAt }: Arrival,
): Promise<void> => {
  if (ref.actor !== undefined && ref.actor !== actor) return;
  // An id alone does not say of what: what was shown under it is taken back, whatever else it may be.
  if (ref.id !== undefined && (ref.type === undefined || REACTIONS.includes(ref.type)))
    await takeBack(deps, { objectId: ref.id, actorId: actor }, receivedAt);
  const named = ref.object === undefined ? undefined : await activeUser(deps, ref.object);
  if (ref.type !== undefined && ref.type !== 'Follow' && ref.type !== 'Block') return;
  const { actor: signer, contact } = await signerOf(deps, actor);
  // What it undoes may never have come.
  if (named !== undefined) await noteKnownBy(deps.db, named.id, signer);
  await deps.db.transaction(async (tx) => {
    await remember(tx, actor, ref);
    if (ref.type === 'Block' && ref.object === deps.urls.instanceActor)
      return await setBlocksGateway(tx, actor, false);
    if (ref.type === 'Block') await liftBlock(tx, actor, named?.id);
    else await endFollow(deps, tx, { actor: signer, contact }, ref, named?.id);
  });
  deps.wake.stanzas();
};

/** `named`: the user whom the undone Follow is said to be of. */
const endFollow = async (
  deps: GatewayPorts,
  tx: Db,
  follower: Omit<Between, 'user'>,
  { id: followId, type }: ActivityRef,
  named: string | undefined,
): Promise<void> => {
  const actorId = follower.actor.id;
  const byId =
    followId === undefined ? undefined : await findFollowById(tx, { actorId, direction: 'in', followId });
  // COMPAT Misskey: it names another id than the one it followed with.
  const userId = byId?.userId ?? (type === 'Follow' ? named : undefined);
  const user = userId === undefined ? undefined : await findUserById(tx, userId);
  if (user === undefined) return;
  const isOlder = followId !== undefined && (await wasWorked(tx, { activityId: followId, actorId }));
  await changeSubscription(deps, tx, { user, ...follower }, { type: 'Undo', followId, isOlder });
};

const remember = async (tx: Db, actorId: string, { id }: ActivityRef): Promise<void> => {
  if (id === undefined) return;
  await lockObject(tx, id);
  await saveTombstone(tx, { objectId: id, actorId }, await wasWorked(tx, { activityId: id, actorId }));
};

/** COMPAT Misskey: who follows anew does so under the id of the first time. */
const isUndone = async (tx: Db, object: OwnedObject): Promise<boolean> => {
  await takeBackUndo(tx, object, COPY_SECONDS);
  if (!(await hasTombstone(tx, object))) return false;
  // It has arrived now: what comes under this id later is said anew.
  await saveTombstone(tx, object, true);
  return true;
};

const liftBlock = async (tx: Db, actorId: string, userId: string | undefined): Promise<void> => {
  if (userId !== undefined) await deleteBlock(tx, { userId, actorId, direction: 'in' });
};

/**
 * A Block ends everything between the two; later messages are refused (product promise 6), unless it was lifted
 * before it came.
 */
export const carryBlock = async (
  deps: GatewayPorts,
  block: Extract<Activity, { type: 'Block' }>,
): Promise<void> => {
  const { id, actor, object } = block;
  if (object === deps.urls.instanceActor) return await blockGateway(deps, block);
  const user = await activeUser(deps, object);
  if (user === undefined) return;
  const { actor: signer, contact } = await signerOf(deps, actor);
  await noteKnownBy(deps.db, user.id, signer);
  await deps.db.transaction(async (tx) => {
    const pair = { userId: user.id, actorId: actor };
    await lockObject(tx, id);
    const isLifted = await isUndone(tx, { objectId: id, actorId: actor });
    if (!isLifted) await saveBlock(tx, { ...pair, direction: 'in' });
    await changeSubscription(deps, tx, { user, actor: signer, contact }, { type: 'Block' });
  });
  deps.wake.stanzas();
};

/** Who blocks the gateway's own actor blocks everybody behind it, those to come as well. */
const blockGateway = async (
  deps: GatewayPorts,
  { id, actor }: Pick<Extract<Activity, { type: 'Block' }>, 'id' | 'actor'>,
): Promise<void> => {
  const { actor: signer, contact } = await signerOf(deps, actor);
  const isLifted = await deps.db.transaction(async (tx) => {
    await lockObject(tx, id);
    const lifted = await isUndone(tx, { objectId: id, actorId: actor });
    if (!lifted) await setBlocksGateway(tx, actor, true);
    return lifted;
  });
  if (isLifted) return;
  for await (const userId of partnersOf(deps.db, actor))
    await deps.db.transaction(async (tx) => {
      const user = await findUserById(tx, userId);
      if (user !== undefined)
        await changeSubscription(deps, tx, { user, actor: signer, contact }, { type: 'Block' });
    });
  deps.wake.stanzas();
};

/** Presence that ends a relation, from the contact's bare JID; nothing where the contact can have none. */
export const tellEnded = async (
  tx: Db,
  contact: string | undefined,
  user: string,
  types: readonly ('unsubscribe' | 'unsubscribed' | 'unavailable')[],
): Promise<void> => {
  if (contact === undefined) return;
  for (const type of types) await enqueueStanza(tx, { kind: 'presence', type, from: contact, to: user });
};
