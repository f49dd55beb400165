import { chownSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Child, startChild } from './child.ts';
import { findFreePort } from './free-port.ts';

export type EjabberdOptions = {
  /** The host of the accounts. */
  readonly domain: string;
  readonly componentDomain: string;
  readonly componentSecret: string;
  /** Local part → password. */
  readonly users: Readonly<Record<string, string>>;
};

export type Ejabberd = {
  readonly c2sPort: number;
  readonly componentPort: number;
  readonly stop: () => Promise<void>;
  /** An orderly end and a new start on the same ports, with the same accounts. */
  readonly restart: () => Promise<void>;
};

const PROGRAM = '/usr/sbin/ejabberdctl';

/** Why no ejabberd can be started here; undefined where one can. */
export const missingEjabberd = (): string | undefined => {
  if (!existsSync(PROGRAM)) return 'The Debian package ejabberd is not installed.';
  // Its starter runs as its own user only, and changes to it from root.
  return process.getuid?.() === 0 ? undefined : 'ejabberd can be started by root only.';
};

/**
 * Starts a real ejabberd on loopback, without TLS and s2s, with one component. Resolves when its ports accept and
 * the accounts are there; rejects with the end of its log when it ends before. It ends with this process at the
 * latest, and leaves no port mapper of Erlang behind.
 */
export const startEjabberd = async (options: EjabberdOptions): Promise<Ejabberd> => {
  const dir = mkdtempSync(join(tmpdir(), 'causeway-ejabberd-'));
  const [c2sPort, componentPort, apiPort, nodePort] = [
    await findFreePort(),
    await findFreePort(),
    await findFreePort(),
    await findFreePort(),
  ];
  const ports = { c2sPort, componentPort, apiPort };
  const account = ejabberdAccount();
  for (const folder of [dir, join(dir, 'db'), join(dir, 'log')]) {
    mkdirSync(folder, { recursive: true });
    chownSync(folder, account.uid, account.gid);
  }
  writeFileSync(join(dir, 'ejabberd.yml'), renderConfig(options, ports));
  // With a port of its own the node needs no epmd; its name is unique, because several may run.
  writeFileSync(
    join(dir, 'ejabberdctl.cfg'),
    `ERL_DIST_PORT=${nodePort}\nERLANG_NODE=causeway-${nodePort}@localhost\n`,
  );
  let child: Child | undefined;
  const end = async (): Promise<void> => {
    const ending = child;
    child = undefined;
    if (ending === undefined) return;
    // The starter is a shell that a signal ends at once, and with it its group: so the node is asked to end.
    await callApi(apiPort, 'stop', {}).catch(() => undefined);
    await Promise.race([ending.ended, new Promise((resolve) => setTimeout(resolve, STOP_MS).unref())]);
    await ending.stop();
  };
  const start = async (): Promise<void> => {
    child = await startNode(dir, account);
    await untilPortsAccept(child, Object.values(ports));
  };
  await start();
  for (const [user, password] of Object.entries(options.users))
    await callApi(apiPort, 'register', { user, host: options.domain, password });
  return {
    c2sPort,
    componentPort,
    stop: async () => {
      await end();
      rmSync(dir, { recursive: true, force: true });
    },
    restart: async () => {
      await end();
      await start();
    },
  };
};

type Ports = { readonly c2sPort: number; readonly componentPort: number; readonly apiPort: number };

/** JSON is YAML. */
const renderConfig = (options: EjabberdOptions, { c2sPort, componentPort, apiPort }: Ports): string =>
  JSON.stringify({
    hosts: [options.domain],
    loglevel: 'info',
    auth_method: 'internal',
    listen: [
      { port: c2sPort, ip: '127.0.0.1', module: 'ejabberd_c2s', starttls: false },
      {
        port: componentPort,
        ip: '127.0.0.1',
        module: 'ejabberd_service',
        hosts: { [options.componentDomain]: { password: options.componentSecret } },
      },
      {
        port: apiPort,
        ip: '127.0.0.1',
        module: 'ejabberd_http',
        request_handlers: { '/api': 'mod_http_api' },
      },
    ],
    api_permissions: {
      accounts: { from: ['mod_http_api'], who: { ip: '127.0.0.1/8' }, what: ['register', 'stop'] },
    },
    s2s_access: 'none',
    modules: { mod_roster: {}, mod_offline: {}, mod_disco: {}, mod_ping: {}, mod_vcard: {} },
  });

type Account = { readonly uid: number; readonly gid: number };

const ejabberdAccount = (): Account => {
  const line = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .find((entry) => entry.startsWith('ejabberd:'));
  if (line === undefined) throw new Error('The package ejabberd is not installed.');
  const [, , uid, gid] = line.split(':');
  return { uid: Number(uid), gid: Number(gid) };
};

const startNode = (dir: string, { uid, gid }: Account): Promise<Child> =>
  startChild('setpriv', {
    args: [
      `--reuid=${uid}`,
      `--regid=${gid}`,
      '--clear-groups',
      PROGRAM,
      ...['--config-dir', dir],
      ...['--config', join(dir, 'ejabberd.yml')],
      ...['--ctl-config', join(dir, 'ejabberdctl.cfg')],
      ...['--spool', join(dir, 'db')],
      ...['--logs', join(dir, 'log')],
      'foreground',
    ],
    // Erlang keeps its cookie at home.
    env: { ...process.env, HOME: dir },
    cwd: dir,
    logFile: join(dir, 'out.log'),
  });

const STOP_MS = 10_000;

const callApi = async (apiPort: number, command: 'register' | 'stop', values: object): Promise<void> => {
  const response = await fetch(`http://127.0.0.1:${apiPort}/api/${command}`, {
    method: 'POST',
    body: JSON.stringify(values),
  });
  if (!response.ok) throw new Error(`ejabberd refused ${command}: ${await response.text()}`);
};

const accepts = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('error', () => resolve(false));
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
  });

const START_MS = 60_000;

const untilPortsAccept = async (child: Child, ports: readonly number[]): Promise<void> => {
  const deadline = performance.now() + START_MS;
  let hasEnded = false;
  void child.ended.then(() => {
    hasEnded = true;
  });
  for (;;) {
    if ((await Promise.all(ports.map(accepts))).every(Boolean)) return;
    if (hasEnded || performance.now() > deadline) {
      const log = child.tail(20);
      await child.stop();
      throw new Error(`ejabberd did not come up:\n${log}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
};
