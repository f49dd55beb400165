import { randomBytes } from 'node:crypto';
import type { LocalActor } from '../bridge/actor.ts';
import { done, type Outcome, refuse } from '../bridge/outcome.ts';
import type { OwnProfile } from '../bridge/own-profile.ts';
import type { Db } from '../store/database.ts';
import { deleteOwnPicture, saveOwnPicture } from '../store/own-pictures.ts';
import { findUserByJid, saveOwnProfile } from '../store/users.ts';
import type { GatewayPorts } from './ports.ts';
import { announceProfile } from './profile.ts';

/** What is to be another; `picture` are the bytes of a small PNG, or undefined for none any more. */
export type ProfileChange = Partial<Omit<OwnProfile, 'picture'>> & {
  readonly picture?: Buffer | undefined;
};

/**
 * A user changes what the Fediverse sees of them, and everybody who has to do with them is told (`Update`); where
 * nothing changes, nobody is. Refused for who is not registered.
 * @param jid bare
 */
export const changeProfile = async (
  deps: GatewayPorts,
  jid: string,
  change: ProfileChange,
): Promise<Outcome<LocalActor>> => {
  const changed = await deps.db.transaction(async (tx) => {
    const user = await findUserByJid(tx, jid);
    if (user === undefined) return undefined;
    const before = profileOf(user);
    const picture = 'picture' in change ? await keepPicture(tx, user.id, change.picture) : before.picture;
    const after = { ...before, ...change, picture };
    if (JSON.stringify(before) !== JSON.stringify(after)) {
      await saveOwnProfile(tx, user.id, after);
      await announceProfile(deps, tx, user.id);
    }
    return { ...user, ...after };
  });
  deps.wake.deliveries();
  return changed === undefined ? refuse('not-registered') : done(changed);
};

/** The name under which it is served from now on, which nobody can guess. */
const keepPicture = async (
  tx: Db,
  userId: string,
  bytes: Buffer | undefined,
): Promise<string | undefined> => {
  if (bytes !== undefined)
    return await saveOwnPicture(tx, userId, { name: randomBytes(16).toString('hex'), bytes });
  await deleteOwnPicture(tx, userId);
  return undefined;
};

const profileOf = ({ displayName, bio, showsJid = false, links = [], picture }: LocalActor): OwnProfile => ({
  displayName,
  bio,
  showsJid,
  links,
  picture,
});
