import { join } from 'node:path';
import { createUndoStack } from '../test/support/undo.ts';
import { endLeftovers, markChildren } from './leftovers.ts';
import type { Say } from './narrate.ts';
import { installPackages } from './packages.ts';
import { exchangeMessages } from './round-trip.ts';
import { startWorld, type World } from './world.ts';

export type DemoOptions = {
  /** The checkout. */
  readonly root: string;
  /** End after one message each way. */
  readonly once: boolean;
  readonly say: Say;
  readonly now: Date;
  /** Aborted when the person at the terminal has seen enough. */
  readonly enough: AbortSignal;
};

const PACKAGES = ['prosody', 'python3-slixmpp'];
const LOG_LINES = 12;
/** From sysexits(3): something that is needed is not there. */
const EX_UNAVAILABLE = 69;
/** What shells report for a program that SIGINT ended. */
const EX_INTERRUPTED = 130;

/**
 * The whole demo. Gives the exit code: 0 where both messages arrived, 1 where one did not or a part did not start,
 * 69 where this machine cannot run it, 130 where it was interrupted before. What it started, it has stopped.
 */
export async function runDemo(options: DemoOptions): Promise<number> {
  const { root, say, enough } = options;
  if (process.getuid?.() !== 0) {
    say(
      'The demo needs root: for Debian packages, port 443 and names in /etc/hosts (taken out again at the end).',
    );
    return EX_UNAVAILABLE;
  }
  const undo = createUndoStack();
  const folder = join(root, 'data', 'demo');
  try {
    const left = await endLeftovers(folder);
    if (left > 0) say(`An earlier demo was killed: ended ${left} programs that it had left running.`);
    markChildren(process.env, folder);
    const world = await unlessAborted(enough, async () => {
      await installPackages(root, PACKAGES, say);
      const started = await startWorld({ root, folder, say, now: options.now, undo });
      await exchangeOrShowLogs(started, options);
      return started;
    });
    say(`Both messages arrived. ${process.uptime().toFixed(1)} seconds from start to end.`);
    if (!options.once) await stay(world, say, enough);
    return 0;
  } catch (error) {
    if (enough.aborted) return EX_INTERRUPTED;
    say(error instanceof Error ? error.message : String(error));
    return 1;
  } finally {
    say('Stopping everything ...');
    await undo.run();
    say('Nothing is left running, and /etc/hosts is as it was.');
  }
}

async function exchangeOrShowLogs(world: World, { say, now }: DemoOptions): Promise<void> {
  try {
    await exchangeMessages({ ...world, say }, now.toISOString());
  } catch (error) {
    for (const [name, tail] of world.logs) say(`${name} wrote last:\n${tail(LOG_LINES)}`);
    throw error;
  }
}

/** Rejects as soon as `signal` is aborted, whatever `work` is doing; what it then leaves is for the undo stack. */
async function unlessAborted<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
  return Promise.race([work(), aborted(signal).then(() => Promise.reject(new Error('interrupted')))]);
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

/** Says how to take part, and has the Fediverse person answer whoever writes, until the end. */
async function stay(world: World, say: Say, enough: AbortSignal): Promise<void> {
  const { account, contact, person } = world;
  say(`Log in yourself, with any XMPP client, on this machine (without TLS, which the client must be told to allow):
account   ${account.jid}
password  ${account.password}
server    ${account.host}, port ${account.port}
Write to  ${contact}
${person.name} answers automatically to whatever comes. What both sides see is shown here. Ctrl-C ends it all.`);
  world.atFediverse.listen(({ id, text }) => {
    // Without the mention that comes before what was typed.
    const typed = text.replace(/^@\S+ /u, '').slice(0, 200);
    person.reply(id, `You wrote: ${typed}`).then(
      () => say(`@${person.handle} answers (automatically).`),
      (error: unknown) => say(`@${person.handle} could not answer: ${String(error)}`),
    );
  });
  await aborted(enough);
}
