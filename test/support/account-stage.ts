import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import { type Gateway, runGateway } from '../../src/app.ts';
import { loadConfig } from '../../src/config.ts';
import { createLog } from '../../src/log.ts';
import type { Database } from '../../src/store/database.ts';
import { createTestDatabase } from './database.ts';
import { findFreePort } from './free-port.ts';
import { emptyTables } from './gateway.ts';
import { createUndoStack } from './undo.ts';
import { XMPP_SERVERS } from './world.ts';
import { type ClientCommand, type ClientEvent, connectClient } from './xmpp-client.ts';

export const DOMAIN = 'ap.test';
const HOME = 'xmpp.test';
const SECRET = 'component-secret';

type User = 'alice' | 'root';

/** A real XMPP server with two users who are logged in, and a gateway that is started anew for each mode. */
export type AccountStage = {
  readonly db: Database;
  readonly start: (registration: string) => Promise<void>;
  /** What the gateway answers to a GET. */
  readonly get: (path: string, accept?: string) => Promise<Response>;
  /** Ends the gateway and empties its tables. */
  readonly clear: () => Promise<void>;
  readonly send: (user: User, command: ClientCommand) => void;
  /** What alice's own server answers when she sets something of her account. */
  readonly set: (payload: string) => Promise<string>;
  /** What alice is answered to a question about her account, as XML. */
  readonly ask: (type: 'get' | 'set', inner?: string) => Promise<string>;
  /** A message of the gateway's own that holds the text. */
  readonly told: (user: User, text: string) => Promise<ClientEvent>;
  /** Presence to alice. */
  readonly saidBy: (contact: string, type: string) => Promise<ClientEvent>;
  readonly stop: () => Promise<void>;
};

export const createAccountStage = async (kind: keyof typeof XMPP_SERVERS): Promise<AccountStage> => {
  const undo = createUndoStack();
  try {
    return await build(kind, undo);
  } catch (error) {
    await undo.run();
    throw error;
  }
};

const build = async (
  kind: keyof typeof XMPP_SERVERS,
  undo: ReturnType<typeof createUndoStack>,
): Promise<AccountStage> => {
  const folder = await mkdtemp(join(tmpdir(), 'causeway-accounts-'));
  undo.add(() => rm(folder, { recursive: true, force: true }));
  const base = await createTestDatabase();
  undo.add(() => base.drop());
  const server = await XMPP_SERVERS[kind]({
    domain: HOME,
    componentDomain: DOMAIN,
    componentSecret: SECRET,
    users: { alice: 'secret', root: 'secret' },
  });
  undo.add(() => server.stop());
  const logIn = async (user: User) => {
    const at = { host: '127.0.0.1', port: server.c2sPort };
    const client = await connectClient({ jid: `${user}@${HOME}`, password: 'secret', ...at });
    undo.add(client.close);
    return client;
  };
  const clients = { alice: await logIn('alice'), root: await logIn('root') };
  let gateway: Gateway | undefined;
  const clear = async (): Promise<void> => {
    await gateway?.stop();
    gateway = undefined;
    await emptyTables(base.db);
  };
  undo.add(clear);
  return {
    db: base.db,
    start: async (registration) => {
      gateway = await startGateway({
        CAUSEWAY_REGISTRATION: registration,
        CAUSEWAY_XMPP_SERVER: `127.0.0.1:${server.componentPort}`,
        CAUSEWAY_DATABASE_URL: base.url,
        CAUSEWAY_DATA_DIR: folder,
      });
    },
    get: (path, accept = '*/*') =>
      fetch(`http://127.0.0.1:${gateway?.httpPort}${path}`, { headers: { accept } }),
    clear,
    send: (user, command) => clients[user].send(command),
    set: (payload) => askRaw(clients.alice, (id) => `<iq type='set' id='${id}'>${payload}</iq>`),
    ask: (type, inner = '') =>
      askRaw(
        clients.alice,
        (id) =>
          `<iq type='${type}' id='${id}' to='${DOMAIN}'><query xmlns='jabber:iq:register'>${inner}</query></iq>`,
      ),
    told: (user, text) =>
      clients[user].next(
        ({ event, from, body }) => event === 'message' && from === DOMAIN && !!body?.includes(text),
      ),
    saidBy: (contact, type) =>
      clients.alice.next((seen) => seen.event === 'presence' && seen.from === contact && seen.type === type),
    stop: () => undo.run(),
  };
};

type Client = Awaited<ReturnType<typeof connectClient>>;

/** The answer to an iq that a client writes. */
const askRaw = async (client: Client, iq: (id: string) => string): Promise<string> => {
  const id = randomUUID();
  client.send({ do: 'raw', xml: iq(id).replace('<iq ', "<iq xmlns='jabber:client' ") });
  const answer = await client.next((event) => event.event === 'iq' && event.id === id);
  return answer.xml ?? '';
};

/** Resolves when it is ready. */
const startGateway = async (env: Readonly<Record<string, string>>): Promise<Gateway> => {
  const loaded = loadConfig({
    configPath: undefined,
    cwd: tmpdir(),
    env: {
      CAUSEWAY_DOMAIN: DOMAIN,
      CAUSEWAY_HOME_DOMAINS: HOME,
      CAUSEWAY_ADMINS: `root@${HOME}`,
      CAUSEWAY_XMPP_SECRET: SECRET,
      CAUSEWAY_HTTP_LISTEN: `127.0.0.1:${await findFreePort()}`,
      ...env,
    },
    readText: () => ({ kind: 'absent' }),
  });
  if (!loaded.ok) throw new Error(loaded.problems.join('\n'));
  const log = createLog({ level: 'error', write: () => undefined, now: Date.now, hide: [] });
  const gateway = await runGateway(loaded.config, log);
  const readiness = async () => (await fetch(`http://127.0.0.1:${gateway.httpPort}/readyz`)).status;
  await expect.poll(readiness, { timeout: 60_000 }).toBe(200);
  return gateway;
};
