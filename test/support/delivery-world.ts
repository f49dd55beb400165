import type { IncomingMessage } from 'node:http';
import { createAgent } from '../../src/activitypub/agent.ts';
import { createSend } from '../../src/activitypub/send.ts';
import { createSchemeMemory } from '../../src/activitypub/signatures/scheme-memory.ts';
import type { DeliverPorts } from '../../src/delivery/deliver.ts';
import { settleDelivered, settleRefused } from '../../src/gateway/outcome.ts';
import type { Database } from '../../src/store/database.ts';
import type { Delivery } from '../../src/store/deliveries.ts';
import { findScheme, rememberScheme } from '../../src/store/host-schemes.ts';
import { makeKey } from '../activitypub/support/keys.ts';
import { type Peer, startPeer } from '../activitypub/support/peer.ts';
import { deliveryOf, reportOf } from './deliveries.ts';
import { createTestGateway, type TestGateway } from './gateway.ts';

/** What the peer answers a POST: a status, with headers if there are any; or nothing, ever. */
export type Answer = { readonly status: number; readonly headers?: Record<string, string> } | 'silence';
type Answering = Answer | ((request: IncomingMessage) => Answer);

export type DeliveryWorld = {
  readonly peer: Peer;
  readonly gateway: TestGateway;
  readonly ports: DeliverPorts;
  readonly logged: readonly Readonly<Record<string, unknown>>[];
  /** What the peer answers from now on. */
  answer(next: Answering): void;
  /** A message to the peer, whose author waits to hear of it. */
  message(name: string, more?: Partial<Delivery>): Delivery;
  close(): Promise<void>;
};

/** A peer on loopback that follows a script, and all that a delivery to it needs but the loop. */
export const startDeliveryWorld = async (
  db: Database,
  changes: Partial<DeliverPorts> = {},
): Promise<DeliveryWorld> => {
  const script: { next: Answering } = { next: { status: 202 } };
  const peer = await startPeer((request, response) => {
    request.resume();
    const next = typeof script.next === 'function' ? script.next(request) : script.next;
    if (next !== 'silence') response.writeHead(next.status, next.headers).end();
  });
  const agent = createAgent({ allowPrivate: true });
  const schemes = createSchemeMemory({
    find: (host) => findScheme(db, host, new Date(0)),
    remember: (host, scheme) => rememberScheme(db, host, scheme),
  });
  const sending = { agent, allowPrivate: true, now: () => new Date(), schemes };
  const send = createSend(sending);
  // Who answers is never hurried: on a machine that is busy the answer may take as long as this.
  const sendToSilence = createSend({ ...sending, deadlineMs: 300 });
  const key = makeKey('https://ap.example/u/alice#main-key');
  const gateway = createTestGateway(db);
  const logged: Record<string, unknown>[] = [];
  const log = (event: string, fields: object): void => void logged.push({ event, ...fields });
  return {
    peer,
    gateway,
    logged,
    ports: {
      db,
      send: ({ inbox, body }) => (script.next === 'silence' ? sendToSilence : send)({ inbox, body, key }),
      settleDelivered: (delivery) => settleDelivered(gateway.ports, delivery),
      settleRefused: (...args) => settleRefused(gateway.ports, ...args),
      reach: async () => undefined,
      now: () => new Date(),
      random: () => 0,
      pause: async () => undefined,
      count: () => undefined,
      log: { info: log, warn: log },
      ...changes,
    },
    answer: (next) => {
      script.next = next;
    },
    message: (name, more = {}) =>
      deliveryOf(name, {
        inbox: `${peer.origin}/users/bob/inbox`,
        host: peer.host,
        reportTo: reportOf(name),
        ...more,
      }),
    close: async () => {
      await peer.close();
      await agent.close();
    },
  };
};
