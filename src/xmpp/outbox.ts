import type { OutgoingStanza } from '../bridge/stanza.ts';
import { createBell } from './bell.ts';
import type { Log, SendResult, Stream } from './stream-options.ts';

export type OutboxRow<Id> = { readonly id: Id; readonly stanza: OutgoingStanza };

/** Why a row will never go out. */
export type OutboxFailure = 'too-large' | 'invalid' | 'closes-stream';

export type OutboxDeps<Id> = {
  /** The next rows in order, leased to the caller. */
  readonly claim: (limit: number) => Promise<readonly OutboxRow<Id>[]>;
  /** The XMPP server has them. */
  readonly taken: (ids: readonly Id[]) => Promise<void>;
  /** Not known to have arrived: they go again, with the same stanza ids. */
  readonly release: (ids: readonly Id[]) => Promise<void>;
  readonly fail: (id: Id, failure: OutboxFailure) => Promise<void>;
  /** What is done while no row waits, a little at a time, and once a second in any case; false: nothing to do. */
  readonly aside?: () => Promise<boolean>;
  readonly stream: Pick<Stream, 'send' | 'barrier' | 'state'>;
  readonly log: Log;
  /** Milliseconds between looks without a `wake`, and after trouble. */
  readonly pollMs: number;
  /** Rows between two barriers. */
  readonly batch: number;
  /** Milliseconds for a barrier to come back. */
  readonly barrierMs?: number;
};

export type Outbox = {
  readonly start: () => void;
  /** Resolves when the batch under way is settled. */
  readonly stop: () => Promise<void>;
  /** There is something new, or the stream is back. */
  readonly wake: () => void;
};

const BARRIER_MS = 15_000;

/** So many times a row, written alone, may take the stream down with it before it is given up. */
const MAX_LOSSES = 4;

/**
 * Writes the stanzas of the outbox table. XEP-0114 has no acknowledgement: what was written to a dying
 * socket is lost without a word, so only the return of a barrier behind a batch makes it `taken`. One loop,
 * never two batches at once, so the order of the rows is the order of the wire.
 */
export const createOutbox = <Id extends string | number>(deps: OutboxDeps<Id>): Outbox => {
  const bell = createBell();
  let suspicion: Suspicion<Id> | undefined;
  const asides = createAsides(deps.aside);
  let running: Promise<void> | undefined;
  let isStopped = false;
  const step = async (): Promise<boolean> => {
    try {
      const batch = await carryBatch(deps, suspicion === undefined ? deps.batch : 1);
      if (batch.lost.length > 0) suspicion = await suspect(deps, batch, suspicion);
      else if (batch.taken.length > 0) suspicion = undefined;
      const isMore = (batch === NO_ROWS || asides.areDue(batch)) && (await asides.run());
      return isMore || batch.hasMore;
    } catch (error) {
      // The database is away, say: what was claimed comes back when its lease ends.
      deps.log.warn({ err: error }, 'the outbox could not be worked on');
      return false;
    }
  };
  const run = async (): Promise<void> => {
    while (!isStopped) {
      const hasMore = await step();
      if (!hasMore && !isStopped) await bell.wait(deps.pollMs);
    }
  };
  return {
    start: () => {
      isStopped = false;
      running ??= run().finally(() => {
        running = undefined;
      });
    },
    stop: async () => {
      isStopped = true;
      bell.ring();
      await running;
    },
    wake: bell.ring,
  };
};

/** So long rows alone may go out, in milliseconds. */
const ROWS_ALONE_MS = 1_000;

const createAsides = (aside: (() => Promise<boolean>) | undefined) => {
  let last = performance.now();
  return {
    /** Never behind a batch that was lost: it would be lost with it. */
    areDue: ({ taken, lost }: Batch<unknown>): boolean =>
      taken.length > 0 && lost.length === 0 && performance.now() - last > ROWS_ALONE_MS,
    run: async (): Promise<boolean> => {
      last = performance.now();
      return (await aside?.()) === true;
    },
  };
};

type Batch<Id> = {
  /** Written, but the barrier did not come back. */
  readonly lost: readonly Id[];
  /** Written, and the server has them. */
  readonly taken: readonly Id[];
  readonly hasMore: boolean;
};

const OFFLINE: Batch<never> = { lost: [], taken: [], hasMore: false };
const NO_ROWS: Batch<never> = { ...OFFLINE };

const carryBatch = async <Id>(deps: OutboxDeps<Id>, limit: number): Promise<Batch<Id>> => {
  if (deps.stream.state().status !== 'online') return OFFLINE;
  const rows = await deps.claim(limit);
  if (rows.length === 0) return NO_ROWS;
  const { written, held, failed } = writeRows(deps, rows);
  // NOTE asked in the same turn as the writes, so it goes over the same connection.
  const isTaken = written.length === 0 || (await deps.stream.barrier(deps.barrierMs ?? BARRIER_MS));
  for (const { id, failure } of failed) await deps.fail(id, failure);
  const taken = isTaken ? written : [];
  const lost = isTaken ? [] : written;
  const unsettled = [...lost, ...held];
  if (taken.length > 0) await deps.taken(taken);
  if (unsettled.length > 0) await deps.release(unsettled);
  // A claim that is not full says nothing: one recipient gets no more than a part of it, and may have thousands.
  return { lost, taken, hasMore: unsettled.length === 0 };
};

type Writing<Id> = {
  readonly written: readonly Id[];
  readonly held: readonly Id[];
  readonly failed: readonly { readonly id: Id; readonly failure: OutboxFailure }[];
};

const writeRows = <Id>(deps: OutboxDeps<Id>, rows: readonly OutboxRow<Id>[]): Writing<Id> => {
  const written: Id[] = [];
  const held: Id[] = [];
  const failed: { readonly id: Id; readonly failure: OutboxFailure }[] = [];
  for (const { id, stanza } of rows) {
    // Behind a row that could not be written nothing is: it would overtake.
    const result = held.length > 0 ? 'down' : sendRow(deps, stanza);
    if (result === 'written') written.push(id);
    else if (result === 'down') held.push(id);
    else failed.push({ id, failure: result });
  }
  return { written, held, failed };
};

/** A row that cannot even be rendered would come back for ever. */
const sendRow = <Id>(deps: OutboxDeps<Id>, stanza: OutgoingStanza): SendResult => {
  try {
    return deps.stream.send(stanza);
  } catch (error) {
    deps.log.warn({ err: error }, 'a stanza of the outbox could not be rendered');
    return 'invalid';
  }
};

/** After a loss rows go one by one, until one arrives; `losses` counts those of the row `id` alone. */
type Suspicion<Id> = { readonly id: Id | undefined; readonly losses: number };

/**
 * A stanza for which the server closes the stream would be written again after each reconnection, and
 * nothing behind it would ever go. One that did so alone several times running is given up.
 */
const suspect = async <Id>(
  deps: OutboxDeps<Id>,
  { lost }: Batch<Id>,
  before: Suspicion<Id> | undefined,
): Promise<Suspicion<Id> | undefined> => {
  const [id] = lost;
  const isAlone = before !== undefined && lost.length === 1;
  if (!isAlone || id === undefined || deps.stream.state().status === 'online')
    return { id: undefined, losses: 0 };
  const losses = before.id === id ? before.losses + 1 : 1;
  if (losses < MAX_LOSSES) return { id, losses };
  await deps.fail(id, 'closes-stream');
  return undefined;
};
