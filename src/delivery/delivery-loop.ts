import { isDatabaseAway } from '../store/database.ts';
import type { ClaimedDelivery } from '../store/deliveries.ts';
import { claimDeliveries, isSuspect, renewDeliveries } from '../store/delivery-claims.ts';
import { releaseDeliveries } from '../store/release.ts';
import { type DeliverPorts, deliver } from './deliver.ts';
import { createHostSlots } from './host-slots.ts';
import { createInHand, type InHand } from './in-hand.ts';
import { createWorkLoop, type WorkLoop } from './work-loop.ts';

const AT_ONCE = 64;
/** A host that answers slowly, or never, holds no more slots than these. */
const AT_ONCE_PER_HOST = 16;
const LEASE_SECONDS = 30;
const RENEW_MS = 10_000;

/**
 * The loop that sends. A delivery that was claimed repeatedly without a result goes alone among its kind, so
 * that of all that were under way when a process died only the guilty one is still there at the next death.
 */
export const createDeliveryLoop = (options: {
  readonly ports: DeliverPorts;
  readonly pollMs: number;
  readonly onError: (error: unknown) => void;
}): WorkLoop & Pick<InHand<ClaimedDelivery>, 'giveBack'> => {
  const { ports, pollMs, onError } = options;
  const slots = createHostSlots(AT_ONCE_PER_HOST);
  const suspects = new Set<ClaimedDelivery>();
  const inHand = createInHand<ClaimedDelivery>({
    claim: (limit) =>
      claimDeliveries(ports.db, {
        limit,
        leaseSeconds: LEASE_SECONDS,
        perHost: AT_ONCE_PER_HOST,
        room: slots.room(),
        suspects: suspects.size === 0,
      }),
    work: async (delivery) => {
      slots.begin(delivery.host);
      if (isSuspect(delivery)) suspects.add(delivery);
      try {
        await deliver(ports, delivery);
      } finally {
        suspects.delete(delivery);
        slots.end(delivery.host);
      }
    },
    release: (claims) => releaseDeliveries(ports.db, claims),
    isOurs: isDatabaseAway,
  });
  const loop = createWorkLoop<ClaimedDelivery>({
    claim: inHand.claim,
    work: inHand.work,
    renewal: { renew: (held) => renewDeliveries(ports.db, held, LEASE_SECONDS), everyMs: RENEW_MS },
    concurrency: AT_ONCE,
    pollMs,
    onError,
  });
  return { ...loop, giveBack: inHand.giveBack };
};
