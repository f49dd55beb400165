import type { Reach } from './failpoint.ts';
import type { Log } from './log.ts';
import type { AdvisoryLock } from './store/advisory-lock.ts';
import { readmitStanzas } from './store/bounced-stanzas.ts';
import type { Database } from './store/database.ts';
import { takeOverStanzas } from './store/release.ts';
import { claimStanzas, failStanza, releaseStanzas, takenStanzas } from './store/stanzas.ts';
import { createOutbox, type Outbox, type OutboxDeps } from './xmpp/outbox.ts';

const LEASE_SECONDS = 30;
const BATCH = 100;
const POLL_MS = 1_000;

type OutboxPorts = {
  readonly db: Database;
  readonly log: Log;
  readonly reach: Reach;
  readonly stream: OutboxDeps<number>['stream'];
  readonly streamLog: OutboxDeps<number>['log'];
  /** Of the stream's holder: nothing is written outside of it. */
  readonly term: AdvisoryLock['term'];
  /** What the holder does while no row waits. */
  readonly aside?: () => Promise<boolean>;
};

/**
 * The stanzas that wait in the database, for the holder of the stream. It alone works on them, so it need not wait
 * for any lease to end: when its term begins, and after trouble with the database, all of them are free. What the
 * server has taken while that could not be written down is remembered, and not sent again.
 */
export const openOutbox = ({ db, log, reach, stream, streamLog, term, aside }: OutboxPorts): Outbox => {
  /** The term in which no row is held by anything but the batch at work. */
  let clearedTerm: number | undefined;
  let taken: readonly number[] = [];
  /** After a failure some rows may be leased that nobody works on. */
  const orClearAgain = async <T>(work: Promise<T>): Promise<T> => {
    try {
      return await work;
    } catch (error) {
      clearedTerm = undefined;
      throw error;
    }
  };
  const settleTaken = async (): Promise<void> => {
    await takenStanzas(db, taken);
    taken = [];
  };
  const clear = async (now: number): Promise<void> => {
    if (taken.length > 0) await settleTaken();
    const left = await takeOverStanzas(db);
    if (left > 0) log.info('stanzas-taken-over', { count: left });
    clearedTerm = now;
  };
  return createOutbox<number>({
    claim: async (limit) => {
      const now = term();
      if (now === undefined) return [];
      if (now !== clearedTerm) await clear(now);
      if (term() !== now) return [];
      await readmitStanzas(db);
      const rows = await orClearAgain(claimStanzas(db, { limit, leaseSeconds: LEASE_SECONDS }));
      if (rows.length > 0) await orClearAgain(reach('xmpp.claimed'));
      return rows;
    },
    taken: async (ids) => {
      taken = ids;
      await orClearAgain(reach('xmpp.written').then(settleTaken));
    },
    release: (ids) => orClearAgain(releaseStanzas(db, ids)),
    fail: (id, failure) => orClearAgain(failStanza(db, id, failure)),
    aside: async () => term() !== undefined && (await aside?.()) === true,
    stream,
    log: streamLog,
    pollMs: POLL_MS,
    batch: BATCH,
  });
};
