import { join, resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { type Child, signalGroup, startChild } from './child.ts';

export type GatewayProcess = Child & {
  /** `kill -9`, and the end of it. */
  kill(): Promise<void>;
  signal(signal: NodeJS.Signals): void;
};

export type GatewayProcessOptions = {
  /** Data directory and working folder. */
  readonly folder: string;
  readonly httpPort: number;
  /** `CAUSEWAY_…` and the like. */
  readonly env: Readonly<Record<string, string>>;
  /** `step:kill|throw|hang[:nth]`. */
  readonly failpoint?: string;
  /** Arguments of Node itself. */
  readonly nodeArgs?: readonly string[];
  /** A program and its arguments that run Node, `prlimit` say. */
  readonly under?: readonly string[];
  /** Do not wait for it to be ready. */
  readonly unready?: boolean;
  readonly logName?: string;
};

const ROOT = resolve(import.meta.dirname, '../..');
const READY_MS = 60_000;

/** `causeway run` as a process of its own. Resolves when it says that it is ready; rejects with the end of its log. */
export const startGatewayProcess = async (options: GatewayProcessOptions): Promise<GatewayProcess> => {
  const [program = process.execPath, ...args] = [
    ...(options.under ?? []),
    process.execPath,
    ...(options.nodeArgs ?? []),
    join(ROOT, 'src/main.ts'),
    'run',
  ];
  const child = await startChild(program, {
    args,
    cwd: options.folder,
    env: {
      ...withoutSettings(process.env),
      ...options.env,
      ...(options.failpoint === undefined ? {} : { CAUSEWAY_FAILPOINT: options.failpoint }),
    },
    logFile: join(options.folder, options.logName ?? `gateway-${performance.now().toFixed(0)}.log`),
  });
  const gateway = {
    ...child,
    signal: (signal: NodeJS.Signals) => signalGroup(child.pid, signal),
    kill: async () => {
      signalGroup(child.pid, 'SIGKILL');
      await child.ended;
    },
  };
  if (options.unready !== true) await untilReady(gateway, options.httpPort);
  return gateway;
};

/** What somebody has set for a gateway of their own shall not reach this one. */
const withoutSettings = (env: NodeJS.ProcessEnv): NodeJS.ProcessEnv =>
  Object.fromEntries(Object.entries(env).filter(([name]) => !name.startsWith('CAUSEWAY_')));

/** What `/readyz` says: the status and the reasons, or undefined where nobody answers. */
export const askReady = async (
  httpPort: number,
): Promise<{ readonly ok: boolean; readonly text: string } | undefined> => {
  try {
    const response = await fetch(`http://127.0.0.1:${httpPort}/readyz`, {
      signal: AbortSignal.timeout(10_000),
    });
    return { ok: response.ok, text: await response.text() };
  } catch {
    return undefined;
  }
};

const untilReady = async (child: Child, httpPort: number): Promise<void> => {
  const deadline = Date.now() + READY_MS;
  let end: string | undefined;
  void child.ended.then((sentence) => {
    end = sentence;
  });
  for (;;) {
    const answer = await askReady(httpPort);
    if (answer?.ok === true) return;
    if (end !== undefined || Date.now() > deadline) {
      await child.stop();
      throw new Error(`The gateway did not become ready: ${end ?? answer?.text ?? ''}\n${child.tail(15)}`);
    }
    await pause(50);
  }
};
