import { createBatcher } from './batch.ts';
import type { RefusalReason } from './bridge/outcome.ts';
import type { Stanza } from './bridge/stanza.ts';
import type { Settle } from './gateway/ports.ts';
import type { StepAside } from './gateway/waiting-room.ts';
import { type Log, toError } from './log.ts';
import { type Database, isDatabaseAway } from './store/database.ts';
import { forgetReceived, type ReceivedStanza, settleReceived } from './store/received-stanzas.ts';

/** Rows that are taken away together. */
const BATCH = 500;
/** Milliseconds between tries while the database is away. */
const AGAIN_MS = 500;

export type ReceivedDeps = {
  readonly db: Database;
  readonly log: Pick<Log, 'info' | 'error' | 'warn'>;
  /** Does what the stanza asks for, once. Rejects where the gateway itself is in trouble. */
  readonly carry: (stanza: Stanza, settle: Settle, stepAside: StepAside) => Promise<void>;
  /** Never rejects. */
  readonly tellTrouble: (stanza: Stanza, reason: RefusalReason) => Promise<void>;
  readonly stopping: AbortSignal;
  /** Rejects once `stopping`. */
  readonly pause: (ms: number) => Promise<void>;
};

export type Received = {
  /** Carries it, or tells its sender why not; while the gateway stops it may stay as it is. Never rejects. */
  readonly carry: (row: ReceivedStanza, stepAside: StepAside) => Promise<void>;
  /** Tells its sender why it is not carried. */
  readonly giveUp: (row: ReceivedStanza, reason: RefusalReason) => Promise<void>;
};

/** What becomes of the stanzas that were written down: each has one end, and its row goes with it. */
export const createReceived = ({ db, log, carry, tellTrouble, stopping, pause }: ReceivedDeps): Received => {
  const forgotten = createBatcher<number>({
    flush: (positions) => forgetReceived(db, positions),
    maxBatch: BATCH,
    isHopeless: isDatabaseAway,
  });
  /** Tries until it works, waiting out trouble of the database: the stanza is safe meanwhile. Not while stopping. */
  const patiently = async (work: () => Promise<void>): Promise<void> => {
    for (;;) {
      try {
        return await work();
      } catch (error) {
        if (stopping.aborted) return;
        if (!isDatabaseAway(error)) throw error;
        await pause(AGAIN_MS).catch(() => undefined);
      }
    }
  };
  const carryOnce = async ({ position, stanza }: ReceivedStanza, stepAside: StepAside): Promise<void> => {
    let isSettled = false;
    const settle: Settle = async (tx) => {
      isSettled = true;
      return await settleReceived(tx, position);
    };
    await carry(stanza, settle, stepAside);
    if (!isSettled) await forgotten.add(position);
  };
  /** Told first: to disappear without a word is worse than to be told twice. */
  const giveUp: Received['giveUp'] = async ({ position, stanza }, reason) => {
    await tellTrouble(stanza, reason);
    await patiently(() => forgotten.add(position));
  };
  return {
    carry: async (row, stepAside) => {
      try {
        await patiently(() => carryOnce(row, stepAside));
      } catch (error) {
        log.error('stanza-failed', { error: toError(error) });
        await giveUp(row, 'internal');
      }
    },
    giveUp,
  };
};
