import { setMaxListeners } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { waitAtMost } from './abandon.ts';
import { createDurableIntake } from './app-intake.ts';
import { createIqHandlers } from './app-iq.ts';
import { createLeader, type Office } from './app-leader.ts';
import { openOutbox } from './app-outbox.ts';
import { type Announcer, createAnnouncer } from './app-presence.ts';
import { createRosterNamer, type RosterNamer } from './app-rosters.ts';
import { carryOnce, carryStanza, lookUpAside, tellTrouble, withoutLongWaits } from './app-stanzas.ts';
import { openLock, type StreamLock } from './app-stream-lock.ts';
import { createUnanswered } from './app-unanswered.ts';
import type { OutgoingStanza, Stanza } from './bridge/stanza.ts';
import type { Urls } from './bridge/urls.ts';
import type { Config } from './config.ts';
import type { Reach } from './failpoint.ts';
import { askUsers } from './gateway/follow-requests.ts';
import { createInOrder } from './gateway/in-order.ts';
import type { GatewayPorts } from './gateway/ports.ts';
import { createWaitingRoom } from './gateway/waiting-room.ts';
import { type Log, toError } from './log.ts';
import type { Database } from './store/database.ts';
import { enqueueStanza } from './store/stanzas.ts';
import { entityCaps } from './xmpp/caps.ts';
import { answerIq } from './xmpp/iq.ts';
import type { Outbox } from './xmpp/outbox.ts';
import { unwrapAnswer, wrapQuestion } from './xmpp/privileged-iq.ts';
import { type AskForPayload, payloadOf, readOwnCard } from './xmpp/read-own-card.ts';
import { createStream } from './xmpp/stream.ts';
import { STREAM_TIMING, type Stream } from './xmpp/stream-options.ts';

/** Stanzas that wait for look-ups: a whole roster that is added at once has room. */
const WAITING = { perSender: 300, total: 2_000 };

/** For an answer about somebody's card, in milliseconds. */
const CARD_MS = 10_000;
/** So many requests to follow are ahead of a chat at most. */
const ASKED_AT_ONCE = 50;
/** At the end: for the batch on its way to come back, in milliseconds. */
const BATCH_GRACE_MS = 1_500;
/** At the end: for contacts to be seen to go, together with the former. */
const FAREWELL_MS = 2_000;
/** At the end: for the closing tag to be answered, and then for what came before it to be dealt with. */
const CLOSE_MS = 3_000;
/** At the end: after so long nobody waits for a look-up any more; who wrote is told to try again. */
const LOOK_UP_GRACE_MS = 2_000;

export type Xmpp = {
  readonly start: () => void;
  /** Writes nothing new, closes the stream, finishes what came in over it, gives the stream to a standby. */
  readonly stop: () => Promise<void>;
  readonly wake: () => void;
  /** False: nothing was written. */
  readonly sendNow: (stanza: OutgoingStanza) => boolean;
  readonly nameInRoster: RosterNamer['name'];
  /** What an account's server gives to everybody of its card. */
  readonly readOwnCard: GatewayPorts['readOwnCard'];
  readonly state: Stream['state'];
  /** Another process has the stream; this one takes over when that one ends. */
  readonly isStandby: () => boolean;
  /** Why the database cannot say who has the stream, in words; without that nobody may have it. */
  readonly lockProblem: () => string | undefined;
};

type XmppDeps = {
  readonly config: Config;
  readonly log: Log;
  readonly db: Database;
  /** Where the lock is taken, on a connection of its own. */
  readonly databaseUrl: string;
  readonly urls: Urls;
  readonly version: string;
  readonly ports: GatewayPorts;
  readonly reach: Reach;
};

type StreamLog = Parameters<typeof createStream>[0]['log'];

const streamLogOf = (log: Log): StreamLog => ({
  info: (fields, message) => log.info('xmpp', describe(fields, message)),
  warn: (fields, message) => log.warn('xmpp', describe(fields, message)),
});

