import { execFile } from 'node:child_process';
import { chmodSync, chownSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type Child, signalGroup, startChild } from './child.ts';
import { findFreePort } from './free-port.ts';

const run = promisify(execFile);

export type ProsodyOptions = {
  /** The host of the accounts. */
  readonly domain: string;
  readonly componentDomain: string;
  readonly componentSecret: string;
  /** Local part → password. */
  readonly users: Readonly<Record<string, string>>;
  /** Ports of one's own choice; free ones otherwise. */
  readonly c2sPort?: number;
  readonly componentPort?: number;
  /** Let the component read and write rosters (XEP-0356); needs the package prosody-modules. */
  readonly privileged?: boolean;
  /** Keep accounts and logs here, and leave them there; otherwise a temporary folder, removed at the end. */
  readonly dir?: string;
};

export type Prosody = {
  readonly c2sPort: number;
  readonly componentPort: number;
  readonly dir: string;
  /** Ends it for good; a folder of its own goes with it. Safe to call twice. */
  readonly stop: () => Promise<void>;
  /** An orderly end and a new start on the same ports, with the same accounts. */
  readonly restart: () => Promise<void>;
  /** `kill -9`. `restart` brings it back. */
  readonly kill: () => Promise<void>;
  /** Stops and continues the process where it stands: its sockets stay open, nobody answers. */
  readonly freeze: (frozen: boolean) => void;
  readonly log: () => string;
};

/**
 * Starts a real Prosody on loopback, with s2s off, plain accounts and one component. Resolves when both
 * ports accept; rejects with the end of its log when it ends before. It ends with this process at the latest.
 */
export const startProsody = async (options: ProsodyOptions): Promise<Prosody> => {
  const dir = options.dir ?? mkdtempSync(join(tmpdir(), 'causeway-prosody-'));
  const c2sPort = options.c2sPort ?? (await findFreePort());
  const componentPort = options.componentPort ?? (await findFreePort());
  const ports = [c2sPort, componentPort];
  const config = join(dir, 'prosody.cfg.lua');
  const logFile = join(dir, 'prosody.log');
  prepareFolder(dir);
  writeFileSync(config, renderConfig(options, dir, { c2sPort, componentPort }));
  for (const [user, password] of Object.entries(options.users))
    await register({ config, domain: options.domain, user, password });

  let child: Child | undefined;
  const start = async (): Promise<void> => {
    child = await startChild(...asProsody(['prosody', '--config', config, '-F'], logFile));
    await untilPortsAccept(child, ports);
  };
  const end = async (): Promise<void> => {
    const ending = child;
    child = undefined;
    await ending?.stop();
  };
  await start();
  return {
    c2sPort,
    componentPort,
    dir,
    stop: async () => {
      await end();
      if (options.dir === undefined) rmSync(dir, { recursive: true, force: true });
    },
    restart: async () => {
      await end();
      await start();
    },
    kill: async () => {
      const ending = child;
      child = undefined;
      signalGroup(ending?.pid, 'SIGKILL');
      await ending?.ended;
    },
    freeze: (frozen) => signalGroup(child?.pid, frozen ? 'SIGSTOP' : 'SIGCONT'),
    log: () => readFileSync(logFile, 'utf8'),
  };
};

type Ports = { readonly c2sPort: number; readonly componentPort: number };

const quote = (text: string): string => JSON.stringify(text);

/** `kick_old`: a gateway that lost its connection gets in at once, though the server still holds the old one. */
const renderConfig = (options: ProsodyOptions, dir: string, ports: Ports): string => `
pidfile = ${quote(join(dir, 'prosody.pid'))}
data_path = ${quote(join(dir, 'data'))}
storage = "internal"
authentication = "internal_plain"
log = { { levels = { min = "info" }, to = "console" } }
interfaces = { "127.0.0.1" }
local_interfaces = { "127.0.0.1" }
c2s_ports = { ${ports.c2sPort} }
c2s_direct_tls_ports = { }
component_ports = { ${ports.componentPort} }
component_interfaces = { "127.0.0.1" }
component_conflict_resolve = "kick_old"
c2s_require_encryption = false
allow_unencrypted_plain_auth = true
modules_disabled = { "s2s" }
modules_enabled = {
  ${options.privileged === true ? '"privilege"; ' : ''}"roster"; "saslauth"; "disco"; "carbons"; "pep"; "blocklist"; "vcard_legacy"; "version"; "time"; "ping"; "mam";
}
${options.privileged === true ? 'plugin_paths = { "/usr/lib/prosody/modules" }' : ''}
VirtualHost ${quote(options.domain)}
${options.privileged === true ? `  privileged_entities = { [${quote(options.componentDomain)}] = { roster = "both"; iq = { ["http://jabber.org/protocol/pubsub"] = "get"; ["vcard-temp"] = "get" } } }` : ''}
  disco_items = { { ${quote(options.componentDomain)}, "Fediverse" } }
Component ${quote(options.componentDomain)}
  component_secret = ${quote(options.componentSecret)}
  ${options.privileged === true ? 'modules_enabled = { "privilege" }' : ''}
`;

type Account = { readonly uid: number; readonly gid: number };

/** Prosody refuses to run as root: then it runs as the user that its package made. */
const prosodyAccount = (): Account | undefined => {
  if (process.getuid?.() !== 0) return undefined;
  const line = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .find((entry) => entry.startsWith('prosody:'));
  if (line === undefined) throw new Error('The package prosody is not installed.');
  const [, , uid, gid] = line.split(':');
  return { uid: Number(uid), gid: Number(gid) };
};

const asProsody = (
  command: readonly string[],
  logFile: string,
): [string, { readonly args: readonly string[]; readonly logFile: string }] => {
  const account = prosodyAccount();
  const whole =
    account === undefined
      ? command
      : ['setpriv', `--reuid=${account.uid}`, `--regid=${account.gid}`, '--clear-groups', ...command];
  const [program = '', ...args] = whole;
  return [program, { args, logFile }];
};

const prepareFolder = (dir: string): void => {
  mkdirSync(join(dir, 'data'), { recursive: true });
  const account = prosodyAccount();
  for (const folder of [dir, join(dir, 'data')]) {
    chmodSync(folder, 0o700);
    if (account !== undefined) chownSync(folder, account.uid, account.gid);
  }
};

type Registration = {
  readonly config: string;
  readonly domain: string;
  readonly user: string;
  readonly password: string;
};

const register = async ({ config, domain, user, password }: Registration): Promise<void> => {
  const command = ['prosodyctl', '--config', config, 'register', user, domain, password];
  const [program, { args }] = asProsody(command, '');
  await run(program, args);
};

const accepts = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => resolve(true));
    socket.once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
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
      throw new Error(`Prosody did not come up:\n${log}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
};
