import type { LocalActor, RemoteActor } from '../bridge/actor.ts';
import type { Outcome, Refusal } from '../bridge/outcome.ts';
import { permit } from '../bridge/policy.ts';
import { isBlocked } from '../store/blocks.ts';
import { isHostBlocked } from '../store/host-blocks.ts';
import type { HasDatabase } from './ports.ts';

/** A lane is worked in order: one user and one correspondent. */
export const laneOf = (userId: string, actorId: string): string => `${userId} ${actorId}`;

/** Why nothing may go to this host, asked before it is even looked up. */
export const hostRefusal = async (deps: HasDatabase, host: string): Promise<Refusal | undefined> =>
  (await isHostBlocked(deps.db, host)) ? { reason: 'policy', host } : undefined;

/** Block lists, the person's own block and refusal to be bridged, for this pair. */
export const mayReach = async (
  deps: HasDatabase,
  user: LocalActor,
  actor: RemoteActor,
  isFirst: boolean,
): Promise<Outcome<void>> => {
  const pair = { userId: user.id, actorId: actor.id };
  return permit(
    {
      hostBlocked: await isHostBlocked(deps.db, actor.handle.host),
      blockedByPerson: await isBlocked(deps.db, { ...pair, direction: 'in' }),
      blockedByUser: await isBlocked(deps.db, { ...pair, direction: 'out' }),
    },
    { actor, isFirst },
  );
};
