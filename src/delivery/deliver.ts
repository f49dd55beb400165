import type { Refusal } from '../bridge/outcome.ts';
import type { SendResult } from '../bridge/send-result.ts';
import { type Database, isDatabaseAway } from '../store/database.ts';
import { type ClaimedDelivery, postponeDelivery, returnDelivery, type Trouble } from '../store/deliveries.ts';
import { changeHost, closeHost } from '../store/hosts.ts';
import { KEY_NEWS_PAUSE_MS } from '../store/key-times.ts';
import { afterFailure, afterNeutralProbe, healthOf } from './breaker.ts';
import { judge, type Verdict } from './schedule.ts';
import { settlePatiently } from './settle.ts';
import { within } from './within.ts';

/** Claimed so often without a result, a delivery is set aside: it may be what ends the process. */
export const MAX_UNANSWERED = 8;
/** After a mistake of ours the same delivery waits a little: what it met may be mended by then. */
const AFTER_MISTAKE_MS = 30_000;
const AFTER_ABSENCE_MS = 1_000;
/** All parts of a try have deadlines of their own, below this in sum: whoever takes longer hangs. */
const LONGEST_MS = 45_000;

export type DeliverPorts = {
  readonly db: Database;
  /** Signs with the sender's key and posts the stored bytes. */
  readonly send: (delivery: ClaimedDelivery) => Promise<SendResult>;
  /** Both: false when somebody else holds the delivery by now; then nothing was written. */
  readonly settleDelivered: (delivery: ClaimedDelivery) => Promise<boolean>;
  readonly settleRefused: (delivery: ClaimedDelivery, refusal: Refusal, trouble: Trouble) => Promise<boolean>;
  /** Does nothing but where a test makes this process fail at the step. */
  readonly reach: (step: 'out.claimed' | 'out.posted') => Promise<void>;
  /** Told how each try ended; `expired` is the last of many that had no answer. */
  readonly count: (result: 'ok' | 'retry' | 'permanent' | 'expired') => void;
  readonly now: () => Date;
  /** 0 … 1 */
  readonly random: () => number;
  readonly pause: (ms: number) => Promise<void>;
  readonly log: {
    readonly info: (event: string, fields: Readonly<Record<string, string | number | undefined>>) => void;
    readonly warn: (event: string, fields: Readonly<Record<string, string | number | undefined>>) => void;
  };
};

/**
 * One try of one claimed delivery: send, then complete, postpone or give up, and note what that says of the
 * host. Nothing is sent where the delivery was claimed too often without a result, or where its host is dead.
 * Throws only when the database stays away: then the lease brings the delivery back.
 */
export const deliver = async (ports: DeliverPorts, delivery: ClaimedDelivery): Promise<void> => {
  try {
    await within(LONGEST_MS, attempt(ports, delivery));
  } catch (error) {
    await giveBack(ports, delivery, error);
  }
};

const attempt = async (ports: DeliverPorts, delivery: ClaimedDelivery): Promise<void> => {
  if (delivery.taken) return void (await settlePatiently(ports.pause, () => ports.settleDelivered(delivery)));
  const hopeless = whyNotSend(delivery);
  if (hopeless !== undefined) return await giveUp(ports, delivery, hopeless.refusal, hopeless);
  await ports.reach('out.claimed');
  const result = await ports.send(delivery);
  await ports.reach('out.posted');
  await settle(ports, delivery, result);
};

type Hopeless = Trouble & { readonly refusal: Refusal };

const whyNotSend = ({ unanswered, hostHealth, host, lastError }: ClaimedDelivery): Hopeless | undefined => {
  if (unanswered > MAX_UNANSWERED) {
    const error = `set aside after ${MAX_UNANSWERED} claims without a result: ${lastError ?? 'no error was written'}`;
    return { refusal: { reason: 'internal', host }, status: undefined, error };
  }
  if (hostHealth !== 'dead') return undefined;
  const error = `not sent, the host is dead: ${lastError ?? 'it failed before'}`;
  return { refusal: { reason: 'host-unreachable', host }, status: undefined, error };
};

