import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { type Child, startChild } from '../test/support/child.ts';

export type GatewayOptions = {
  /** The checkout. */
  readonly root: string;
  /** Its working folder and data directory; the embedded database in it is gone on with at the next start. */
  readonly folder: string;
  readonly domain: string;
  readonly homeDomain: string;
  /** The loopback port of its plain HTTP. */
  readonly httpPort: number;
  /** The loopback port where the XMPP server takes components. */
  readonly componentPort: number;
  readonly componentSecret: string;
  /** PEM file with the authority of the other servers' certificates. */
  readonly authorityFile: string;
};

const READY_TIMEOUT_MS = 60_000;
const ASK_MS = 100;
const LOG_LINES = 15;

/**
 * Runs `causeway run` as a process of its own, configured by its environment alone, until it says that it is ready.
 * Rejects with a reason and the end of its log.
 */
export async function startGateway(options: GatewayOptions): Promise<Child> {
  await mkdir(options.folder, { recursive: true });
  const child = await startChild(process.execPath, {
    args: [join(options.root, 'src/main.ts'), 'run'],
    // A configuration file of the checkout's owner lies elsewhere and is not read.
    cwd: options.folder,
    env: { ...withoutSettings(process.env), ...toEnvironment(options) },
    logFile: join(options.folder, 'gateway.log'),
  });
  try {
    await waitUntilReady(`http://127.0.0.1:${options.httpPort}/readyz`, child.ended);
  } catch (error) {
    await child.stop();
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(`The gateway did not become ready: ${reason}\n${child.tail(LOG_LINES)}`, {
      cause: error,
    });
  }
  return child;
}

function toEnvironment(options: GatewayOptions): NodeJS.ProcessEnv {
  return {
    CAUSEWAY_DOMAIN: options.domain,
    CAUSEWAY_HOME_DOMAINS: options.homeDomain,
    CAUSEWAY_HTTP_LISTEN: `127.0.0.1:${options.httpPort}`,
    CAUSEWAY_XMPP_SERVER: `127.0.0.1:${options.componentPort}`,
    CAUSEWAY_XMPP_SECRET: options.componentSecret,
    CAUSEWAY_DATA_DIR: join(options.folder, 'data'),
    CAUSEWAY_DEV_ALLOW_PRIVATE_ADDRESSES: 'true',
    NODE_EXTRA_CA_CERTS: options.authorityFile,
  };
}

/** What somebody has set for a gateway of their own shall not reach this one. */
function withoutSettings(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !name.startsWith('CAUSEWAY_')));
}

async function waitUntilReady(url: string, ended: Promise<string>): Promise<void> {
  const deadline = Date.now() + READY_TIMEOUT_MS;
  let last = 'it answers nothing';
  let end: string | undefined;
  void ended.then((sentence) => {
    end = sentence;
  });
  for (;;) {
    if (end !== undefined) throw new Error(end);
    if (Date.now() > deadline) throw new Error(last);
    try {
      const response = await fetch(url, { signal: AbortSignal.timeout(2_000) });
      const text = await response.text();
      if (response.ok) return;
      last = `${response.status} ${text.slice(0, 500)}`;
    } catch {
      // Not listening yet.
    }
    await pause(ASK_MS);
  }
}
