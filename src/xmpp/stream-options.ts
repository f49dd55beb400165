import type { OutgoingStanza, Stanza } from '../bridge/stanza.ts';
import type { EntityCaps } from './caps.ts';
import type { Element } from './element.ts';
import type { Advertised } from './privileges.ts';
import type { Roundtrips } from './roundtrips.ts';

export type StreamState = {
  readonly status: 'online' | 'connecting' | 'down';
  /** What keeps it from being online, for the admin: a sentence without addresses. */
  readonly problem: string | undefined;
};

/**
 * `written`: handed to the socket, which proves nothing yet (see `barrier`). `down`: not connected, try
 * again later. The other two will never go: `too-large`, and `invalid` (an address that would make the
 * server close the stream).
 */
export type SendResult = 'written' | 'down' | 'too-large' | 'invalid';

export type Log = {
  readonly info: (fields: object, message: string) => void;
  readonly warn: (fields: object, message: string) => void;
};

/** Milliseconds. */
export type StreamTiming = {
  /** From nothing to a finished handshake. */
  readonly open: number;
  /** Without a byte for so long: ask. */
  readonly pingAfter: number;
  /** Without an answer for so long: the connection is dead. */
  readonly pongWithin: number;
  readonly backoffFirst: number;
  readonly backoffMax: number;
  /** Online for so long: the next trouble starts with the first delay again. */
  readonly stable: number;
  /** For an orderly end. */
  readonly close: number;
};

export const STREAM_TIMING: StreamTiming = {
  open: 10_000,
  pingAfter: 10_000,
  pongWithin: 15_000,
  backoffFirst: 1_000,
  backoffMax: 30_000,
  stable: 30_000,
  close: 5_000,
};

/** Bytes, and handlers at work. Prosody's own limits are 512 KiB for a component and 256 KiB for a client. */
export const STREAM_LIMITS = { outbound: 200 * 1024, inbound: 512 * 1024, handlers: 256 } as const;

export type StreamOptions = {
  readonly host: string;
  readonly port: number;
  /** The component's JID. */
  readonly domain: string;
  readonly secret: string;
  /** Goes with available presence. */
  readonly caps?: EntityCaps;
  /** Called in the order of the wire; promises are not waited for, but while too many are open reading stops. */
  readonly onStanza: (stanza: Stanza) => void | Promise<void>;
  /** The answer to an iq, undefined for none (`answerIq`). */
  readonly onIq: (iq: Element) => Promise<Element | undefined>;
  /** Each change, also of the problem alone. */
  readonly onState: (state: StreamState) => void;
  readonly log: Log;
  readonly now: () => Date;
  /** In [0, 1). */
  readonly random: () => number;
  readonly timing?: StreamTiming;
  /** A server said what the component may do (XEP-0356). */
  readonly onPrivileges?: (advertised: Advertised) => void;
  readonly limits?: { readonly outbound: number; readonly inbound: number; readonly handlers: number };
};

export type Stream = {
  /** Connects, and reconnects until `stop`. */
  readonly start: () => void;
  /** Closes in order: nothing more goes out, what the server has sent is still handed over and waited for. */
  readonly stop: () => Promise<void>;
  readonly send: (stanza: OutgoingStanza) => SendResult;
  /** True when the server has taken everything that was written before this call. */
  readonly barrier: (timeoutMs: number) => Promise<boolean>;
  /** Asks somebody (iq): the result or the error; undefined when neither came within `timeoutMs`. */
  readonly question: Roundtrips['question'];
  readonly state: () => StreamState;
};