const giveUp = async (
  ports: DeliverPorts,
  delivery: ClaimedDelivery,
  refusal: Refusal,
  { status, error }: Trouble,
): Promise<void> => {
  const { id, host } = delivery;
  ports.count(resultOf({ kind: 'give-up', refusal }));
  ports.log.warn('delivery-given-up', { id, host, status, reason: refusal.reason, error });
  await settlePatiently(ports.pause, () => ports.settleRefused(delivery, refusal, { status, error }));
};

const settle = async (ports: DeliverPorts, delivery: ClaimedDelivery, result: SendResult): Promise<void> => {
  const now = ports.now();
  const verdict = judge(result, {
    tries: delivery.tries + 1,
    ageMs: now.getTime() - delivery.createdAt.getTime(),
    host: delivery.host,
    jitter: ports.random(),
  });
  ports.count(resultOf(verdict));
  const trouble = troubleOf(result);
  ports.log.info('delivery', {
    id: delivery.id,
    host: delivery.host,
    attempt: delivery.attempts,
    status: trouble.status,
    verdict: verdict.kind,
    ...(verdict.kind === 'done' ? {} : { error: trouble.error }),
  });
  const settled = await settlePatiently(ports.pause, () =>
    settleVerdict(ports, delivery, verdict, trouble, now),
  );
  if (settled) await settlePatiently(ports.pause, () => noteHealth(ports.db, delivery, result, verdict, now));
  else ports.log.warn('delivery-taken-over', { id: delivery.id, host: delivery.host });
};

const troubleOf = (result: SendResult): Trouble =>
  result.kind === 'answered'
    ? { status: result.status, error: `HTTP ${result.status}` }
    : { status: undefined, error: `${result.cause}: ${result.problem}` };

const settleVerdict = async (
  ports: DeliverPorts,
  delivery: ClaimedDelivery,
  verdict: Verdict,
  trouble: Trouble,
  now: Date,
): Promise<boolean> => {
  switch (verdict.kind) {
    case 'done': {
      if (delivery.oldKey === undefined) return await ports.settleDelivered(delivery);
      const dueAt = new Date(now.getTime() + KEY_NEWS_PAUSE_MS);
      return await postponeDelivery(ports.db, delivery, { ...trouble, dueAt, patient: true });
    }
    case 'give-up':
      return await ports.settleRefused(delivery, verdict.refusal, trouble);
    case 'retry': {
      const dueAt = new Date(now.getTime() + verdict.inMs);
      return await postponeDelivery(ports.db, delivery, { ...trouble, dueAt, patient: verdict.patient });
    }
  }
};

/** A host that is well has no row, and a success there writes none. */
const noteHealth = async (
  db: Database,
  { host, hostHealth }: ClaimedDelivery,
  result: SendResult,
  verdict: Verdict,
  now: Date,
): Promise<void> => {
  const health = healthOf(result);
  if (health === 'failed')
    return await db.transaction((tx) => changeHost(tx, host, (state) => afterFailure(state, now)));
  if (hostHealth === 'well') return;
  if (health === 'alive') return await closeHost(db, host);
  const inMs = verdict.kind === 'retry' ? verdict.inMs : AFTER_ABSENCE_MS;
  await db.transaction((tx) => changeHost(tx, host, (state) => afterNeutralProbe(state, now, inMs)));
};

/**
 * Something threw. Where the database was away the delivery is not to blame; else the claim counts among
 * those without a result, and what was thrown stays with it.
 */
const giveBack = async (ports: DeliverPorts, delivery: ClaimedDelivery, error: unknown): Promise<void> => {
  const away = isDatabaseAway(error);
  const text = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  ports.log.warn('delivery-interrupted', { id: delivery.id, host: delivery.host, error: text });
  await settlePatiently(ports.pause, () =>
    returnDelivery(ports.db, delivery, {
      dueAt: new Date(ports.now().getTime() + (away ? AFTER_ABSENCE_MS : AFTER_MISTAKE_MS)),
      error: text,
      counts: !away,
    }),
  );
};

const resultOf = (verdict: Verdict): 'ok' | 'retry' | 'permanent' | 'expired' => {
  switch (verdict.kind) {
    case 'done':
      return 'ok';
    case 'retry':
      return 'retry';
    case 'give-up':
      return verdict.refusal.reason === 'host-unreachable' ? 'expired' : 'permanent';
  }
};
