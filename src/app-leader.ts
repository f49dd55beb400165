import type { AdvisoryLock, LockState } from './store/advisory-lock.ts';

/** What only one process of several may do. */
export type Office = {
  readonly start: () => void;
  /** Ends it before it first waits for anything; resolves when all of it has ended. */
  readonly stop: () => Promise<void>;
};

/**
 * Does what only one may do while the lock is held, and nothing of it without. A turn begins when the former
 * one has ended: a lock that is lost and won again within moments never has two of them side by side.
 */
export const createLeader = (office: Office, onError: (error: unknown) => void) => {
  let isHeld = false;
  let isOn = false;
  let isStopping = false;
  let turns: Promise<void> = Promise.resolve();
  const turn = async (): Promise<void> => {
    if (isOn === isHeld) return;
    isOn = isHeld;
    if (isOn) office.start();
    else await office.stop();
  };
  const steer = (held: boolean): void => {
    isHeld = held;
    turns = turns.then(turn).catch(onError);
  };
  return {
    /** Hand this every change of the lock. */
    onLock: (state: LockState): void => steer(state === 'held' && !isStopping),
    /** Ends the office, then gives the lock to whoever waits for it. */
    stop: async (lock: Pick<AdvisoryLock, 'stop'>): Promise<void> => {
      isStopping = true;
      steer(false);
      await turns;
      await lock.stop();
    },
  };
};
