import { createReceived, type ReceivedDeps } from './app-received.ts';
import { mayBeAnswered } from './app-stanzas.ts';
import { createBatcher } from './batch.ts';
import type { Stanza } from './bridge/stanza.ts';
import { createWorkLoop } from './delivery/work-loop.ts';
import type { Reach } from './failpoint.ts';
import type { StepAside, WaitingRoom } from './gateway/waiting-room.ts';
import { toError } from './log.ts';
import { isDatabaseAway } from './store/database.ts';
import {
  countTerm,
  keepReceived,
  type ReceivedStanza,
  readReceived,
  takeBackReceived,
} from './store/received-stanzas.ts';

/** Stanzas that share a commit. */
const BATCH = 500;
/** Stanzas at work side by side; those that wait for look-ups are not counted. */
const AT_ONCE = 64;
const MAX_AHEAD = 10_000;
/** A stanza that so many holders of the stream have had and not dealt with ends them: it is given up. */
const MAX_TERMS = 8;
const POLL_MS = 1_000;

export type IntakeDeps = ReceivedDeps & {
  readonly reach: Reach;
  readonly newId: () => string;
  /** Of the stream's holder: nothing is worked outside of it. */
  readonly term: () => number | undefined;
  readonly waitingRoom: WaitingRoom;
  /** For what is not written down: whoever wrote is told of any trouble. Never rejects. */
  readonly carryUnkept: (stanza: Stanza, stepAside: StepAside) => Promise<void>;
  /** So many may wait in the database before reading from the stream stops. */
  readonly maxAhead?: number;
};

export type DurableIntake = {
  readonly start: () => void;
  /** Resolves when the stanza is written down, or dealt with. */
  readonly take: (stanza: Stanza) => Promise<void>;
  /** Begins nothing more; what is not dealt with stays for the next holder of the stream. */
  readonly stop: () => Promise<void>;
};

/**
 * What comes over the stream is written down first, many stanzas in one commit, and worked from there: a crash
 * loses what was read in the last milliseconds instead of all that was read and waited for its turn.
 */
export const createDurableIntake = (deps: IntakeDeps): DurableIntake => {
  const { waitingRoom } = deps;
  const ahead = createAhead(deps.maxAhead ?? MAX_AHEAD);
  const keep = createKeep(deps);
  const loop = openLoop(deps, { forget: keep.takeBack, onRead: ahead.leave });
  const carryUnkept = (stanza: Stanza): Promise<void> =>
    waitingRoom.run(
      placeOf(stanza),
      (stepAside) => deps.carryUnkept(stanza, stepAside),
      () => deps.tellTrouble(stanza, 'over-limit'),
    );
  return {
    start: loop.start,
    take: async (stanza) => {
      if (isState(stanza)) return await carryUnkept(stanza);
      if (await keep.add(stanza)) {
        await deps.reach('x2a.kept');
        ahead.enter();
        loop.wake();
        return await ahead.room();
      }
      if (mayBeAnswered(stanza)) await deps.tellTrouble(stanza, 'internal');
      else await carryUnkept(stanza);
    },
    stop: loop.stop,
  };
};

/** Writes down what came, many in one commit. */
const createKeep = ({ db, log, reach, newId }: IntakeDeps) => {
  /** Ids of rows that may be there although it seemed that they could not be written. */
  const doubtful = new Set<string>();
  const kept = createBatcher<{ readonly id: string; readonly stanza: Stanza }>({
    flush: (batch) => keepReceived(db, batch),
    maxBatch: BATCH,
    isHopeless: isDatabaseAway,
  });
  return {
    /** False where it could not be written. */
    add: async (stanza: Stanza): Promise<boolean> => {
      const id = newId();
      try {
        await reach('x2a.recv');
        await kept.add({ id, stanza });
        return true;
      } catch (error) {
        doubtful.add(id);
        log.error('stanza-not-kept', { error: toError(error) });
        return false;
      }
    },
    /** Takes away what was written all the same: its sender has been told. */
    takeBack: async (): Promise<void> => {
      if (doubtful.size === 0) return;
      const ids = [...doubtful];
      await takeBackReceived(db, ids);
      for (const id of ids) doubtful.delete(id);
    },
  };
};

/** Reads back what waits, oldest first, and works it; only while this process holds the stream. */
const openLoop = (
  deps: IntakeDeps,
  on: { readonly forget: () => Promise<void>; readonly onRead: (count: number) => void },
) => {
  const { db, log, waitingRoom } = deps;
  const received = createReceived(deps);
  /** Positions at work, also those that wait aside. */
  const inHand = new Set<number>();
  let countedTerm: number | undefined;
  const beginTerm = async (term: number): Promise<void> => {
    const found = await countTerm(db);
    if (found > 0) log.info('stanzas-found', { count: found });
    countedTerm = term;
  };
  const release = (row: ReceivedStanza, ended: Promise<void>): Promise<void> =>
    ended.finally(() => inHand.delete(row.position));
  return createWorkLoop<ReceivedStanza>({
    claim: async (limit) => {
      const term = deps.term();
      if (term === undefined) return [];
      if (term !== countedTerm) await beginTerm(term);
      await on.forget();
      const rows = await readReceived(db, { except: [...inHand], limit });
      for (const { position } of rows) inHand.add(position);
      on.onRead(rows.length);
      return rows;
    },
    work: async (row) => {
      if (row.terms > MAX_TERMS) {
        log.error('stanza-given-up', { terms: row.terms });
        return await release(row, received.giveUp(row, 'internal'));
      }
      await waitingRoom.run(
        placeOf(row.stanza),
        (stepAside) => release(row, received.carry(row, stepAside)),
        () => release(row, received.giveUp(row, 'over-limit')),
      );
    },
    concurrency: AT_ONCE,
    pollMs: POLL_MS,
    onError: (error) => log.warn('intake-failed', { error: toError(error) }),
  });
};

const placeOf = (stanza: Stanza) => ({
  conversation: `${stanza.fromBare} ${stanza.toBare}`,
  sender: stanza.fromBare,
});

/** What says how things stand now, and asks for nothing that must be done once. */
const isState = (stanza: Stanza): boolean => {
  switch (stanza.kind) {
    case 'message':
      return stanza.type === 'headline' || stanza.signalOnly;
    case 'presence':
      return stanza.type === 'available' || stanza.type === 'unavailable' || stanza.type === 'probe';
    case 'bounce':
      return false;
  }
};

/** Counts what was written down and is not read back yet; above `max` there is no room. */
const createAhead = (max: number) => {
  let count = 0;
  let waiting: (() => void)[] = [];
  return {
    enter: (): void => {
      count += 1;
    },
    leave: (some: number): void => {
      // Also what an earlier process wrote is read back.
      count = Math.max(0, count - some);
      if (count >= max) return;
      for (const go of waiting) go();
      waiting = [];
    },
    room: (): Promise<void> =>
      count < max
        ? Promise.resolve()
        : new Promise((resolve) => {
            waiting.push(resolve);
          }),
  };
};
