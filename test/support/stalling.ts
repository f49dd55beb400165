import { execFileSync } from 'node:child_process';
import { startWatchdog } from '../../src/watchdog.ts';

// A program that is watched and then does what the first argument says.
const [how = '', limit = ''] = process.argv.slice(2);
const stop = await startWatchdog({ limitMs: Number(limit), exitCode: 70 });
process.stdout.write('watched\n');

switch (how) {
  case 'loop':
    for (;;);
  case 'system-call':
    execFileSync('sleep', ['60']);
    break;
  case 'work':
    // Busy, but never for long.
    setInterval(() => {
      const until = performance.now() + 50;
      while (performance.now() < until);
    }, 60);
    break;
  case 'stop-watch':
    await stop();
    process.stdout.write('unwatched\n');
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 2 * Number(limit));
    break;
  default:
    break; // nothing keeps it alive
}
