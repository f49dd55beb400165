import type { LocalActor } from '../bridge/actor.ts';
import { done, type Outcome, refuse } from '../bridge/outcome.ts';
import type { OwnProfile } from '../bridge/own-profile.ts';
import { findUserByJid, saveOwnProfile } from '../store/users.ts';
import type { GatewayPorts } from './ports.ts';
import { announceProfile } from './profile.ts';

/**
 * A user changes what the Fediverse sees of them, and everybody who has to do with them is told (`Update`); where
 * nothing changes, nobody is. Refused for who is not registered.
 * @param jid bare
 */
export const changeProfile = async (
  deps: GatewayPorts,
  jid: string,
  change: Partial<OwnProfile>,
): Promise<Outcome<LocalActor>> => {
  const changed = await deps.db.transaction(async (tx) => {
    const user = await findUserByJid(tx, jid);
    if (user === undefined) return undefined;
    const before = profileOf(user);
    const after = { ...before, ...change };
    if (JSON.stringify(before) !== JSON.stringify(after)) {
      await saveOwnProfile(tx, user.id, after);
      await announceProfile(deps, tx, user.id);
    }
    return { ...user, ...after };
  });
  deps.wake.deliveries();
  return changed === undefined ? refuse('not-registered') : done(changed);
};

const profileOf = ({ displayName, bio, showsJid = false }: LocalActor): OwnProfile => ({
  displayName,
  bio,
  showsJid,
});
