import type { Db } from '../store/database.ts';
import { enqueueStanza } from '../store/stanzas.ts';
import type { GatewayPorts } from './ports.ts';

/** A message from the gateway's own JID, of no conversation. Call `deps.wake.stanzas()` after the commit. */
export const tell = (
  deps: Pick<GatewayPorts, 'domain' | 'newId'>,
  tx: Db,
  to: string,
  body: string,
): Promise<void> =>
  enqueueStanza(tx, {
    kind: 'message',
    type: 'chat',
    id: `notice-${deps.newId()}`,
    from: deps.domain,
    to,
    body,
    lang: 'en',
  });
