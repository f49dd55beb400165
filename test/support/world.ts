import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Gateway, runGateway } from '../../src/app.ts';
import { loadConfig } from '../../src/config.ts';
import { createLog } from '../../src/log.ts';
import { createTestDatabase, type TestDatabase } from './database.ts';
import { type Ejabberd, startEjabberd } from './ejabberd.ts';
import type { FirstKnock } from './fedify-federation.ts';
import { type Fediverse, startFediverse } from './fediverse.ts';
import { findFreePort } from './free-port.ts';
import { type Prosody, type ProsodyOptions, startProsody } from './prosody.ts';
import { createUndoStack } from './undo.ts';
import { connectClient, type XmppClient } from './xmpp-client.ts';

export const DOMAIN = 'ap.test';
export const HOME = 'xmpp.test';
const SECRET = 'component-secret';
const USERS = { alice: 'alice-password', bob: 'bob-password' };
const XMPP_OPTIONS = { domain: HOME, componentDomain: DOMAIN, componentSecret: SECRET, users: USERS };

export type XmppServer = Prosody | Ejabberd;

/** The XMPP servers that a world can be made with. */
export const XMPP_SERVERS = {
  prosody: startProsody,
  /** One that lets the gateway write rosters (XEP-0356). */
  'privileged prosody': (options: ProsodyOptions) => startProsody({ ...options, privileged: true }),
  ejabberd: startEjabberd,
} as const;

/** A real XMPP server, real Fediverse servers, and the gateway between them, in this process. */
export type World = {
  readonly fediverse: Fediverse;
  readonly xmppServer: XmppServer;
  readonly database: TestDatabase;
  /** Log lines of the gateway, oldest first. */
  readonly logged: readonly string[];
  readonly origin: string;
  startGateway(): Promise<void>;
  stopGateway(): Promise<void>;
  /** Logs a user of the XMPP server in; logged out at the end. */
  logIn(user: keyof typeof USERS): Promise<XmppClient>;
  stop(): Promise<void>;
};

/** Starts all of it. `settings` are further environment variables of the gateway, `firstKnock` is Fedify's. */
export const startWorld = async (
  settings: Readonly<Record<string, string>> = {},
  server: keyof typeof XMPP_SERVERS = 'prosody',
  firstKnock: FirstKnock = 'rfc9421',
): Promise<World> => {
  const undo = createUndoStack();
  const logged: string[] = [];
  let gateway: Gateway | undefined;
  const stopGateway = async (): Promise<void> => {
    const running = gateway;
    gateway = undefined;
    await running?.stop();
  };
  try {
    const folder = await mkdtemp(join(tmpdir(), 'causeway-world-'));
    undo.add(() => rm(folder, { recursive: true, force: true }));
    const httpPort = await findFreePort();
    const fediverse = await startFediverse({
      folder,
      routes: routesTo(httpPort),
      now: new Date(),
      firstKnock,
      portWaitMs: 120_000,
    });
    undo.add(() => fediverse.stop());
    const xmppServer: XmppServer = await XMPP_SERVERS[server](XMPP_OPTIONS);
    undo.add(() => xmppServer.stop());
    const database = await createTestDatabase();
    undo.add(() => database.drop());
    undo.add(stopGateway);
    const startGateway = async (): Promise<void> => {
      gateway = await runGateway(
        configOf({
          CAUSEWAY_HTTP_LISTEN: `127.0.0.1:${httpPort}`,
          CAUSEWAY_XMPP_SERVER: `127.0.0.1:${xmppServer.componentPort}`,
          CAUSEWAY_DATABASE_URL: database.url,
          CAUSEWAY_DATA_DIR: folder,
          ...settings,
        }),
        createLog({
          level: 'debug',
          write: (line) => void logged.push(line),
          now: Date.now,
          hide: [SECRET],
        }),
      );
      await untilReady(`http://127.0.0.1:${httpPort}/readyz`);
    };
    return {
      fediverse,
      xmppServer,
      database,
      logged,
      origin: `https://${DOMAIN}`,
      startGateway,
      stopGateway,
      logIn: async (user) => {
        const client = await connectClient({
          jid: `${user}@${HOME}`,
          password: USERS[user],
          host: '127.0.0.1',
          port: xmppServer.c2sPort,
        });
        undo.add(client.close);
        return client;
      },
      stop: () => undo.run(),
    };
  } catch (error) {
    await undo.run();
    throw error;
  }
};

/** The web server of the XMPP domain forwards to the gateway: only `handle_is_jid` has it asked. */
const routesTo = (port: number): ReadonlyMap<string, number> =>
  new Map([
    [DOMAIN, port],
    [HOME, port],
  ]);

const configOf = (env: Readonly<Record<string, string>>) => {
  const loaded = loadConfig({
    configPath: undefined,
    cwd: env['CAUSEWAY_DATA_DIR'] ?? tmpdir(),
    env: {
      CAUSEWAY_DOMAIN: DOMAIN,
      CAUSEWAY_HOME_DOMAINS: HOME,
      CAUSEWAY_XMPP_SECRET: SECRET,
      CAUSEWAY_DEV_ALLOW_PRIVATE_ADDRESSES: 'true',
      ...env,
    },
    readText: () => ({ kind: 'absent' }),
  });
  if (!loaded.ok) throw new Error(loaded.problems.join('\n'));
  return loaded.config;
};

const READY_MS = 60_000;

const untilReady = async (url: string): Promise<void> => {
  const deadline = Date.now() + READY_MS;
  for (;;) {
    const response = await fetch(url);
    if (response.ok) return;
    const reasons = await response.text();
    if (Date.now() > deadline) throw new Error(`not ready: ${reasons}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
};
