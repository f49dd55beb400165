import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { findFreePort } from '../support/free-port.ts';
import {
  type GatewayProcess,
  type GatewayProcessOptions,
  startGatewayProcess,
} from '../support/gateway-process.ts';
import { addHostNames } from '../support/hosts.ts';
import { type Prosody, startProsody } from '../support/prosody.ts';
import { type ScriptedPeer, startScriptedPeer } from '../support/scripted-peer.ts';
import { startTcpProxy, type TcpProxy } from '../support/tcp-proxy.ts';
import { createUndoStack, type UndoStack } from '../support/undo.ts';
import { connectClient, type XmppClient } from '../support/xmpp-client.ts';

export const DOMAIN = 'ap.test';
export const HOME = 'xmpp.test';
export const PEER = 'peer.test';
const SECRET = 'component-secret';
const USERS = { alice: 'alice-password', bob: 'bob-password' };
export type User = keyof typeof USERS;

export type GatewayStart = Omit<GatewayProcessOptions, 'folder' | 'httpPort' | 'env'> & {
  readonly env?: Readonly<Record<string, string>>;
};

/** A real XMPP server, a real database, a scripted Fediverse, and the gateway as a process of its own. */
export type FaultWorld = {
  readonly undo: UndoStack;
  readonly folder: string;
  readonly httpPort: number;
  readonly prosody: Prosody;
  readonly database: Pick<TestDatabase, 'db' | 'url'>;
  readonly peer: ScriptedPeer;
  /** The wires of the gateway to both, open and quick until told otherwise. */
  readonly toProsody: TcpProxy;
  readonly toDatabase: TcpProxy;
  /** Starts a gateway, and ends it at the end of the world. */
  start(options?: GatewayStart): Promise<GatewayProcess>;
  /** Ends every gateway that still runs, in order: what a killed one had claimed waits for its lease. */
  endGateways(): Promise<void>;
  logIn(user: User): Promise<XmppClient>;
  /** Another Fediverse server. */
  startPeer(): Promise<ScriptedPeer>;
  /** The JID of a user of a peer. */
  contact(user: string, peer?: ScriptedPeer): string;
  stop(): Promise<void>;
};

export type WorldOptions = {
  readonly env?: Readonly<Record<string, string>>;
  /** Another database than one of the cluster that the tests share. */
  readonly database?: (undo: UndoStack) => Promise<Pick<TestDatabase, 'db' | 'url'>>;
};

/** No test of a fault is about the limits on messages. */
const SETTINGS = {
  CAUSEWAY_DOMAIN: DOMAIN,
  CAUSEWAY_HOME_DOMAINS: HOME,
  CAUSEWAY_XMPP_SECRET: SECRET,
  CAUSEWAY_LIMITS_MESSAGES_PER_MINUTE: '0',
  CAUSEWAY_LIMITS_INBOX_PER_MINUTE: '0',
  CAUSEWAY_DEV_ALLOW_PRIVATE_ADDRESSES: 'true',
};

const shared = async (undo: UndoStack): Promise<TestDatabase> => {
  const database = await createTestDatabase();
  undo.add(() => database.drop());
  return database;
};

/** Starts all but the gateway. What was started is stopped again where a later step fails. */
export const startFaultWorld = async (options: WorldOptions = {}): Promise<FaultWorld> => {
  const undo = createUndoStack();
  try {
    return await build(undo, options);
  } catch (error) {
    await undo.run();
    throw error;
  }
};

const build = async (undo: UndoStack, options: WorldOptions): Promise<FaultWorld> => {
  const folder = await mkdtemp(join(tmpdir(), 'causeway-fault-'));
  undo.add(() => rm(folder, { recursive: true, force: true }));
  // The first name tells this line from that of a world beside this one, which may end sooner.
  undo.add(addHostNames([`${basename(folder).toLowerCase()}.test`, PEER]));
  const database = await (options.database ?? shared)(undo);
  const prosody = await startProsody({
    domain: HOME,
    componentDomain: DOMAIN,
    componentSecret: SECRET,
    users: USERS,
  });
  undo.add(() => prosody.stop());
  const startProxy = async (port: number): Promise<TcpProxy> => {
    const proxy = await startTcpProxy(port);
    undo.add(() => proxy.stop());
    return proxy;
  };
  const startPeer = async (): Promise<ScriptedPeer> => {
    const peer = await startScriptedPeer(PEER);
    undo.add(() => peer.stop());
    return peer;
  };
  const toProsody = await startProxy(prosody.componentPort);
  const toDatabase = await startProxy(Number(new URL(database.url).port));
  const peer = await startPeer();
  const httpPort = await findFreePort();
  const gateways = new Set<GatewayProcess>();
  const endGateways = async (): Promise<void> => {
    await Promise.all([...gateways].map((gateway) => gateway.stop()));
    gateways.clear();
  };
  undo.add(endGateways);
  const env = {
    ...SETTINGS,
    CAUSEWAY_HTTP_LISTEN: `127.0.0.1:${httpPort}`,
    CAUSEWAY_XMPP_SERVER: `127.0.0.1:${toProsody.port}`,
    CAUSEWAY_DATABASE_URL: throughPort(database.url, toDatabase.port),
    CAUSEWAY_DATA_DIR: folder,
    ...options.env,
  };
  return {
    ...{ undo, folder, httpPort, prosody, database, peer, toProsody, toDatabase, startPeer, endGateways },
    start: async (start = {}) => {
      const gateway = await startGatewayProcess({
        ...start,
        folder,
        httpPort,
        env: { ...env, ...start.env },
      });
      gateways.add(gateway);
      return gateway;
    },
    logIn: async (user) => {
      const client = await connectClient({
        jid: `${user}@${HOME}`,
        password: USERS[user],
        host: '127.0.0.1',
        port: prosody.c2sPort,
      });
      undo.add(client.close);
      return client;
    },
    contact: (user, of = peer) => `${of.localpart(user)}@${DOMAIN}`,
    stop: () => undo.run(),
  };
};

const throughPort = (url: string, port: number): string => {
  const through = new URL(url);
  through.hostname = '127.0.0.1';
  through.port = String(port);
  return through.href;
};