/** The xmpp role: the stream, what comes in over it, and the outbox; all of it only while the lock is held. */
export const createXmpp = (deps: XmppDeps): Xmpp => {
  const { log, db, config } = deps;
  const conversations = createInOrder();
  const term = () => lock.term();
  const streamLog = streamLogOf(log);
  const stopping = new AbortController();
  setMaxListeners(0, stopping.signal);
  const ports = withoutLongWaits(deps.ports, stopping.signal);
  const pause = (ms: number) => sleep(ms, undefined, { signal: stopping.signal });
  const unanswered = createUnanswered({
    send: (stanza) => stream.send(stanza),
    enqueue: (stanza) => enqueueStanza(db, stanza),
    log,
  });
  const intake = createDurableIntake({
    db,
    log,
    reach: deps.reach,
    newId: ports.newId,
    term,
    waitingRoom: createWaitingRoom({ conversations, ...WAITING }),
    carry: (stanza, settle, stepAside) => carryOnce(lookUpAside(ports, stepAside), stanza, settle),
    carryUnkept: (stanza, stepAside) =>
      carryStanza({ ports: lookUpAside(ports, stepAside), log, pause }, unanswered, stanza),
    tellTrouble: (stanza, reason) => tellTrouble(ports, unanswered, stanza, reason),
    stopping: stopping.signal,
    pause,
  });
  const stream: Stream = openStream(deps, streamLog, {
    onStanza: intake.take,
    rosters: () => rosters,
    onOnline: () => {
      announcer.restart();
      outbox.wake();
      return unanswered.flush();
    },
  });
  const rosters = createRosterNamer({ ...config, question: stream.question, log });
  const announcer = createAnnouncer({ db, ports: deps.ports, stream, log });
  const aside = () => doAside(deps.ports, announcer);
  const outbox = openOutbox({ db, log, reach: deps.reach, stream, streamLog, term, aside });
  const onError = (error: unknown) => log.error('stream', { error: toError(error) });
  const leader = createLeader(officeOf(stream, outbox), onError);
  const { lock, problem: lockProblem }: StreamLock = openLock(deps, leader.onLock);
  return {
    start: () => {
      intake.start();
      lock.start();
    },
    stop: async () => {
      const grace = setTimeout(() => stopping.abort(), LOOK_UP_GRACE_MS);
      await sayLast(outbox, announcer);
      await leader.stop({
        stop: async () => {
          await intake.stop();
          await conversations.idle();
          await unanswered.close();
          await lock.stop();
        },
      });
      clearTimeout(grace);
    },
    wake: outbox.wake,
    sendNow: (stanza) => term() !== undefined && stream.send(stanza) === 'written',
    nameInRoster: rosters.name,
    readOwnCard: (jid) => readOwnCard(askFor(stream, rosters), jid),
    state: stream.state,
    isStandby: () => lock.state() === 'waiting',
    lockProblem,
  };
};

/** As anybody may ask; where that is refused, in the user's own name, if the server said that this is allowed. */
const askFor =
  (stream: Stream, { mayAsk }: RosterNamer): AskForPayload =>
  async (to, payload) => {
    const open = payloadOf(await stream.question({ type: 'get', to, payload }, CARD_MS));
    if (open !== undefined || !mayAsk(to, payload.getNS() ?? '')) return open;
    const wrapped = wrapQuestion(to, payload);
    return unwrapAnswer(await stream.question({ type: 'get', to, payload: wrapped }, CARD_MS));
  };

/** What waits until no stanza does: presence that is announced, and requests to follow. */
const doAside = async (ports: GatewayPorts, announcer: Announcer): Promise<boolean> => {
  const asked = await askUsers(ports, ASKED_AT_ONCE);
  return (await announcer.step()) || asked > 0;
};

const sayLast = async (outbox: Outbox, announcer: Announcer): Promise<void> => {
  const begun = performance.now();
  await waitAtMost(BATCH_GRACE_MS, outbox.stop());
  const spent = performance.now() - begun;
  // A server that is deaf to the last batch would be deaf to this as well.
  if (spent < BATCH_GRACE_MS) await announcer.farewell(FAREWELL_MS - spent);
};

const officeOf = (stream: Stream, outbox: Outbox): Office => ({
  start: () => {
    stream.start();
    outbox.start();
  },
  // Both at once: the end of the stream ends the wait for the batch on its way.
  stop: async () => {
    await Promise.all([outbox.stop(), stream.stop()]);
  },
});

const openStream = (
  { config, log, version, urls, ports }: XmppDeps,
  streamLog: StreamLog,
  on: {
    readonly onStanza: (stanza: Stanza) => Promise<void>;
    readonly onOnline: () => Promise<void>;
    readonly rosters: () => RosterNamer;
  },
): Stream => {
  const facts = { name: `Fediverse (${config.domain})`, contact: config.contact };
  const caps = entityCaps({ node: `${urls.origin}/`, ...facts });
  const handlers = createIqHandlers({ ports, version, facts, caps });
  return createStream({
    ...config.xmpp.server,
    domain: config.domain,
    secret: config.secrets.xmppSecret,
    caps,
    onStanza: on.onStanza,
    onPrivileges: (advertised) => on.rosters().onPrivileges(advertised),
    onIq: (iq) =>
      answerIq(
        { handlers, onProblem: (problem, error) => log.error('iq', describe({ err: error }, problem)) },
        iq,
      ),
    onState: ({ status, problem }) => {
      log.info('xmpp-stream', { status, problem });
      return status === 'online' ? on.onOnline() : on.rosters().forget();
    },
    log: streamLog,
    now: () => new Date(),
    random: Math.random,
    timing: { ...STREAM_TIMING, close: CLOSE_MS },
  });
};

const describe = (fields: object, message: string) => ({
  message,
  ...('err' in fields && fields.err instanceof Error ? { error: fields.err } : {}),
});
