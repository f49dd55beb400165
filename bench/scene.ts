import type { RemoteActor } from '../src/bridge/actor.ts';
import { createEventLog, type EventLog } from '../test/support/event-log.ts';
import type { UndoStack } from '../test/support/undo.ts';
import { ALICE, contactOf, invitePeers, type People } from './people.ts';
import { type HttpSink, startHttpSink } from './sinks/http-sink.ts';
import { startXmppSink, type XmppSink } from './sinks/xmpp-sink.ts';

/** When something arrived, in milliseconds of `performance.now()`. */
export type Arrival = { readonly at: number };
export type Written = Arrival & { readonly xml: string };

/** Both neighbours of a gateway in this process, which thus sees a message go in and come out. */
export type Scene = {
  readonly people: People;
  readonly sink: HttpSink;
  readonly xmpp: XmppSink;
  /** What the gateway posted. */
  readonly posts: EventLog<Arrival>;
  /** Messages that the gateway wrote. */
  readonly written: EventLog<Written>;
};

export const openScene = async (undo: UndoStack, peers: number): Promise<Scene> => {
  const posts = createEventLog<Arrival>();
  const written = createEventLog<Written>();
  const sink = await startHttpSink(1, () => posts.add({ at: performance.now() }));
  undo.add(sink.close);
  const xmpp = await startXmppSink((xml) => written.add({ at: performance.now(), xml }));
  undo.add(xmpp.close);
  return { people: await invitePeers(peers, sink.origins), sink, xmpp, posts, written };
};

/** What Alice's server hands to the component when she writes to a peer and wants a receipt. */
export const chatStanza = (peer: RemoteActor, id: string): string =>
  `<message type='chat' id='${id}' from='${ALICE.jid}/phone' to='${contactOf(peer)}'><body>See you at ten (${id})</body><request xmlns='urn:xmpp:receipts'/></message>`;

/** Whether a message that the gateway wrote is the receipt for that id (XEP-0184). */
export const isReceipt = ({ xml }: Written, id: string): boolean =>
  xml.includes('urn:xmpp:receipts') && xml.includes(`id="${id}"`);
