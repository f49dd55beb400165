import type { Refusal } from '../bridge/outcome.ts';
import type { IncomingPresence } from '../bridge/stanza.ts';
import { enqueueStanza } from '../store/stanzas.ts';
import type { GatewayPorts } from './ports.ts';

/** A sentence with the reason, and an end to the pending request (product, "Roster is follow"). */
export const refuseSubscribe = async (
  deps: Pick<GatewayPorts, 'db' | 'wake' | 'toError'>,
  { toBare: from, fromBare: to }: IncomingPresence,
  refusal: Refusal,
): Promise<void> => {
  const error = deps.toError(refusal, undefined);
  await deps.db.transaction(async (tx) => {
    await enqueueStanza(tx, { kind: 'presence-error', from, to, error });
    await enqueueStanza(tx, { kind: 'presence', type: 'unsubscribed', from, to });
  });
  deps.wake.stanzas();
};
