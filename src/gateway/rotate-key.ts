import { findUserById } from '../store/users.ts';
import type { GatewayPorts, HasKeys } from './ports.ts';
import { announceProfile } from './profile.ts';

/**
 * Gives a user a new key pair in the place of the old one, which is deleted, and tells all who have to do with the
 * user (`Update` with the whole actor). Deliveries are signed when they are sent: those that wait go out with the new
 * key, and whoever knows the old one fetches the actor again. A gateway in another process goes on with the old key,
 * and shows it, for a minute at most. False for who is no active user; then nothing happens.
 */
export const rotateKey = async (
  deps: Pick<GatewayPorts, 'db' | 'urls' | 'newId' | 'renderActorUpdate' | 'wake'> & HasKeys,
  userId: string,
): Promise<boolean> => {
  if ((await findUserById(deps.db, userId))?.state !== 'active') return false;
  const pair = await deps.takeKeyPair();
  const rotated = await deps.db.transaction(async (tx) => {
    if ((await findUserById(tx, userId))?.state !== 'active') return false;
    if (!(await deps.replaceKey(tx, userId, pair))) return false;
    await announceProfile(deps, tx, userId);
    return true;
  });
  deps.forgetKey(userId);
  deps.wake.deliveries();
  return rotated;
};
