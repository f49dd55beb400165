import { spawn } from 'node:child_process';

export type SystemdOptions = {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly pid: number;
  /** `systemd-notify` itself, and a hint where it cannot be run. */
  readonly onProblem: (problem: string) => void;
};

/** Tells systemd how the service is (sd_notify(3)). Outside of a unit with `Type=notify` it does nothing. */
export type Systemd = {
  /** The start is over. From now on it is also told, in time for `WatchdogSec`, that the event loop turns. */
  readonly ready: () => void;
  /** An orderly stop has begun. */
  readonly stopping: () => void;
  readonly close: () => void;
};

const SILENT: Systemd = { ready: () => {}, stopping: () => {}, close: () => {} };

/** A datagram to a socket of this machine is a matter of milliseconds. */
const NOTIFY_MS = 5_000;

/**
 * NOTE Node has no datagram sockets of the unix kind, so the program `systemd-notify` sends what there is to tell;
 * the unit therefore needs `NotifyAccess=all`. It waits until systemd has read the message, so that its process
 * can still be told to belong to the unit.
 */
export const createSystemd = ({ env, pid, onProblem }: SystemdOptions): Systemd => {
  if (!env['NOTIFY_SOCKET']) return SILENT;
  let timer: NodeJS.Timeout | undefined;
  let hasProblem = false;
  let isTelling = false;
  const tell = (...assignments: readonly string[]): void => {
    const child = spawn('systemd-notify', [`--pid=${pid}`, ...assignments], {
      env: { PATH: env['PATH'], NOTIFY_SOCKET: env['NOTIFY_SOCKET'] },
      stdio: 'ignore',
      timeout: NOTIFY_MS,
    });
    const settle = (problem: string | undefined): void => {
      isTelling = false;
      // Once is enough: what follows comes every few seconds.
      if (problem !== undefined && !hasProblem) onProblem(problem);
      hasProblem = problem !== undefined;
    };
    isTelling = true;
    child.once('error', (error) => settle(`systemd-notify cannot be run: ${error.message}`));
    child.once('exit', (code) => settle(code === 0 ? undefined : 'systemd-notify could not reach systemd'));
    child.unref();
  };
  return {
    ready: () => {
      tell('READY=1');
      const everyMs = watchdogPause(env, pid);
      if (everyMs === undefined) return;
      timer = setInterval(() => {
        if (!isTelling) tell('WATCHDOG=1');
      }, everyMs).unref();
    },
    stopping: () => tell('STOPPING=1'),
    close: () => clearInterval(timer),
  };
};

/**
 * Milliseconds between two signs of life, half of what systemd waits for (sd_watchdog_enabled(3)); undefined where
 * it waits for none, or for those of another process.
 */
export const watchdogPause = (env: SystemdOptions['env'], pid: number): number | undefined => {
  const { WATCHDOG_USEC: limit = '', WATCHDOG_PID: whose = String(pid) } = env;
  if (!/^[1-9]\d{0,14}$/u.test(limit) || whose !== String(pid)) return undefined;
  // A timer of Node holds at most 2^31 - 1 milliseconds.
  return Math.min(Math.max(Math.floor(Number(limit) / 2_000), 1), 2 ** 31 - 1);
};
