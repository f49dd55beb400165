import { findUserById, lockUser } from '../store/users.ts';
import type { GatewayPorts, HasKeys } from './ports.ts';
import { announceProfile } from './profile.ts';

/**
 * Gives a user a new key pair in the place of the old one, and tells all who have to do with the user (`Update` with
 * the whole actor). That news is signed with the old key, which is kept for it and forgotten afterwards, and goes to
 * each host before all else; the rest is signed when it is sent, with the new key. Whoever did not take the news
 * fetches the actor again. Another process goes on with the old key for
 * `KEY_KEPT_MS` at most.
 * False for who is no active user; then nothing happens.
 */
export const rotateKey = async (
  deps: Pick<GatewayPorts, 'db' | 'urls' | 'newId' | 'renderActorUpdate' | 'wake'> & HasKeys,
  userId: string,
): Promise<boolean> => {
  if ((await findUserById(deps.db, userId))?.state !== 'active') return false;
  const pair = await deps.takeKeyPair();
  const rotated = await deps.db.transaction(async (tx) => {
    // A profile that is changed at this moment is told with the key of then: before it, or after it.
    if ((await lockUser(tx, userId))?.state !== 'active') return false;
    const oldKey = await deps.replaceKey(tx, userId, pair);
    if (oldKey === undefined) return false;
    await announceProfile(deps, tx, userId, { oldKey });
    return true;
  });
  deps.forgetKey(userId);
  deps.wake.deliveries();
  return rotated;
};
