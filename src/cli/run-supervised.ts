import { type Log, toError } from '../log.ts';
import type { Systemd } from '../systemd-notify.ts';
import type { Gateway } from './commands.ts';

export type SupervisionDeps = {
  readonly systemd: Systemd;
  /** From here on the process ends when its event loop stands still. */
  readonly startWatchdog: () => Promise<unknown>;
  readonly log: Log;
};

/**
 * Starts the gateway under watch, and tells systemd when it runs and when it begins to stop. The watch lasts as long
 * as the process. Rejects as `start` does; a watchdog that cannot be had is no reason not to run.
 */
export const runSupervised = async (
  { systemd, startWatchdog, log }: SupervisionDeps,
  start: () => Promise<Gateway>,
): Promise<Gateway> => {
  try {
    await startWatchdog();
  } catch (error) {
    log.warn('no-watchdog', { error: toError(error) });
  }
  const gateway = await start();
  systemd.ready();
  return {
    stop: async () => {
      systemd.stopping();
      await gateway.stop();
      systemd.close();
    },
  };
};
