import { mkdtemp, rm } from 'node:fs/promises';
import { request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runGateway } from '../../src/app.ts';
import { loadConfig } from '../../src/config.ts';
import { createLog } from '../../src/log.ts';
import { createTestDatabase, type TestDatabase } from './database.ts';
import { type FakeConnection, startFakeServer } from './fake-xmpp-server.ts';
import { findFreePort } from './free-port.ts';
import { type HostilePeer, startHostilePeer } from './hostile-peer.ts';
import { createUndoStack } from './undo.ts';

export const DOMAIN = 'ap.test';
export const ALICE = 'alice@xmpp.test';

export type Answer = {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
};

/** A whole gateway between an XMPP server that a test plays and a Fediverse server that lies. */
export type Attacked = {
  readonly peer: HostilePeer;
  readonly xmpp: FakeConnection;
  readonly database: TestDatabase;
  /** Log lines, oldest first. */
  readonly logged: readonly string[];
  /** The target, the method and the headers go out as they are given. */
  readonly ask: (
    target: string,
    options?: {
      readonly method?: string;
      readonly headers?: Readonly<Record<string, string>>;
      readonly body?: string;
    },
  ) => Promise<Answer>;
  /** Bytes to the HTTP port; everything that comes back until the other end closes. */
  readonly raw: (bytes: string | Uint8Array) => Promise<string>;
  /** Posts an activity, signed by the actor of that name at the peer. */
  readonly post: (by: string, activity: unknown, target?: string) => Promise<Answer>;
  /** All that was accepted has been carried. */
  readonly untilCarried: () => Promise<void>;
  /** That, and all stanzas and deliveries that came of it are out. */
  readonly untilSettled: () => Promise<void>;
  /** Resolves once what the gateway wrote to the XMPP server matches, with all of it. */
  readonly untilWritten: (text: string) => Promise<string>;
  /** The first document that was posted to the peer and is wanted. */
  readonly untilPosted: (
    isWanted: (post: HostilePeer['posted'][number]) => boolean,
  ) => Promise<Readonly<Record<string, unknown>>>;
  /** Makes Alice an actor by her first message to `to`; her actor id. */
  readonly registerAlice: (to: string) => Promise<string>;
  readonly stop: () => Promise<void>;
};

/** `settings` are further environment variables of the gateway. */
export const startAttacked = async (settings: Readonly<Record<string, string>> = {}): Promise<Attacked> => {
  const undo = createUndoStack();
  try {
    return await startParts(undo, settings);
  } catch (error) {
    await undo.run();
    throw error;
  }
};

const startParts = async (
  undo: ReturnType<typeof createUndoStack>,
  settings: Readonly<Record<string, string>>,
): Promise<Attacked> => {
  const logged: string[] = [];
  const folder = await mkdtemp(join(tmpdir(), 'causeway-attacked-'));
  undo.add(() => rm(folder, { recursive: true, force: true }));
  const peer = await startHostilePeer();
  undo.add(peer.close);
  const server = await startFakeServer();
  undo.add(server.close);
  const database = await createTestDatabase();
  undo.add(database.drop);
  const log = createLog({
    level: 'debug',
    write: (line) => void logged.push(line),
    now: Date.now,
    hide: ['secret'],
  });
  const port = await findFreePort();
  const accepted = server.accepted();
  const gateway = await runGateway(
    configOf({
      CAUSEWAY_XMPP_SERVER: `127.0.0.1:${server.port}`,
      CAUSEWAY_DATABASE_URL: database.url,
      CAUSEWAY_HTTP_LISTEN: `127.0.0.1:${port}`,
      CAUSEWAY_DATA_DIR: folder,
      ...settings,
    }),
    log,
  );
  undo.add(gateway.stop);
  const xmpp = await accepted;
  undo.add(answerEchoes(xmpp));
  const ask = createAsk(port);
  return {
    peer,
    xmpp,
    database,
    logged,
    ask,
    raw: (bytes) => sendRaw(port, bytes),
    untilWritten: xmpp.until,
    ...createSteps({ peer, xmpp, database, ask }),
    stop: () => undo.run(),
  };
};

type Parts = Pick<Attacked, 'peer' | 'xmpp' | 'database' | 'ask'>;

