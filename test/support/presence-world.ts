import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Gateway, runGateway } from '../../src/app.ts';
import { createLog } from '../../src/log.ts';
import { configOf, DOMAIN } from './attacked-gateway.ts';
import { createTestDatabase, type TestDatabase } from './database.ts';
import { findFreePort } from './free-port.ts';
import { startTcpProxy, type TcpProxy } from './tcp-proxy.ts';
import { createUndoStack } from './undo.ts';
import { connectClient, type XmppClient } from './xmpp-client.ts';

export const ALICE = 'alice@xmpp.test';

/** A real XMPP server with two accounts, and a gateway that reaches it over a wire that can be cut. */
export type PresenceWorld = {
  readonly database: TestDatabase;
  readonly wire: TcpProxy;
  readonly startGateway: () => Promise<void>;
  readonly stopGateway: () => Promise<void>;
  /** Alice, who has the contacts, unless it is the other one. */
  readonly logIn: (jid?: string) => Promise<XmppClient>;
  readonly stop: () => Promise<void>;
};

type Server = {
  readonly c2sPort: number;
  readonly componentPort: number;
  readonly stop: () => Promise<void>;
};

type StartServer = (options: {
  readonly domain: string;
  readonly componentDomain: string;
  readonly componentSecret: string;
  readonly users: Readonly<Record<string, string>>;
}) => Promise<Server>;

/** Starts all but the gateway. */
export const startPresenceWorld = async (startServer: StartServer): Promise<PresenceWorld> => {
  const undo = createUndoStack();
  try {
    const { c2sPort, componentPort, stop } = await startServer({
      domain: 'xmpp.test',
      componentDomain: DOMAIN,
      componentSecret: 'secret',
      users: { alice: 'alice-password', ben: 'ben-password' },
    });
    undo.add(stop);
    const wire = await startTcpProxy(componentPort);
    undo.add(wire.stop);
    const database = await createTestDatabase();
    undo.add(database.drop);
    const folder = await mkdtemp(join(tmpdir(), 'causeway-presence-'));
    undo.add(() => rm(folder, { recursive: true, force: true }));
    const gateway = createSwitch({
      CAUSEWAY_XMPP_SERVER: `127.0.0.1:${wire.port}`,
      CAUSEWAY_DATABASE_URL: database.url,
      CAUSEWAY_HTTP_LISTEN: `127.0.0.1:${await findFreePort()}`,
      CAUSEWAY_DATA_DIR: folder,
    });
    undo.add(gateway.stopGateway);
    const logIn = async (jid = ALICE): Promise<XmppClient> => {
      const password = `${jid.split('@', 1)[0]}-password`;
      const account = { jid, password, host: '127.0.0.1', port: c2sPort };
      const client = await connectClient(account);
      undo.add(client.close);
      return client;
    };
    return { database, wire, ...gateway, logIn, stop: () => undo.run() };
  } catch (error) {
    await undo.run();
    throw error;
  }
};

const createSwitch = (env: Readonly<Record<string, string>>) => {
  let gateway: Gateway | undefined;
  return {
    startGateway: async (): Promise<void> => {
      const log = createLog({ level: 'error', write: () => undefined, now: Date.now, hide: [] });
      gateway = await runGateway(configOf(env), log);
    },
    stopGateway: async (): Promise<void> => {
      const running = gateway;
      gateway = undefined;
      await running?.stop();
    },
  };
};
