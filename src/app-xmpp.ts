import type { Stanza } from './bridge/stanza.ts';
import type { Urls } from './bridge/urls.ts';
import type { Config } from './config.ts';
import type { Reach } from './failpoint.ts';
import { carryBounce } from './gateway/bounces.ts';
import { carryMessage } from './gateway/from-xmpp.ts';
import { createInOrder } from './gateway/in-order.ts';
import type { GatewayPorts } from './gateway/ports.ts';
import { carryPresence } from './gateway/subscriptions.ts';
import type { Log } from './log.ts';
import { readmitStanzas } from './store/bounced-stanzas.ts';
import type { Database } from './store/database.ts';
import { claimStanzas, failStanza, releaseStanzas, takenStanzas } from './store/stanzas.ts';
import { discoHandlers } from './xmpp/disco.ts';
import { answerIq } from './xmpp/iq.ts';
import { createOutbox, type Outbox } from './xmpp/outbox.ts';
import { createStream } from './xmpp/stream.ts';
import type { Stream } from './xmpp/stream-options.ts';

const STANZA_LEASE_SECONDS = 30;
const STANZA_BATCH = 100;
const POLL_MS = 1_000;

export type Xmpp = {
  readonly start: () => void;
  /** Reads nothing more, finishes what came in, writes what is ready, closes the stream. */
  readonly stop: () => Promise<void>;
  readonly wake: () => void;
  readonly state: Stream['state'];
};

type XmppDeps = {
  readonly config: Config;
  readonly log: Log;
  readonly db: Database;
  readonly urls: Urls;
  readonly version: string;
  readonly ports: GatewayPorts;
  readonly reach: Reach;
};

/** The xmpp role: the stream, what comes in over it, and the outbox. */
export const createXmpp = (deps: XmppDeps): Xmpp => {
  const { config, log, db } = deps;
  const conversations = createInOrder();
  const streamLog = {
    info: (fields: object, message: string) => log.info('xmpp', describe(fields, message)),
    warn: (fields: object, message: string) => log.warn('xmpp', describe(fields, message)),
  };
  const handlers = discoHandlers({
    domain: config.domain,
    version: deps.version,
    name: `Fediverse (${config.domain})`,
  });
  const stream: Stream = createStream({
    ...config.xmpp.server,
    domain: config.domain,
    secret: config.secrets.xmppSecret,
    onStanza: (stanza) =>
      conversations.run(`${stanza.fromBare} ${stanza.toBare}`, () => carryStanza(deps, stream, stanza)),
    onIq: (iq) =>
      answerIq(
        { handlers, onProblem: (problem, error) => log.error('iq', describe({ err: error }, problem)) },
        iq,
      ),
    onState: ({ status, problem }) => {
      log.info('xmpp-stream', { status, problem });
      if (status === 'online') outbox.wake();
    },
    log: streamLog,
    now: () => new Date(),
    random: Math.random,
  });
  const outbox: Outbox = createOutbox<number>({
    claim: async (limit) => {
      await readmitStanzas(db);
      const rows = await claimStanzas(db, { limit, leaseSeconds: STANZA_LEASE_SECONDS });
      if (rows.length > 0) await deps.reach('xmpp.claimed');
      return rows;
    },
    taken: async (ids) => {
      await deps.reach('xmpp.written');
      await takenStanzas(db, ids);
    },
    release: (ids) => releaseStanzas(db, ids),
    fail: (id, failure) => failStanza(db, id, failure),
    stream,
    log: streamLog,
    pollMs: POLL_MS,
    batch: STANZA_BATCH,
  });
  return {
    start: () => {
      stream.start();
      outbox.start();
    },
    stop: async () => {
      await outbox.stop();
      await stream.stop();
      await conversations.idle();
    },
    wake: outbox.wake,
    state: stream.state,
  };
};

const describe = (fields: object, message: string) => ({
  message,
  ...('err' in fields && fields.err instanceof Error ? { error: fields.err } : {}),
});

/** Trouble of ours (the database is away) must still be told: straight over the stream, where it is up. */
const carryStanza = async (deps: XmppDeps, stream: Stream, stanza: Stanza): Promise<void> => {
  try {
    switch (stanza.kind) {
      case 'message':
        return await carryMessage(deps.ports, stanza);
      case 'presence':
        return await carryPresence(deps.ports, stanza);
      case 'bounce':
        return await carryBounce(deps.ports, stanza);
    }
  } catch (error) {
    deps.log.error('stanza-failed', { error: error instanceof Error ? error : new Error(String(error)) });
    if (stanza.kind !== 'message' || stanza.id === undefined) return;
    stream.send({
      kind: 'message-error',
      id: stanza.id,
      from: stanza.toBare,
      to: stanza.from,
      error: deps.ports.toError({ reason: 'internal' }, stanza.lang),
    });
  }
};
