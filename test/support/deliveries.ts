import type { Database, Db } from '../../src/store/database.ts';
import { type ClaimedDelivery, type Delivery, enqueueDelivery } from '../../src/store/deliveries.ts';
import { type ClaimOptions, claimDeliveries } from '../../src/store/delivery-claims.ts';

/** A delivery of Alice's in a lane of its own, unless told otherwise. */
export const deliveryOf = (name: string, more: Partial<Delivery> = {}): Delivery => ({
  activityId: name,
  sender: 'alice',
  inbox: `https://${more.host ?? 's.example'}/inbox`,
  host: 's.example',
  lane: name,
  body: JSON.stringify({ name }),
  noteId: undefined,
  reportTo: undefined,
  ...more,
});

/** Whom to tell of a message with this stanza id. */
export const reportOf = (stanzaId: string) =>
  ({
    kind: 'message',
    user: 'alice@xmpp.example/phone',
    contact: 'bob%s.example@ap.example',
    addressed: 'bob%s.example@ap.example',
    stanzaId,
    wantsReceipt: true,
    lang: 'en',
  }) as const;

export const enqueueAll = async (db: Db, ...deliveries: readonly Delivery[]): Promise<void> => {
  for (const delivery of deliveries) await enqueueDelivery(db, delivery);
};

/** Claims as a worker does. */
export const claim = (db: Db, options: Partial<ClaimOptions> = {}): Promise<readonly ClaimedDelivery[]> =>
  claimDeliveries(db, { limit: 10, leaseSeconds: 30, perHost: 4, ...options });

export const claimNames = async (db: Db, options: Partial<ClaimOptions> = {}): Promise<readonly string[]> =>
  (await claim(db, options)).map(({ activityId }) => activityId);

/** The one delivery that can be claimed now. */
export const claimOne = async (db: Db): Promise<ClaimedDelivery> => {
  const [only, ...others] = await claim(db);
  if (only === undefined || others.length > 0) throw new Error(`claimed ${others.length + (only ? 1 : 0)}`);
  return only;
};

/** Lets time go by: everything that was written happened, and is due, that much earlier. */
export const letPass = async (db: Database, ms: number): Promise<void> => {
  const seconds = ms / 1000;
  await db.transaction(async (tx) => {
    await tx.query(
      `update deliveries set created_at = created_at - make_interval(secs => $1),
         due_at = due_at - make_interval(secs => $1), review_at = review_at - make_interval(secs => $1),
         lease_until = lease_until - make_interval(secs => $1)`,
      [seconds],
    );
    await tx.query(
      `update hosts set open_until = open_until - make_interval(secs => $1),
         probe_until = probe_until - make_interval(secs => $1), spoke_at = spoke_at - make_interval(secs => $1),
         updated_at = updated_at - make_interval(secs => $1),
         recent_failures = array(select at - make_interval(secs => $1) from unnest(recent_failures) at)`,
      [seconds],
    );
  });
};
