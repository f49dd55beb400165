import { permitSender } from '../bridge/policy.ts';
import type { IncomingPresence } from '../bridge/stanza.ts';
import { deleteGatewaySubscriber, saveGatewaySubscriber } from '../store/gateway-subscribers.ts';
import { enqueueStanza } from '../store/stanzas.ts';
import type { GatewayPorts } from './ports.ts';
import { refuseSubscribe } from './refuse-subscribe.ts';

type Deps = Pick<GatewayPorts, 'db' | 'wake' | 'toError' | 'rules'>;

/**
 * Presence to the gateway's own JID (XEP-0100 4): a contact that says yes to all who may use it, registered or not,
 * and follows nobody. Presence itself is not answered, so that two gateways never greet each other for ever.
 */
export const answerForGateway = async (deps: Deps, presence: IncomingPresence): Promise<void> => {
  const permitted = permitSender(deps.rules, presence.fromBare, true);
  switch (presence.type) {
    case 'subscribe':
      return permitted.ok
        ? await welcome(deps, presence)
        : await refuseSubscribe(deps, presence, permitted.refusal);
    case 'probe':
      return permitted.ok ? await welcome(deps, presence) : await endForStranger(deps, presence);
    case 'unsubscribe':
      return await leave(deps, presence);
    case 'subscribed':
    case 'unsubscribed':
    case 'available':
    case 'unavailable':
      return;
  }
};

/** A server probes for those alone who are subscribed (RFC 6121 4.3.1), so a probe counts as the proof of it. */
const welcome = async (deps: Deps, { type, from, fromBare, toBare }: IncomingPresence): Promise<void> => {
  await deps.db.transaction(async (tx) => {
    await saveGatewaySubscriber(tx, fromBare);
    if (type === 'subscribe')
      await enqueueStanza(tx, { kind: 'presence', type: 'subscribed', from: toBare, to: fromBare });
    await enqueueStanza(tx, { kind: 'presence', type: 'available', from: toBare, to: from });
  });
  deps.wake.stanzas();
};

const endForStranger = async (deps: Deps, { fromBare, toBare }: IncomingPresence): Promise<void> => {
  await enqueueStanza(deps.db, { kind: 'presence', type: 'unsubscribed', from: toBare, to: fromBare });
  deps.wake.stanzas();
};

/** Seen to go, and no more: an `unsubscribed` could end a new request that is on its way (RFC 6121 3.3.3). */
const leave = async (deps: Deps, { fromBare, toBare }: IncomingPresence): Promise<void> => {
  await deps.db.transaction(async (tx) => {
    await deleteGatewaySubscriber(tx, fromBare);
    await enqueueStanza(tx, { kind: 'presence', type: 'unavailable', from: toBare, to: fromBare });
  });
  deps.wake.stanzas();
};
