import { jidToHandle, renderHandle } from '../bridge/address.ts';
import type { ReportTo } from '../bridge/report.ts';
import { delayedText, undeliveredText } from '../bridge/sentences.ts';
import type { Db } from '../store/database.ts';
import { takeLateDelivery } from '../store/delivery-reviews.ts';
import { enqueueStanza } from '../store/stanzas.ts';
import type { HasClock, HasDatabase, HasIdentity, HasWake } from './ports.ts';

type Deps = HasDatabase & HasIdentity & HasClock & HasWake;

/**
 * Tells the author of one message that it is late, once for each message and in the transaction that notes
 * it. From the gateway's own JID: it belongs to no conversation. False where no delivery is late.
 * @param lifeSeconds after which a delivery is given up instead
 */
export const tellLate = async (deps: Deps, lifeSeconds: number): Promise<boolean> => {
  const found = await deps.db.transaction(async (tx) => {
    const late = await takeLateDelivery(tx, lifeSeconds);
    if (late?.reportTo?.kind === 'message') {
      const text = delayedText({ handle: handleOf(deps, late.reportTo), host: late.host });
      await sendNotice(deps, tx, late.reportTo, { id: 'late', text });
    }
    return late;
  });
  if (found?.reportTo?.kind === 'message') deps.wake.stanzas();
  return found !== undefined;
};

/**
 * Tells the author of a message that was late and is given up now. The error stanza goes to the client that sent
 * it, days ago, and no server keeps it for one that is away; who was told of the delay hears of its end.
 */
export const tellUndelivered = (
  deps: Noticing,
  tx: Db,
  report: MessageReport,
  failed: { readonly createdAt: Date; readonly reason: string },
): Promise<void> => {
  const { createdAt, reason } = failed;
  const text = undeliveredText({ handle: handleOf(deps, report), sentAt: createdAt.toISOString(), reason });
  return sendNotice(deps, tx, report, { id: 'undelivered', text });
};

type MessageReport = Extract<ReportTo, { kind: 'message' }>;
type Noticing = Pick<Deps, 'domain' | 'newId'>;

const handleOf = ({ domain }: Noticing, { contact }: MessageReport): string => {
  const address = jidToHandle(contact, domain);
  return address.ok ? renderHandle(address.value.handle) : contact;
};

const sendNotice = (
  { domain, newId }: Noticing,
  tx: Db,
  { user }: MessageReport,
  { id, text }: { readonly id: string; readonly text: string },
): Promise<void> =>
  enqueueStanza(tx, {
    kind: 'message',
    type: 'chat',
    id: `${id}-${newId()}`,
    from: domain,
    // By now another client may be the one that is read.
    to: user.split('/', 1)[0] ?? user,
    body: text,
    lang: 'en',
  });
