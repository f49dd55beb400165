import type { OutgoingStanza } from './bridge/stanza.ts';
import type { Log } from './log.ts';
import type { SendResult } from './xmpp/stream-options.ts';

export type UnansweredDeps = {
  readonly send: (stanza: OutgoingStanza) => SendResult;
  /** Into the outbox. Rejects while the database is away. */
  readonly enqueue: (stanza: OutgoingStanza) => Promise<void>;
  readonly log: Pick<Log, 'error'>;
};

/** More than one connection can leave behind: so many handlers may be at work at once, twice over. */
const MAX_KEPT = 1_000;

/**
 * Errors to people whose message could not be taken. They go straight over the stream, because the database may
 * be the trouble; where the stream is down into the outbox; and where neither can be had they are kept until
 * one is back. Nobody's message disappears without a word while this process lives.
 */
export const createUnanswered = ({ send, enqueue, log }: UnansweredDeps) => {
  let kept: OutgoingStanza[] = [];
  const keep = (stanza: OutgoingStanza): void => {
    if (kept.length < MAX_KEPT) kept.push(stanza);
    else log.error('error-not-told', { reason: 'too many wait for the XMPP server' });
  };
  const tell = async (stanza: OutgoingStanza): Promise<void> => {
    if (send(stanza) !== 'down') return;
    await enqueue(stanza).catch(() => keep(stanza));
  };
  const flush = async (): Promise<void> => {
    const waiting = kept;
    kept = [];
    for (const stanza of waiting) await tell(stanza);
  };
  return {
    /** Never rejects. */
    tell,
    /** The stream or the database is back. */
    flush,
    /** The last chance: what can be told now is told, the rest is counted in the log. */
    close: async (): Promise<void> => {
      await flush();
      if (kept.length > 0) log.error('errors-not-told', { count: kept.length });
    },
  };
};

export type Unanswered = ReturnType<typeof createUnanswered>;
