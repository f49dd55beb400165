import { runGateway } from '../app.ts';
import { EXIT } from '../exit-codes.ts';
import { releaseMemory } from '../release-memory.ts';
import { createSystemd } from '../systemd-notify.ts';
import { startWatchdog } from '../watchdog.ts';
import type { Commands } from './commands.ts';
import { doctor } from './doctor.ts';
import { migrate } from './migrate.ts';
import { resolve } from './resolve.ts';
import { runSupervised } from './run-supervised.ts';
import { status } from './status.ts';

/** An event loop that stands still for so long does not come back, in milliseconds. */
const STALL_LIMIT_MS = 20_000;

/** Which function does what on the command line: the only file of `cli/` that knows the parts of the gateway. */
export const commands: Commands = {
  runGateway: (config, log) =>
    runSupervised(
      {
        systemd: createSystemd({
          env: process.env,
          pid: process.pid,
          onProblem: (problem) => log.warn('systemd-not-told', { problem }),
        }),
        startWatchdog: () => startWatchdog({ limitMs: STALL_LIMIT_MS, exitCode: EXIT.software }),
        log,
      },
      async () => {
        const gateway = await runGateway(config, log);
        await releaseMemory().catch((error: Error) => log.warn('memory-not-released', { error }));
        return gateway;
      },
    ),
  doctor,
  migrate,
  status,
  resolve,
};
