import { isDatabaseAway } from '../store/database.ts';

/** Milliseconds: about eight seconds in all, so that a database that restarts is waited for. */
const PAUSES: readonly number[] = [100, 300, 700, 1500, 2500, 3000];

/**
 * Writes down how something ended, again where the database is away for a moment: what a peer has taken is
 * not to be sent twice because of that. Throws the last error.
 */
export const settlePatiently = async <T>(
  pause: (ms: number) => Promise<void>,
  settle: () => Promise<T>,
): Promise<T> => {
  for (const ms of PAUSES) {
    try {
      return await settle();
    } catch (error) {
      if (!isDatabaseAway(error)) throw error;
      await pause(ms);
    }
  }
  return await settle();
};
