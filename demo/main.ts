import { join } from 'node:path';
import { createEchoFilter } from '../src/cli/signal-echo.ts';
import { readDemoArguments } from './arguments.ts';
import { createNarrator } from './narrate.ts';
import { runDemo } from './run.ts';

const USAGE = 'usage: npm run demo [-- --once]\n';
/** From sysexits(3): the command was used wrongly. */
const EX_USAGE = 64;

const wish = readDemoArguments(process.argv.slice(2), process.env);
if (wish === undefined) {
  process.stderr.write(USAGE);
  process.exit(EX_USAGE);
}
const enough = new AbortController();
const isEcho = createEchoFilter(() => performance.now());
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
  process.on(signal, () => {
    if (isEcho(signal)) return;
    // A second one means "at once": the exit handlers of what was started end it.
    if (enough.signal.aborted) process.exit(1);
    enough.abort();
  });
// Nobody reads any more, as after `| head`: unheard, the error would end the process before it has tidied up.
process.stdout.on('error', () => enough.abort());
const code = await runDemo({
  root: join(import.meta.dirname, '..'),
  once: wish.once,
  say: createNarrator(
    (text) => void process.stdout.write(text),
    () => new Date(),
  ),
  now: new Date(),
  enough: enough.signal,
});
// Idle connections and timers of other people's libraries shall not keep a finished demo alive.
process.exit(code);
