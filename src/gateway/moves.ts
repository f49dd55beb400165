import type { Activity } from '../bridge/activity.ts';
import { renderHandle } from '../bridge/address.ts';
import { movedText } from '../bridge/sentences.ts';
import { findFollow, partnersOf } from '../store/follows.ts';
import { findActor, markActorMoved } from '../store/remote-actors.ts';
import { findUserById } from '../store/users.ts';
import { contactJid, rememberActor } from './actors.ts';
import { tell } from './notices.ts';
import type { GatewayPorts } from './ports.ts';
import { changeSubscription } from './subscription-step.ts';

/** As long as Mastodon has people wait between two moves. */
export const COOL_DOWN_MS = 7 * 86_400_000;

/**
 * An actor moved to another account. The new one must say so too (FEP-7628), asked anew: often it began to do so a moment
 * ago. It may be none of ours, and the old one not have moved within a week. Who follows the old one is told where it
 * went, in the roster and by a message; nobody is made to follow the new one, which would be an act in somebody else's
 * name.
 */
export const carryMove = async (
  deps: GatewayPorts,
  { actor: oldId, target }: Extract<Activity, { type: 'Move' }>,
): Promise<void> => {
  const stored = await findActor(deps.db, oldId);
  if (stored === undefined || target.startsWith(`${deps.urls.origin}/`)) return;
  const found = await deps.fetchActorAsOfNow(target);
  if (!found.ok) {
    // Comes again with the row where that may help.
    if (found.refusal.reason === 'host-unreachable')
      throw new Error('the new account could not be looked up');
    return;
  }
  const moved = found.value;
  const newJid = contactJid(deps, moved);
  // A chain would lead people about, and back.
  const isEnd = moved.movedTo === undefined;
  const isAgreed = isEnd && moved.id === target && moved.alsoKnownAs?.includes(oldId) === true;
  if (!isAgreed || newJid === undefined) return;
  const since = new Date(deps.now().getTime() - COOL_DOWN_MS);
  if (!(await markActorMoved(deps.db, { id: oldId, movedTo: moved.id, since }))) return;
  await rememberActor(deps, moved, moved.handle);
  const text = movedText({
    handle: renderHandle(stored.actor.handle),
    newHandle: renderHandle(moved.handle),
    newJid,
  });
  for await (const userId of partnersOf(deps.db, oldId))
    await tellFollower(deps, { userId, actor: stored.actor, newJid, text });
};

type Follower = {
  readonly userId: string;
  readonly actor: Parameters<typeof contactJid>[1];
  readonly newJid: string;
  readonly text: string;
};

const tellFollower = async (deps: GatewayPorts, { userId, actor, newJid, text }: Follower): Promise<void> => {
  await deps.db.transaction(async (tx) => {
    const user = await findUserById(tx, userId);
    const follow = await findFollow(tx, { userId, actorId: actor.id, direction: 'out' });
    if (user?.state !== 'active' || follow === undefined) return;
    const between = { user, actor, contact: contactJid(deps, actor) };
    await changeSubscription(deps, tx, between, { type: 'moved', movedTo: newJid });
    await tell(deps, tx, user.jid, text);
  });
  deps.wake.stanzas();
  deps.wake.deliveries();
};
