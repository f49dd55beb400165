import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { startChild } from './child.ts';
import {
  listenForNotes,
  readFollowers,
  readFollowing,
  readNotes,
  readUntil,
  type SnacNote,
} from './snac-files.ts';

const run = promisify(execFile);
const SCRIPT = join(import.meta.dirname, '../../scripts/install-snac.sh');
/** Where Debian's libcurl looks for authorities. */
const SYSTEM_BUNDLE = '/etc/ssl/certs/ca-certificates.crt';
const START_TIMEOUT_MS = 10_000;

export type SnacOptions = {
  /** The program, from `installSnac`. */
  readonly program: string;
  /** An empty or absent folder for its state. */
  readonly folder: string;
  /** The host name of its actors, which a TLS terminator leads to `port`. */
  readonly domain: string;
  /** A free loopback port for its plain HTTP. */
  readonly port: number;
  readonly users: readonly string[];
  /** PEM file with the authorities that it shall trust, and no others. */
  readonly caBundle: string;
};

/** A running snac, a Fediverse server in C that nobody here wrote. Users act by its web forms, as in a browser. */
export type Snac = {
  readonly pid: number;
  readonly logFile: string;
  actorId(user: string): string;
  /** Sends a note to the people mentioned in `text` (as `@name@host`) and to nobody else. */
  sendDirect(user: string, text: string): Promise<void>;
  /** Answers a note that `user` has received; to its author and to nobody else. */
  reply(user: string, noteId: string, text: string): Promise<void>;
  /** Changes the text of a note of `user`'s own. */
  edit(user: string, noteId: string, text: string): Promise<void>;
  /** Deletes a note of `user`'s own. */
  remove(user: string, noteId: string): Promise<void>;
  /** Follows an actor, given as `@name@host` or as its URL. */
  follow(user: string, actor: string): Promise<void>;
  unfollow(user: string, actorId: string): Promise<void>;
  like(user: string, noteId: string): Promise<void>;
  /** The notes in a user's timeline, received and own. */
  notes(user: string): Promise<SnacNote[]>;
  /** Calls `listener` once with each note, those that are there first; the function returned ends that. */
  listen(user: string, listener: (note: SnacNote) => void): () => void;
  waitForNote(user: string, matches: (note: SnacNote) => boolean, timeoutMs: number): Promise<SnacNote>;
  waitForFollower(user: string, actorId: string, timeoutMs: number): Promise<void>;
  /** Resolves once `actorId` has accepted to be followed by `user`. */
  waitForFollowing(user: string, actorId: string, timeoutMs: number): Promise<void>;
  tail(lines: number): string;
  stop(): Promise<void>;
};

/** The path of the snac program, or one sentence that says why there is none; the Fedify peer stands in then. */
export type SnacProgram = { readonly path: string } | { readonly missing: string };

/** Finds snac2, fetches it where it is missing, and makes sure that it can be run with authorities of our own. */
export async function installSnac(): Promise<SnacProgram> {
  let path: string;
  try {
    path = (await run('sh', [SCRIPT])).stdout.trim();
  } catch (error) {
    const stderr = typeof error === 'object' && error !== null && 'stderr' in error ? error.stderr : '';
    const last = typeof stderr === 'string' ? stderr.trim().split('\n').at(-1) : '';
    return { missing: last === undefined || last === '' ? 'snac2 cannot be fetched.' : last };
  }
  try {
    await run('unshare', ['-m', 'mount', '--bind', SYSTEM_BUNDLE, SYSTEM_BUNDLE]);
  } catch {
    return { missing: 'snac2 cannot be run: this machine allows no private mount namespace (unshare -m).' };
  }
  return { path };
}

