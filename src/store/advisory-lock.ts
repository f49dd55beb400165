import { setTimeout as pause } from 'node:timers/promises';
import { Client } from 'pg';

/** `waiting`: another session holds it. `unreachable`: the database does not answer, so nobody can tell. */
export type LockState = 'held' | 'waiting' | 'unreachable';

/** Milliseconds. */
export type LockTiming = {
  /** Between two looks: at whether the lock is free, or at whether it is still ours. */
  readonly look: number;
  /** Without an answer for so long the connection is dead and the lock counts as lost. */
  readonly answer: number;
  /**
   * The server ends a session that asked nothing for so long, and frees its lock. More than `look` and
   * `answer` together: the holder knows of its loss before anybody else can become the holder.
   */
  readonly silence: number;
};

/** A dead, hung or cut off holder is replaced within `silence` and `look`, plus the time to connect. */
export const LOCK_TIMING: LockTiming = { look: 1_000, answer: 4_000, silence: 8_000 };

export type LockOptions = {
  readonly url: string;
  /** Advisory locks are numbers, and shared by all who use the same database. */
  readonly key: number;
  readonly timing?: LockTiming;
  /** Milliseconds that never go back. */
  readonly clock: () => number;
  /** Each change, in order; the first report is a change from `unreachable`. Must not throw. */
  readonly onState: (state: LockState) => void;
  /** The connection broke, or could not be made. It is made again by itself. */
  readonly onError: (error: unknown) => void;
};

export type AdvisoryLock = {
  /** Tries to become the holder, again and again, until `stop`. */
  readonly start: () => void;
  /** Frees the lock; resolves when the server knows, or when it did not answer in time. */
  readonly stop: () => Promise<void>;
  readonly state: () => LockState;
  /** A number for the time since the lock was won, another one each time; undefined while it is not held. */
  readonly term: () => number | undefined;
};

/**
 * Holds a PostgreSQL advisory lock on a connection of its own, for as long as it can, so that of several
 * processes exactly one does what only one may do. The lock belongs to the session (PostgreSQL 13.3.5): it is
 * free again when the holder's process ends. Against a holder that hangs while the kernel keeps its connection
 * alive, the session has an `idle_session_timeout`: no question for `silence`, no lock.
 * NOTE a pooler that hands sessions round between clients (PgBouncer in transaction mode) breaks this.
 */
export const createAdvisoryLock = (options: LockOptions): AdvisoryLock => {
  const { timing = LOCK_TIMING } = options;
  let state: LockState = 'unreachable';
  let answeredAt = 0;
  let terms = 0;
  let stopping = new AbortController();
  let running: Promise<void> | undefined;
  const set = (next: LockState): void => {
    answeredAt = options.clock();
    if (next === state) return;
    state = next;
    if (next === 'held') terms += 1;
    options.onState(next);
  };
  /** A process that stood still may not have heard yet what happened meanwhile. */
  const believed = (): LockState =>
    state === 'held' && options.clock() - answeredAt > timing.look + timing.answer ? 'unreachable' : state;
  const run = async (stopped: AbortSignal): Promise<void> => {
    while (!stopped.aborted) {
      try {
        await holdOnce({ ...options, timing }, set, stopped);
      } catch (error) {
        options.onError(error);
      }
      await rest(timing.look, stopped);
    }
  };
  return {
    start: () => {
      if (running !== undefined) return;
      stopping = new AbortController();
      running = run(stopping.signal);
    },
    stop: async () => {
      stopping.abort();
      await running;
      running = undefined;
    },
    state: believed,
    term: () => (believed() === 'held' ? terms : undefined),
  };
};

type Holding = LockOptions & { readonly timing: LockTiming };

/** The life of one connection. Returns when it is over or no longer wanted; rejects when it broke. */
const holdOnce = async (
  options: Holding,
  set: (state: LockState) => void,
  stopped: AbortSignal,
): Promise<void> => {
  const { timing, key } = options;
  const client = new Client({
    connectionString: options.url,
    application_name: 'causeway lock',
    connectionTimeoutMillis: timing.answer,
    query_timeout: timing.answer,
    keepAlive: true,
  });
  const over = new AbortController();
  const broken = Promise.withResolvers<never>();
  // It may reject while a query is waited for, whose own rejection is then the one that is seen.
  broken.promise.catch(() => undefined);
  const breakDown = (error: Error): void => {
    broken.reject(error);
    over.abort();
  };
  client.on('error', breakDown);
  client.on('end', () => breakDown(new Error('the connection of the lock was closed')));
  const wanted = AbortSignal.any([stopped, over.signal]);
  try {
    await client.connect();
    await client.query("select set_config('idle_session_timeout', $1, false)", [`${timing.silence}ms`]);
    let isHeld = false;
    while (!wanted.aborted) {
      if (isHeld) await client.query('select');
      else isHeld = await tryToTake(client, key);
      set(isHeld ? 'held' : 'waiting');
      await rest(timing.look, wanted);
    }
    if (!stopped.aborted) await broken.promise;
  } finally {
    // First of all: whoever is told to do nothing more without the lock must hear it at once.
    set('unreachable');
    await leave(client, timing.answer);
  }
};

const tryToTake = async (client: Client, key: number): Promise<boolean> => {
  const { rows } = await client.query<{ taken: boolean }>('select pg_try_advisory_lock($1) as taken', [key]);
  return rows[0]?.taken === true;
};

/** A dead connection cannot be closed in order; it is not waited for. */
const leave = async (client: Client, maxMs: number): Promise<void> => {
  const left = new AbortController();
  const ended = client.end().then(
    () => left.abort(),
    () => left.abort(),
  );
  await Promise.race([ended, rest(maxMs, left.signal)]);
};

/** Sleeps, or wakes up early when told. */
const rest = (ms: number, wake: AbortSignal): Promise<void> =>
  pause(ms, undefined, { signal: wake }).catch(() => undefined);
