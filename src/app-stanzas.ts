import { abandonOn } from './abandon.ts';
import type { Unanswered } from './app-unanswered.ts';
import type { OutgoingStanza, Stanza } from './bridge/stanza.ts';
import { carryMessage } from './gateway/from-xmpp.ts';
import type { GatewayPorts } from './gateway/ports.ts';
import { carryPresence } from './gateway/subscriptions.ts';
import { type Log, toError } from './log.ts';

/** The same ports; once the signal has come nobody waits for other servers, or for a key to be made. */
export const withoutLongWaits = (ports: GatewayPorts, signal: AbortSignal): GatewayPorts => ({
  ...ports,
  resolveHandle: abandonOn(signal, ports.resolveHandle),
  fetchActor: abandonOn(signal, ports.fetchActor),
  takeKeyPair: abandonOn(signal, ports.takeKeyPair),
});

/** Trouble of ours (the database is away, or the process stops) is told to whoever wrote. */
export const carryStanza = async (
  { ports, log }: { readonly ports: GatewayPorts; readonly log: Log },
  unanswered: Unanswered,
  stanza: Stanza,
): Promise<void> => {
  try {
    switch (stanza.kind) {
      case 'message':
        return await carryMessage(ports, stanza);
      case 'presence':
        return await carryPresence(ports, stanza);
      case 'bounce':
        log.info('bounce', { stanza: stanza.stanza, condition: stanza.condition });
    }
  } catch (error) {
    log.error('stanza-failed', { error: toError(error) });
    const answer = troubleOf(ports, stanza);
    if (answer !== undefined) await unanswered.tell(answer);
  }
};

type Answering = Pick<GatewayPorts, 'toError' | 'newId'>;

/** Only what a person did, and waits for an answer to, is answered. */
const troubleOf = ({ toError, newId }: Answering, stanza: Stanza): OutgoingStanza | undefined => {
  if (stanza.kind === 'message') {
    const { id = newId(), toBare, from, lang } = stanza;
    return {
      kind: 'message-error',
      id,
      from: toBare,
      to: from,
      error: toError({ reason: 'internal' }, lang),
    };
  }
  if (stanza.kind === 'presence' && stanza.type === 'subscribe') {
    const { toBare, fromBare } = stanza;
    return {
      kind: 'presence-error',
      from: toBare,
      to: fromBare,
      error: toError({ reason: 'internal' }, undefined),
    };
  }
  return undefined;
};
