import { StringDecoder } from 'node:string_decoder';
import { type Component, component, type Element } from '@xmpp/component';
import type { StreamEnd } from './stream-end.ts';

export type ConnectionOptions = {
  readonly host: string;
  readonly port: number;
  /** The component's JID. */
  readonly domain: string;
  readonly secret: string;
  /** Milliseconds for the way from nothing to a finished handshake. */
  readonly openMs: number;
  /** A stanza of more bytes than this is not read to its end: the connection ends. */
  readonly maxInboundBytes: number;
  /** The handshake is done. Comes at most once, before the first stanza. */
  readonly onOpen: () => void;
  /** An iq, message or presence. Must not throw. */
  readonly onStanza: (element: Element) => void;
  /** Comes exactly once, whatever happens; nothing comes after it. */
  readonly onEnd: (end: StreamEnd) => void;
};

/** One life of one socket, from connect to close. */
export type Connection = {
  /** Writes, in order. What the socket cannot take any more is lost, as it is with what lies in its buffers. */
  readonly write: (xml: string) => void;
  /** Milliseconds since the last byte came in. */
  readonly silentFor: () => number;
  /** Stops or goes on reading: back pressure, which TCP hands on to the server. */
  readonly pause: (paused: boolean) => void;
  /**
   * Closes in order (RFC 6120 4.4): closing tag, read until the server's, then the socket. A server that has seen
   * the handshake may hand over stanzas before we hear that it took it: then that is waited for, and what came
   * with it is handed on, without `onOpen`. Within `timeoutMs` in all.
   */
  readonly close: (timeoutMs: number) => Promise<void>;
  /** Ends it at once. */
  readonly destroy: (end: StreamEnd) => void;
};

/** Opens a component stream (XEP-0114) by way of @xmpp/component. Never throws. */
export const openConnection = (options: ConnectionOptions): Connection => {
  const { host, port } = options;
  const service = `xmpp://${host.includes(':') ? `[${host}]` : host}:${port}`;
  const entity = createEntity(service, options);
  let isOver = false;
  let isClosing = false;
  let lastRead = performance.now();
  /** Settled with the handshake, or with the end. */
  const opened = Promise.withResolvers<void>();
  const destroy = (end: StreamEnd): void => {
    if (isOver) return;
    isOver = true;
    clearTimeout(timer);
    entity.socket?.destroy();
    opened.resolve();
    options.onEnd(end);
  };
  const timer = setTimeout(() => destroy({ kind: 'handshake-timeout' }), options.openMs);
  const early: Element[] = [];
  let isOpen = false;
  entity.on('online', () => {
    if (isOver) return;
    clearTimeout(timer);
    isOpen = true;
    opened.resolve();
    if (!isClosing) options.onOpen();
    // Stanzas may share a packet with the end of the handshake, which is reported a moment later.
    for (const element of early.splice(0)) options.onStanza(element);
  });
  entity.on('stanza', (element: Element) => {
    if (isOver) return;
    if (isOpen) options.onStanza(element);
    else early.push(element);
  });
  entity.on('error', (error: unknown) => destroy(errorToEnd(error)));
  entity.on('disconnect', () => destroy({ kind: 'closed' }));
  // The server's closing tag; its socket may stay open for as long as it likes.
  entity.on('close', () => destroy({ kind: 'closed' }));
  guardInput(entity, options.maxInboundBytes, destroy, () => {
    lastRead = performance.now();
  });
  const isAuthenticating = authenticateOnOpen(entity, options, destroy);
  connectTo(service, entity, options, destroy);
  return {
    write: (text) => {
      // A rejection means that the socket is going away, which `disconnect` reports.
      if (!isOver) entity.write(text).catch(() => {});
    },
    silentFor: () => performance.now() - lastRead,
    pause: (paused) => {
      if (paused) entity.socket?.pause();
      else entity.socket?.resume();
    },
    close: async (timeoutMs) => {
      isClosing = true;
      const until = performance.now() + timeoutMs;
      const patience = setTimeout(() => destroy({ kind: 'closed' }), timeoutMs);
      if (!isOpen && isAuthenticating()) await opened.promise;
      if (isOpen && !isOver) {
        entity.timeout = until - performance.now();
        await entity.stop();
      }
      clearTimeout(patience);
      destroy({ kind: 'closed' });
    },
    destroy,
  };
};

