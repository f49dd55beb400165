import { abandonOn } from './abandon.ts';
import type { Unanswered } from './app-unanswered.ts';
import { type RefusalReason, refuse } from './bridge/outcome.ts';
import type { OutgoingStanza, Stanza } from './bridge/stanza.ts';
import { settlePatiently } from './delivery/settle.ts';
import { carryBounce } from './gateway/bounces.ts';
import { carryMessage } from './gateway/from-xmpp.ts';
import type { GatewayPorts, Settle } from './gateway/ports.ts';
import { carryPresence } from './gateway/subscriptions.ts';
import type { StepAside } from './gateway/waiting-room.ts';
import { type Log, toError } from './log.ts';

/** The same ports; once the signal has come nobody waits for other servers, or for a key to be made. */
export const withoutLongWaits = (ports: GatewayPorts, signal: AbortSignal): GatewayPorts => ({
  ...ports,
  resolveHandle: abandonOn(signal, ports.resolveHandle),
  fetchActor: abandonOn(signal, ports.fetchActor),
  fetchActorAsOfNow: abandonOn(signal, ports.fetchActorAsOfNow),
  takeKeyPair: abandonOn(signal, ports.takeKeyPair),
  readOwnCard: abandonOn(signal, ports.readOwnCard),
});

/** The same ports; whoever waits for another server waits aside, and is told at once where too many do. */
export const lookUpAside = (ports: GatewayPorts, stepAside: StepAside): GatewayPorts => ({
  ...ports,
  resolveHandle: (handle) =>
    stepAside(() => ports.resolveHandle(handle), refuse('over-limit', { host: handle.host })),
  readOwnCard: (jid) => stepAside(() => ports.readOwnCard(jid), undefined),
});

export type Carrying = {
  readonly ports: GatewayPorts;
  readonly log: Log;
  /** Rejects when nobody has time to wait any more. */
  readonly pause: (ms: number) => Promise<void>;
};

/**
 * Trouble of ours (the database is away, or the process stops) is told to whoever wrote. An error, or the end of a
 * subscription, has nobody who could be told and who would send it again: it is tried again for some seconds.
 */
export const carryStanza = async (
  { ports, log, pause }: Carrying,
  unanswered: Unanswered,
  stanza: Stanza,
): Promise<void> => {
  try {
    if (mayBeAnswered(stanza)) await carryOnce(ports, stanza);
    else await settlePatiently(pause, () => carryOnce(ports, stanza));
  } catch (error) {
    log.error('stanza-failed', { error: toError(error) });
    await tellTrouble(ports, unanswered, stanza, 'internal');
  }
};

/** Does what the stanza asks for. Rejects where the gateway itself is in trouble. */
export const carryOnce = async (ports: GatewayPorts, stanza: Stanza, settle?: Settle): Promise<void> => {
  switch (stanza.kind) {
    case 'message':
      return await carryMessage(ports, stanza, settle);
    case 'presence':
      return await carryPresence(ports, stanza);
    case 'bounce':
      return await carryBounce(ports, stanza);
  }
};

/** Only what a person did, and waits for an answer to, is answered. */
export const mayBeAnswered = (stanza: Stanza): boolean =>
  stanza.kind === 'message' || (stanza.kind === 'presence' && stanza.type === 'subscribe');

/** Tells who wrote why the stanza was not carried; without the database, which may be the trouble. */
export const tellTrouble = async (
  ports: Answering,
  unanswered: Unanswered,
  stanza: Stanza,
  reason: RefusalReason,
): Promise<void> => {
  const answer = troubleOf(ports, stanza, reason);
  if (answer !== undefined) await unanswered.tell(answer);
};

type Answering = Pick<GatewayPorts, 'toError' | 'newId'>;

const troubleOf = (
  { toError, newId }: Answering,
  stanza: Stanza,
  reason: RefusalReason,
): OutgoingStanza | undefined => {
  if (stanza.kind === 'message') {
    const { id = newId(), toBare, from, lang } = stanza;
    return {
      kind: 'message-error',
      id,
      from: toBare,
      to: from,
      error: toError({ reason }, lang),
    };
  }
  if (stanza.kind === 'presence' && stanza.type === 'subscribe') {
    const { toBare, fromBare } = stanza;
    return {
      kind: 'presence-error',
      from: toBare,
      to: fromBare,
      error: toError({ reason }, undefined),
    };
  }
  return undefined;
};