const createSteps = ({ peer, xmpp, database, ask }: Parts) => {
  const post: Attacked['post'] = (by, activity, target = '/inbox') => {
    const body = typeof activity === 'string' ? activity : JSON.stringify(activity);
    return ask(target, {
      method: 'POST',
      body,
      headers: peer.signed({ by, host: DOMAIN, target, body }),
    });
  };
  const untilNone = async (count: string): Promise<void> => {
    for (;;) {
      const { rows } = await database.db.query<{ due: number }>(`select (${count})::int as due`);
      if (rows[0]?.due === 0) return;
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  };
  const inHand = 'select count(*) from inbox where done_at is null';
  const untilCarried = (): Promise<void> => untilNone(inHand);
  const untilSettled = (): Promise<void> =>
    untilNone(
      `(${inHand}) + (select count(*) from stanzas where state = 'due') +
         (select count(*) from deliveries where state = 'due') + (select count(*) from follows where to_ask)`,
    );
  const untilPosted: Attacked['untilPosted'] = async (isWanted) => {
    for (;;) {
      const found = peer.posted.find(isWanted);
      if (found !== undefined) return found.json;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  };
  const registerAlice = async (to: string): Promise<string> => {
    xmpp.write(
      `<message type='chat' id='hello' from='${ALICE}/phone' to='${to}'><body>hello</body></message>`,
    );
    await xmpp.until('Welcome');
    const { rows } = await database.db.query<{ id: string }>('select id from users where jid = $1', [ALICE]);
    return `https://${DOMAIN}/u/${rows[0]?.id}`;
  };
  return { post, untilCarried, untilSettled, untilPosted, registerAlice };
};

/** The configuration of a gateway under test, at `ap.test` for the users of `xmpp.test`. */
export const configOf = (env: Readonly<Record<string, string>>) => {
  const loaded = loadConfig({
    configPath: undefined,
    cwd: env['CAUSEWAY_DATA_DIR'] ?? tmpdir(),
    env: {
      CAUSEWAY_DOMAIN: DOMAIN,
      CAUSEWAY_HOME_DOMAINS: 'xmpp.test',
      CAUSEWAY_XMPP_SECRET: 'secret',
      CAUSEWAY_DEV_ALLOW_PRIVATE_ADDRESSES: 'true',
      ...env,
    },
    readText: () => ({ kind: 'absent' }),
  });
  if (!loaded.ok) throw new Error(loaded.problems.join('\n'));
  return loaded.config;
};

/** The server's side of the iq that the gateway sends itself behind each batch of stanzas. */
const answerEchoes = (xmpp: FakeConnection): (() => Promise<void>) => {
  let seen = 0;
  const timer = setInterval(async () => {
    const text = await xmpp.until('');
    for (const [, id = ''] of text.slice(seen).matchAll(/<iq type="get" id="(rt[a-z0-9]+-\d+)"[^>]*>/gu))
      xmpp.write(`<iq type='result' id='${id}' from='${DOMAIN}' to='${DOMAIN}'/>`);
    seen = text.lastIndexOf('>') + 1;
  }, 5);
  return async () => clearInterval(timer);
};

const createAsk =
  (port: number): Attacked['ask'] =>
  (target, { method = 'GET', headers = {}, body } = {}) =>
    new Promise((resolve, reject) => {
      const request = httpRequest(
        {
          host: '127.0.0.1',
          port,
          path: target,
          method,
          headers: { host: DOMAIN, ...headers },
          agent: false,
        },
        (response) => {
          const chunks: Uint8Array[] = [];
          response.on('data', (chunk: Uint8Array) => chunks.push(chunk));
          response.on('end', () =>
            resolve({
              status: response.statusCode ?? 0,
              headers: response.headers,
              text: Buffer.concat(chunks).toString('utf8'),
            }),
          );
        },
      );
      request.on('error', reject).end(body);
    });

const sendRaw = (port: number, bytes: string | Uint8Array): Promise<string> =>
  new Promise((resolve) => {
    let text = '';
    const socket = connect(port, '127.0.0.1', () => socket.write(bytes));
    socket.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
    });
    socket.on('error', () => undefined).on('close', () => resolve(text));
  });
