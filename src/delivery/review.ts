import { type Db, isDatabaseAway } from '../store/database.ts';
import type { ClaimedDelivery } from '../store/deliveries.ts';
import { claimOverdue } from '../store/delivery-reviews.ts';
import type { DeliverPorts } from './deliver.ts';
import { LIFE_MS } from './schedule.ts';

const SECOND = 1000;
/** A try that is due when the time is over comes first. */
const GRACE_MS = 10 * 60 * SECOND;
const BATCH = 50;
const LEASE_SECONDS = 30;

/** After so long a delivery is over, sent or not. */
export const REVIEW_LIFE_SECONDS = (LIFE_MS + GRACE_MS) / SECOND;

/**
 * Looks at what has been on its way for long: gives up what had its time and was kept from its last try,
 * then lets `tellLate` tell the authors of what is late, one at a time until it finds none.
 */
export const reviewDeliveries = async (
  ports: Pick<DeliverPorts, 'settleRefused' | 'count' | 'log'> & {
    readonly db: Db;
    /** Tells the author of one late delivery; false where there is none. */
    readonly tellLate: (lifeSeconds: number) => Promise<boolean>;
  },
): Promise<void> => {
  const claim = { limit: BATCH, leaseSeconds: LEASE_SECONDS, lifeSeconds: REVIEW_LIFE_SECONDS };
  for (;;) {
    const overdue = await claimOverdue(ports.db, claim);
    for (const delivery of overdue) await giveUpOverdue(ports, delivery);
    if (overdue.length < BATCH) break;
  }
  while (await ports.tellLate(REVIEW_LIFE_SECONDS));
};

/** One that cannot be settled, by a mistake of ours, must not keep all the others from their end. */
const giveUpOverdue = async (
  ports: Pick<DeliverPorts, 'settleRefused' | 'count' | 'log'>,
  delivery: ClaimedDelivery,
): Promise<void> => {
  const { id, host, lastError } = delivery;
  const error = `not delivered within ${LIFE_MS / 3_600_000} hours: ${lastError ?? 'never sent'}`;
  ports.count('expired');
  ports.log.warn('delivery-given-up', { id, host, reason: 'host-unreachable', error });
  try {
    await ports.settleRefused(delivery, { reason: 'host-unreachable', host }, { status: undefined, error });
  } catch (failure) {
    if (isDatabaseAway(failure)) throw failure;
    ports.log.warn('delivery-interrupted', { id, host, error: String(failure) });
  }
};
