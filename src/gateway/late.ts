import { jidToHandle, renderHandle } from '../bridge/address.ts';
import type { ReportTo } from '../bridge/report.ts';
import { delayedText } from '../bridge/sentences.ts';
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
    if (late?.reportTo?.kind === 'message') await sendNotice(deps, tx, late.reportTo, late.host);
    return late;
  });
  if (found?.reportTo?.kind === 'message') deps.wake.stanzas();
  return found !== undefined;
};

const sendNotice = async (
  deps: Deps,
  tx: Db,
  report: Extract<ReportTo, { kind: 'message' }>,
  host: string,
): Promise<void> => {
  const address = jidToHandle(report.contact, deps.domain);
  const handle = address.ok ? renderHandle(address.value.handle) : report.contact;
  await enqueueStanza(tx, {
    kind: 'message',
    type: 'chat',
    id: `late-${deps.newId()}`,
    from: deps.domain,
    // By now another client may be the one that is read.
    to: report.user.split('/', 1)[0] ?? report.user,
    body: delayedText({ handle, host }),
    lang: 'en',
  });
};
