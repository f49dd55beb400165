import { type Log, toError } from './log.ts';
import { type AdvisoryLock, createAdvisoryLock } from './store/advisory-lock.ts';
import { describeDatabaseTrouble } from './store/database-trouble.ts';

/** The number of the lock of whoever holds the stream; another one than that of the migrations. */
const STREAM_LOCK = 2_718_281_829;

export type StreamLock = {
  readonly lock: AdvisoryLock;
  /** Why the database cannot say who has the stream, in words; without that nobody may have it. */
  readonly problem: () => string | undefined;
};

/** The lock of which process has the stream, on a connection of its own to `databaseUrl`. Every change is handed on. */
export const openLock = (
  { log, databaseUrl }: { readonly log: Log; readonly databaseUrl: string },
  onLock: (state: ReturnType<AdvisoryLock['state']>) => void,
): StreamLock => {
  let told: string | undefined;
  const lock = createAdvisoryLock({
    url: databaseUrl,
    key: STREAM_LOCK,
    clock: () => performance.now(),
    onState: (state) => {
      if (state !== 'unreachable') told = undefined;
      log.info('stream-lock', { state });
      onLock(state);
    },
    onError: (error) => {
      // Once per outage, not once per try.
      const problem = describeDatabaseTrouble(error);
      if (problem !== told) log.warn('stream-lock-lost', { problem, error: toError(error) });
      told = problem;
    },
  });
  return { lock, problem: () => told };
};
