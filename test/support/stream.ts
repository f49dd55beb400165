import { done } from '../../src/bridge/outcome.ts';
import type { OutgoingMessage, Stanza } from '../../src/bridge/stanza.ts';
import { entityCaps } from '../../src/xmpp/caps.ts';
import { discoHandlers } from '../../src/xmpp/disco.ts';
import { answerIq } from '../../src/xmpp/iq.ts';
import { refusalToError } from '../../src/xmpp/refusal-to-error.ts';
import { createStream } from '../../src/xmpp/stream.ts';
import {
  STREAM_TIMING,
  type Stream,
  type StreamOptions,
  type StreamState,
} from '../../src/xmpp/stream-options.ts';

/** The defaults made fast, for tests that wait for reconnections. */
export const QUICK = { ...STREAM_TIMING, backoffFirst: 20, backoffMax: 100 };

export type TestStream = Stream & {
  readonly stanzas: readonly Stanza[];
  readonly warnings: readonly string[];
  /** The first stanza, past or to come, that fits and was not returned before. */
  readonly nextStanza: (fits?: (stanza: Stanza) => boolean) => Promise<Stanza>;
  /** Resolves when the state fits, now or later. */
  readonly untilState: (fits: (state: StreamState) => boolean) => Promise<StreamState>;
};

/** A stream with the gateway's usual answers, whose stanzas and states can be awaited. */
export const testStream = (
  options: Pick<StreamOptions, 'host' | 'port' | 'domain' | 'secret'> & Partial<StreamOptions>,
): TestStream => {
  const stanzas = record<Stanza>();
  const states = record<StreamState>();
  const warnings: string[] = [];
  const facts = { name: 'Fediverse' };
  const caps = entityCaps({ node: `https://${options.domain}/`, ...facts });
  const handlers = discoHandlers({
    domain: options.domain,
    version: '1.2.3',
    facts,
    caps,
    findPerson: () => Promise.resolve(done(undefined)),
    toError: (refusal) => refusalToError(refusal, 'No.', 'en'),
  });
  const stream = createStream({
    onIq: (iq) => answerIq({ handlers, onProblem: (problem) => warnings.push(problem) }, iq),
    log: { info: () => {}, warn: (_, message) => warnings.push(message) },
    now: () => new Date(),
    random: Math.random,
    timing: QUICK,
    caps,
    ...options,
    onStanza: (stanza) => {
      stanzas.add(stanza);
      return options.onStanza?.(stanza);
    },
    onState: (state) => {
      states.add(state);
      options.onState?.(state);
    },
  });
  return {
    ...stream,
    stanzas: stanzas.all,
    warnings,
    nextStanza: (fits = () => true) => stanzas.next(fits),
    untilState: async (fits) => (fits(stream.state()) ? stream.state() : states.later(fits)),
  };
};

export const isOnline = (state: StreamState): boolean => state.status === 'online';

/** A chat message from a contact. */
export const chatMessage = (fields: Partial<OutgoingMessage> & { to: string }): OutgoingMessage => ({
  kind: 'message',
  type: 'chat',
  id: 'm1',
  from: 'carol%snac.test@ap.test',
  body: 'hello',
  ...fields,
});

const record = <T>() => {
  const all: T[] = [];
  const unread: T[] = [];
  const waiters: { readonly fits: (item: T) => boolean; readonly take: (item: T) => void }[] = [];
  const later = (fits: (item: T) => boolean): Promise<T> =>
    new Promise((take) => {
      waiters.push({ fits, take });
    });
  return {
    all,
    add: (item: T): void => {
      all.push(item);
      const index = waiters.findIndex(({ fits }) => fits(item));
      const [waiter] = index < 0 ? [] : waiters.splice(index, 1);
      if (waiter === undefined) unread.push(item);
      else waiter.take(item);
    },
    /** The test's own time limit ends a wait that is in vain. */
    later,
    next: (fits: (item: T) => boolean): Promise<T> => {
      const index = unread.findIndex(fits);
      const [found] = index < 0 ? [] : unread.splice(index, 1);
      return found === undefined ? later(fits) : Promise.resolve(found);
    },
  };
};
