import type { RemoteActor } from '../bridge/actor.ts';
import type { Outcome, Refusal } from '../bridge/outcome.ts';
import { type Asked, permit } from '../bridge/policy.ts';
import { findBlocks } from '../store/blocks.ts';
import { isHostBlocked } from '../store/host-blocks.ts';
import type { HasDatabase, HasPolicy } from './ports.ts';

/** Why nothing may go to this host, asked before it is even looked up. */
export const hostRefusal = async (deps: HasDatabase, host: string): Promise<Refusal | undefined> =>
  (await isHostBlocked(deps.db, host)) ? { reason: 'policy', host } : undefined;

/** An XMPP user who wants something; without an id not registered yet, and about to be. */
export type Asker = { readonly jid: string; readonly id: string | undefined };

const NO_BLOCKS = { byUser: false, byActor: false };

/**
 * Block lists, the person's own block and refusal to be bridged, for this pair. Asked before the user is
 * registered, so that what is refused makes nobody public.
 */
export const mayReach = async (
  deps: HasDatabase & HasPolicy,
  user: Asker,
  actor: RemoteActor,
  act: Asked['act'],
): Promise<Outcome<void>> => {
  const blocks =
    user.id === undefined ? NO_BLOCKS : await findBlocks(deps.db, { userId: user.id, actorId: actor.id });
  return permit(deps.rules, {
    act,
    sender: user.jid,
    registered: true,
    recipient: actor,
    hostBlocked: await isHostBlocked(deps.db, actor.handle.host),
    blockedByPerson: blocks.byActor,
    blockedByUser: blocks.byUser,
  });
};
