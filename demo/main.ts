import { join } from 'node:path';
import { createNarrator } from './narrate.ts';
import { runDemo } from './run.ts';

const USAGE = 'usage: npm run demo [-- --once]\n';
/** From sysexits(3): the command was used wrongly. */
const EX_USAGE = 64;

const args = process.argv.slice(2);
if (args.some((arg) => arg !== '--once')) {
  process.stderr.write(USAGE);
  process.exit(EX_USAGE);
}
const enough = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
  process.on(signal, () => {
    // A second one means "at once": the exit handlers of what was started end it.
    if (enough.signal.aborted) process.exit(1);
    enough.abort();
  });
const code = await runDemo({
  root: join(import.meta.dirname, '..'),
  once: args.includes('--once'),
  say: createNarrator(
    (text) => void process.stdout.write(text),
    () => new Date(),
  ),
  now: new Date(),
  enough: enough.signal,
});
// Idle connections and timers of other people's libraries shall not keep a finished demo alive.
process.exit(code);
