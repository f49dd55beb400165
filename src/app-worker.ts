import { setTimeout as sleep } from 'node:timers/promises';
import { waitAtMost } from './abandon.ts';
import { parseActivity } from './activitypub/parse.ts';
import { parseJson } from './activitypub/parse-json.ts';
import type { Federation } from './app-federation.ts';
import { createHousekeeping } from './app-housekeeping.ts';
import type { Metrics } from './app-metrics.ts';
import type { Config } from './config.ts';
import type { DeliverPorts } from './delivery/deliver.ts';
import { createDeliveryLoop } from './delivery/delivery-loop.ts';
import { createInHand } from './delivery/in-hand.ts';
import { createRepeat } from './delivery/repeat.ts';
import { reviewDeliveries } from './delivery/review.ts';
import { within } from './delivery/within.ts';
import { createWorkLoop } from './delivery/work-loop.ts';
import type { Reach } from './failpoint.ts';
import { carryActivity } from './gateway/from-fediverse.ts';
import { tellLate } from './gateway/late.ts';
import { settleDelivered, settleRefused } from './gateway/outcome.ts';
import type { GatewayPorts } from './gateway/ports.ts';
import { type Log, toError } from './log.ts';
import { type Database, isDatabaseAway } from './store/database.ts';
import { bringForward } from './store/hosts.ts';
import {
  abandonActivity,
  type ClaimedActivity,
  claimActivities,
  finishActivity,
  postponeActivity,
  renewActivities,
} from './store/inbox.ts';
import { releaseActivities } from './store/release.ts';

/** Renewed while the work goes on: what a dead process held is free again after this. */
const LEASE_SECONDS = 30;
const RENEW_MS = 10_000;
/** Whoever takes longer to carry one activity hangs, and its slot is free again. */
const LONGEST_CARRY_MS = 90_000;
const ACTIVITIES_AT_ONCE = 16;
const POLL_MS = 1_000;
/** An activity that failed so often is set aside: it is a mistake of ours or of its maker. */
const MAX_ACTIVITY_ATTEMPTS = 12;
const REVIEW_MS = 30_000;
const ADVANCE_MS = 1_000;
/** Deliveries of a host that lives again, brought forward at once. */
const ADVANCED = 500;
/** At the end: what is not worked by then is given back, for another process or the next start. */
const STOP_GRACE_MS = 4_000;
const SECOND = 1_000;
const MINUTE = 60_000;

type WorkerDeps = {
  readonly config: Config;
  readonly log: Log;
  readonly db: Database;
  readonly federation: Federation;
  readonly ports: GatewayPorts;
  readonly reach: Reach;
  readonly metrics: Pick<Metrics, 'countDelivery'>;
};

export type Worker = {
  readonly start: () => void;
  /** Claims nothing more; what is not finished within a few seconds is free for the next claim. */
  readonly stop: () => Promise<void>;
  readonly wakeDeliveries: () => void;
  readonly wakeInbox: () => void;
};

/** The worker role: what was accepted is carried, what is due is delivered, what is over is forgotten. */
export const createWorker = (deps: WorkerDeps): Worker => {
  const { log, db, ports, federation } = deps;
  const deliverPorts: DeliverPorts = {
    db,
    send: federation.deliver,
    settleDelivered: (delivery) => settleDelivered(ports, delivery),
    settleRefused: (...args) => settleRefused(ports, ...args),
    reach: deps.reach,
    count: deps.metrics.countDelivery,
    now: ports.now,
    random: Math.random,
    pause: sleep,
    log,
  };
  const carrying = createInHand<ClaimedActivity>({
    claim: (limit) => claimActivities(db, { limit, leaseSeconds: LEASE_SECONDS }),
    work: (activity) => within(LONGEST_CARRY_MS, workActivity(deps, activity)),
    release: (claims) => releaseActivities(db, claims),
    isOurs: isDatabaseAway,
  });
  const deliveries = createDeliveryLoop({
    ports: deliverPorts,
    pollMs: POLL_MS,
    onError: (error) => log.error('delivery-failed', { error: toError(error) }),
  });
  const inbox = createWorkLoop({
    claim: carrying.claim,
    work: carrying.work,
    renewal: { renew: (held) => renewActivities(db, held, LEASE_SECONDS), everyMs: RENEW_MS },
    concurrency: ACTIVITIES_AT_ONCE,
    pollMs: POLL_MS,
    onError: (error) => log.error('inbox-failed', { error: toError(error) }),
  });
  const review = createRepeat({
    everyMs: REVIEW_MS,
    work: () =>
      reviewDeliveries({ ...deliverPorts, tellLate: (lifeSeconds) => tellLate(ports, lifeSeconds) }),
    onError: (error) => log.warn('review-failed', { error: toError(error) }),
  });
  const advance = createRepeat({
    everyMs: ADVANCE_MS,
    work: async () => {
      if ((await bringForward(db, ADVANCED)) > 0) deliveries.wake();
    },
    onError: (error) => log.warn('advance-failed', { error: toError(error) }),
  });
  const housekeeping = createHousekeeping({ retention: deps.config.retention, log, db });
  return {
    start: () => {
      deliveries.start();
      inbox.start();
      review.start();
      advance.start();
      housekeeping.start();
    },
    stop: async () => {
      housekeeping.stop();
      await waitAtMost(
        STOP_GRACE_MS,
        Promise.all([deliveries.stop(), inbox.stop(), review.stop(), advance.stop()]),
      );
      await Promise.all([deliveries.giveBack(), carrying.giveBack()]);
    },
    wakeDeliveries: deliveries.wake,
    wakeInbox: inbox.wake,
  };
};

/** What was accepted was parsed once at the gate; here it becomes a type, and is carried or set aside. */
const workActivity = async ({ db, log, ports, reach }: WorkerDeps, row: ClaimedActivity): Promise<void> => {
  if (row.attempts > 2 * MAX_ACTIVITY_ATTEMPTS)
    return await abandonActivity(db, row, `claimed ${row.attempts - 1} times without a result`);
  const json = parseJson(Buffer.from(row.body));
  const parsed = json.ok ? parseActivity(json.value) : json;
  if (!parsed.ok) {
    log.info('activity-ignored', { id: row.activityId, problem: parsed.problem });
    return await abandonActivity(db, row, parsed.problem);
  }
  try {
    await reach('in.claimed');
    await carryActivity(ports, parsed.value, row);
    await reach('in.carried');
    await finishActivity(db, row);
  } catch (error) {
    // That says nothing about the activity: it goes again at once, and is never set aside for it.
    if (isDatabaseAway(error)) throw error;
    log.warn('activity-failed', { id: row.activityId, attempt: row.attempts, error: toError(error) });
    if (row.attempts >= MAX_ACTIVITY_ATTEMPTS) return await abandonActivity(db, row, String(error));
    const pause = Math.min(2 ** row.attempts * SECOND, 10 * MINUTE);
    await postponeActivity(db, row, new Date(Date.now() + pause), String(error));
  }
};