/** Sets up a new server with its users and starts it. */
export async function startSnac(options: SnacOptions): Promise<Snac> {
  const { program, folder, domain, port, users } = options;
  await mkdir(join(folder, '..'), { recursive: true });
  // The answers: address, port, host name, path prefix, admin's address.
  await answer(program, ['init', folder], ['127.0.0.1', `${port}`, domain, '', '']);
  const passwords = new Map<string, string>();
  for (const user of users) {
    const told = await answer(program, ['adduser', folder], [user, user, '']);
    passwords.set(user, /password is (\S+)/u.exec(told)?.[1] ?? '');
  }
  await retrySoon(folder);

  // In a mount namespace of its own our authorities lie over the machine's, which stay as they are.
  const child = await startChild('unshare', {
    args: [
      ...['-m', 'sh', '-c', `mount --bind "$1" ${SYSTEM_BUNDLE} && exec "$2" httpd "$3"`],
      ...['sh', options.caBundle, program, folder],
    ],
    env: { ...process.env, DEBUG: '1' },
    logFile: `${folder}.log`,
  });
  const base = `http://127.0.0.1:${port}`;
  await waitForHttp(`${base}/`, child.ended);

  const post = async (user: string, form: string, fields: Record<string, string>) => {
    const body = new FormData();
    for (const [name, value] of Object.entries(fields)) body.set(name, value);
    const response = await fetch(`${base}/${user}/admin/${form}`, {
      method: 'POST',
      headers: { authorization: `Basic ${btoa(`${user}:${passwords.get(user) ?? ''}`)}` },
      body,
      redirect: 'manual',
    });
    // A form that was taken leads back to the timeline.
    if (response.status !== 303) throw new Error(`snac answered ${response.status} to ${form}`);
  };
  const until = <T>(user: string, read: () => Promise<T | undefined>, what: string, timeoutMs: number) =>
    readUntil(folder, user, read, `${what} at snac`, timeoutMs);
  const listed = async (read: typeof readFollowers, user: string, actorId: string) =>
    (await read(folder, user)).includes(actorId) || undefined;

  return {
    pid: child.pid,
    logFile: child.logFile,
    actorId: (user) => `https://${domain}/${user}`,
    sendDirect: (user, text) => post(user, 'note', { content: text, mentioned_only: 'on' }),
    reply: (user, noteId, text) =>
      post(user, 'note', { content: text, in_reply_to: noteId, mentioned_only: 'on' }),
    edit: (user, noteId, text) => post(user, 'note', { content: text, edit_id: noteId }),
    remove: (user, noteId) => post(user, 'action', { id: noteId, action: 'Delete' }),
    follow: (user, actor) => post(user, 'action', { actor: actor.replace(/^@/u, ''), action: 'Follow' }),
    unfollow: (user, actorId) => post(user, 'action', { actor: actorId, action: 'Unfollow' }),
    like: (user, noteId) => post(user, 'action', { id: noteId, action: 'Like' }),
    notes: (user) => readNotes(folder, user),
    listen: (user, listener) => listenForNotes(folder, user, listener),
    waitForNote: (user, matches, timeoutMs) =>
      until(user, async () => (await readNotes(folder, user)).find(matches), `note for ${user}`, timeoutMs),
    async waitForFollower(user, actorId, timeoutMs) {
      await until(user, () => listed(readFollowers, user, actorId), `follower ${actorId}`, timeoutMs);
    },
    async waitForFollowing(user, actorId, timeoutMs) {
      await until(user, () => listed(readFollowing, user, actorId), `Accept of ${actorId}`, timeoutMs);
    },
    tail: (lines) => child.tail(lines),
    // Its own end takes seconds, and its state is thrown away.
    stop: () => child.stop(200),
  };
}

/** Runs a snac command that asks on its terminal. */
async function answer(program: string, args: readonly string[], answers: readonly string[]): Promise<string> {
  const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'pipe'] });
  let told = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8');
    stream.on('data', (text: string) => {
      told += text;
    });
  }
  child.stdin.end(`${answers.join('\n')}\n`);
  const [code]: unknown[] = await once(child, 'close');
  if (code !== 0) throw new Error(`snac ${args[0] ?? ''} failed: ${told}`);
  return told;
}

/**
 * Its unit of retrying is minutes; a delivery that failed once shall not fail a test of a restart. Without a pause
 * it tries at each look at its queue, every 3 seconds.
 */
async function retrySoon(folder: string): Promise<void> {
  const file = join(folder, 'server.json');
  const settings: unknown = JSON.parse(await readFile(file, 'utf8'));
  if (typeof settings !== 'object' || settings === null) throw new Error('server.json is no object');
  await writeFile(
    file,
    JSON.stringify({ ...settings, queue_retry_minutes: 0, queue_retry_max: 100 }, null, 2),
  );
}

async function waitForHttp(url: string, ended: Promise<string>): Promise<void> {
  const deadline = Date.now() + START_TIMEOUT_MS;
  let failure: string | undefined;
  void ended.then((sentence) => {
    failure = sentence;
  });
  for (;;) {
    if (failure !== undefined) throw new Error(failure);
    try {
      await fetch(url, { signal: AbortSignal.timeout(1_000) });
      return;
    } catch (error) {
      if (Date.now() > deadline) throw new Error(`snac did not answer at ${url}`, { cause: error });
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
}