const connectTo = (
  service: string,
  entity: Component,
  { domain, openMs }: ConnectionOptions,
  destroy: (end: StreamEnd) => void,
): void => {
  entity
    .connect(service)
    .then(() => entity.open({ domain, timeout: openMs }))
    .catch((error: unknown) => destroy(errorToEnd(error)));
  entity.socket?.setNoDelay(true);
};

/**
 * The package's component, without the parts that end the process or act on their own: its middleware
 * throws out of the socket's handler on a `from` that it cannot parse, its reconnection has a fixed delay,
 * its `open` listener answers a header without id, and a server could send it elsewhere.
 */
const createEntity = (service: string, { domain, openMs }: ConnectionOptions): Component => {
  const entity = component({ service, domain });
  entity.timeout = openMs;
  entity.reconnect.stop();
  entity.removeAllListeners('element');
  entity.removeAllListeners('open');
  entity._onSeeOtherHost = (error) => {
    entity.emit('error', error);
  };
  return entity;
};

/**
 * XEP-0114 3: a header without id announces an error (unknown host, say), which comes next. Returns whether the
 * handshake is sent.
 */
const authenticateOnOpen = (
  entity: Component,
  { secret }: ConnectionOptions,
  destroy: (end: StreamEnd) => void,
): (() => boolean) => {
  let hasBegun = false;
  entity.on('open', (header: Element) => {
    const id = header.attrs['id'];
    if (id === undefined) return;
    hasBegun = true;
    // COMPAT @xmpp/component 0.13: it hashes the Latin-1 form; servers hash UTF-8. These are UTF-8's bytes.
    const bytes = Buffer.from(id + secret, 'utf8').toString('latin1');
    entity.authenticate('', bytes).catch((error: unknown) => destroy(errorToEnd(error)));
  });
  return () => hasBegun;
};

/**
 * The parser's time grows with the square of what it is fed at once: 512 KiB of text take 93 ms in chunks
 * of 64 KiB and 22 ms in chunks of 8 KiB.
 */
const SLICE = 8192;

/**
 * A comment or a DTD, which XMPP forbids (RFC 6120 11.1). The parser knows no DTD and takes it for a comment
 * that has no end: everything after it would be swallowed. No text or attribute holds a bare `<`.
 */
const FORBIDDEN = /<![^[]/u;

/**
 * Replaces the way of bytes into the parser: characters that two packets share stay whole (the package
 * decodes each packet alone), bytes are counted before they are parsed, and no exception gets out.
 */
const guardInput = (
  entity: Component,
  maxBytes: number,
  destroy: (end: StreamEnd) => void,
  onRead: () => void,
): void => {
  const decoder = new StringDecoder('utf8');
  let sinceElement = 0;
  /** What may be the beginning of something forbidden that the next slice completes. */
  let tail = '';
  entity.on('element', () => {
    sinceElement = 0;
    // The parser keeps the white space between stanzas, the server's keep-alive, for ever.
    if (entity.parser?.root) entity.parser.root.children.length = 0;
  });
  const feed = (data: Buffer): void => {
    for (let at = 0; at < data.length && entity.parser !== null; at += SLICE) {
      const slice = data.subarray(at, at + SLICE);
      sinceElement += slice.length;
      if (sinceElement > maxBytes) {
        destroy({ kind: 'stanza-too-large' });
        return;
      }
      const text = decoder.write(slice);
      if (FORBIDDEN.test(tail + text)) {
        destroy({ kind: 'bad-xml' });
        return;
      }
      tail = (tail + text).slice(-2);
      entity.parser.write(text);
    }
  };
  entity._onData = (data) => {
    onRead();
    try {
      feed(data);
    } catch {
      destroy({ kind: 'bad-xml' });
    }
  };
};

const errorToEnd = (error: unknown): StreamEnd => {
  if (!(error instanceof Error)) return { kind: 'closed' };
  if ('condition' in error && typeof error.condition === 'string')
    return { kind: 'stream-error', condition: error.condition };
  if ('code' in error && typeof error.code === 'string') return { kind: 'socket', code: error.code };
  if (error.name === 'XMLError') return { kind: 'bad-xml' };
  if (error.name === 'TimeoutError') return { kind: 'handshake-timeout' };
  return { kind: 'closed' };
};
