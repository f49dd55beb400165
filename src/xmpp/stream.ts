import { backoffDelay } from './backoff.ts';
import { type Connection, openConnection } from './connection.ts';
import { type Element, elementToXml } from './element.ts';
import { createIntake } from './intake.ts';
import { iqError, renderReply } from './iq.ts';
import { renderOutbound } from './outbound.ts';
import { parseStanza } from './parse.ts';
import { parsePrivileges } from './privileges.ts';
import { keepConnected, type Link, type LinkChange } from './reconnect.ts';
import { createRoundtrips } from './roundtrips.ts';
import { STREAM_LIMITS, STREAM_TIMING, type Stream, type StreamOptions } from './stream-options.ts';
import { createReport } from './stream-report.ts';
import { startWatchdog } from './watchdog.ts';

/**
 * The gateway's one stream to its XMPP server (XEP-0114). Nothing that comes over the wire, and nothing
 * that a callback throws, gets out of here; after whatever end it connects again.
 */
export const createStream = (options: StreamOptions): Stream => {
  const { domain, log, timing = STREAM_TIMING, limits = STREAM_LIMITS } = options;
  const rules = { domain, maxBytes: limits.outbound, caps: options.caps };
  /** Open, and read from until its end. */
  let connection: Connection | undefined;
  /** The same one as long as it may be written to. */
  let online: Connection | undefined;
  let unwatch = (): void => {};
  const intake = createIntake({
    limit: limits.handlers,
    pause: (paused) => connection?.pause(paused),
    onProblem: (problem, error) => log.warn({ err: error }, problem),
  });
  const roundtrips = createRoundtrips({
    domain,
    prefix: `rt${options.random().toString(36).slice(2, 10)}`,
    write: (iq) => {
      online?.write(elementToXml(iq));
      return online !== undefined;
    },
  });
  const answer = async (iq: Element): Promise<void> => {
    const asked = online;
    const reply = await options.onIq(iq);
    // On a later connection the asker has long been told by the server that we were away.
    if (reply !== undefined && online === asked) online?.write(replyToXml(iq, reply, limits.outbound));
  };
  const takeIn = (element: Element): void => {
    if (element.getName() !== 'iq') intake.run(() => handOver(element, options));
    else if (!roundtrips.takeBack(element)) intake.run(() => answer(element));
  };
  const goOffline = (): void => {
    online = undefined;
    unwatch();
    roundtrips.abandon();
  };
  const goOnline = (opened: Connection): void => {
    connection = online = opened;
    opened.pause(intake.isPaused());
    unwatch = startWatchdog({
      idleMs: timing.pingAfter,
      silentFor: opened.silentFor,
      isPaused: intake.isPaused,
      ping: () => roundtrips.ask(timing.pongWithin),
      onDead: () => opened.destroy({ kind: 'silent' }),
    });
  };
  const report = createReport(options, intake.run);
  const link = createLink(options, takeIn, (change) => {
    goOffline();
    connection = undefined;
    if (change.status === 'online') goOnline(change.connection);
    report.change(change);
  });
  return {
    start: link.start,
    stop: async () => {
      goOffline();
      await link.stop();
      await intake.drain(timing.close);
      report.stopped();
    },
    send: (stanza) => {
      if (online === undefined) return 'down';
      const outbound = renderOutbound(stanza, { ...rules, now: options.now() });
      if (!outbound.ok) return outbound.reason;
      online.write(outbound.xml);
      return 'written';
    },
    barrier: roundtrips.ask,
    question: roundtrips.question,
    state: report.state,
  };
};

const createLink = (
  options: StreamOptions,
  onStanza: (element: Element) => void,
  onChange: (change: LinkChange) => void,
): Link => {
  const { timing = STREAM_TIMING, limits = STREAM_LIMITS } = options;
  const backoff = { firstMs: timing.backoffFirst, maxMs: timing.backoffMax };
  return keepConnected({
    open: (events) =>
      openConnection({
        ...options,
        ...events,
        openMs: timing.open,
        maxInboundBytes: limits.inbound,
        onStanza,
      }),
    onChange,
    delay: (attempt) => backoffDelay(attempt, backoff, options.random()),
    stableMs: timing.stable,
    closeMs: timing.close,
  });
};

const handOver = (
  element: Element,
  { onStanza, onPrivileges }: Pick<StreamOptions, 'onStanza' | 'onPrivileges'>,
): void | Promise<void> => {
  const privileges = parsePrivileges(element);
  if (privileges !== undefined) return onPrivileges?.(privileges);
  const stanza = parseStanza(element);
  return stanza === undefined ? undefined : onStanza(stanza);
};

/** An answer above the limit is replaced: the asker gets one in any case. */
const replyToXml = (iq: Element, reply: Element, maxBytes: number): string => {
  const xml = elementToXml(reply);
  if (Buffer.byteLength(xml) <= maxBytes) return xml;
  return elementToXml(renderReply(iq, iqError('resource-constraint', 'cancel', 'The answer is too large.')));
};
