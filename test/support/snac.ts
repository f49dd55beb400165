import { startChild } from './child.ts';
import {
  listenForNotes,
  readAsked,
  readFollowers,
  readFollowing,
  readHandle,
  readName,
  readNotes,
  readUntil,
  type SnacNote,
} from './snac-files.ts';
import { answer, replaceKey, SYSTEM_BUNDLE, setUpSnac } from './snac-setup.ts';

const START_TIMEOUT_MS = 60_000;

export type SnacOptions = {
  /** The program, from `installSnac`. */
  readonly program: string;
  /** The folder of its state: absent, or from an earlier run with the same domain. */
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
  /** Sends a note to everybody; the people mentioned in `text` are told of it. */
  sendPublic(user: string, text: string): Promise<void>;
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
  unlike(user: string, noteId: string): Promise<void>;
  boost(user: string, noteId: string): Promise<void>;
  unboost(user: string, noteId: string): Promise<void>;
  /** Sends a `Ping`, which is in no vocabulary, by snac's own command; to the shared inbox. */
  ping(user: string, actorId: string): Promise<void>;
  /** Moves a user to another one of this server, with both naming each other as aliases; followers are told. */
  migrate(user: string, to: string): Promise<void>;
  /** Changes the name that is shown; snac tells those who follow the user. */
  rename(user: string, name: string): Promise<void>;
  /** From now on the user signs with a new key, which the actor's document shows. */
  replaceKey(user: string): Promise<void>;
  /** Deletes a user by snac's own command. */
  removeUser(user: string): Promise<void>;
  /** The `name@host` of an actor from whom something has come. */
  handleOf(actorId: string): Promise<string | undefined>;
  /** Resolves once the server knows an actor by this name, or by none: then it knows it no more. */
  waitForName(actorId: string, name: string | undefined, timeoutMs: number): Promise<void>;
  /** The notes in a user's timeline, received and own. */
  notes(user: string): Promise<SnacNote[]>;
  /** Calls `listener` once with each note, those that are there first; the function returned ends that. */
  listen(user: string, listener: (note: SnacNote) => void): () => void;
  waitForNote(user: string, matches: (note: SnacNote) => boolean, timeoutMs: number): Promise<SnacNote>;
  waitForFollower(user: string, actorId: string, timeoutMs: number): Promise<void>;
  /** Resolves once `actorId` is not among those who follow `user`. */
  waitForFollowerGone(user: string, actorId: string, timeoutMs: number): Promise<void>;
  /** The actor ids that `user` follows, and those that have not answered yet. */
  following(user: string): Promise<{ readonly asked: string[]; readonly accepted: string[] }>;
  /** Resolves once `actorId` has accepted to be followed by `user`. */
  waitForFollowing(user: string, actorId: string, timeoutMs: number): Promise<void>;
  tail(lines: number): string;
  stop(): Promise<void>;
};

/** Starts a server with its users; a folder that holds one is gone on with, and its people keep their notes. */
export async function startSnac(options: SnacOptions): Promise<Snac> {
  const { program, folder, domain, port, users } = options;
  const passwords = await setUpSnac({ program, folder, domain, port, users });

  const child = await startChild('unshare', {
    args: underAuthorities(options, ['httpd', folder]),
    env: { ...process.env, DEBUG: '1' },
    logFile: `${folder}.log`,
  });
  const base = `http://127.0.0.1:${port}`;
  await waitForHttp(`${base}/`, child.ended);

  const post = createPost(base, passwords);
  const until = <T>(user: string, read: () => Promise<T | undefined>, what: string, timeoutMs: number) =>
    readUntil(folder, user, read, `${what} at snac`, timeoutMs);
  const listed = async (read: typeof readFollowers, user: string, actorId: string) =>
    (await read(folder, user)).includes(actorId) || undefined;

  return {
    pid: child.pid,
    logFile: child.logFile,
    actorId: (user) => `https://${domain}/${user}`,
    sendDirect: (user, text) => post(user, 'note', { content: text, mentioned_only: 'on' }),
    sendPublic: (user, text) => post(user, 'note', { content: text }),
    reply: (user, noteId, text) =>
      post(user, 'note', { content: text, in_reply_to: noteId, mentioned_only: 'on' }),
    edit: (user, noteId, text) => post(user, 'note', { content: text, edit_id: noteId }),
    remove: (user, noteId) => post(user, 'action', { id: noteId, action: 'Delete' }),
    follow: (user, actor) => post(user, 'action', { actor: actor.replace(/^@/u, ''), action: 'Follow' }),
    unfollow: (user, actorId) => post(user, 'action', { actor: actorId, action: 'Unfollow' }),
    like: (user, noteId) => post(user, 'action', { id: noteId, action: 'Like' }),
    unlike: (user, noteId) => post(user, 'action', { id: noteId, action: 'Unlike' }),
    boost: (user, noteId) => post(user, 'action', { id: noteId, action: 'Boost' }),
    unboost: (user, noteId) => post(user, 'action', { id: noteId, action: 'Unboost' }),
    ...createCommands(options),
    rename: (user, name) => post(user, 'user-setup', { name }),
    replaceKey: (user) => replaceKey(folder, user, { domain, port, pid: child.pid }),
    removeUser: (user) => answer(program, ['deluser', folder, user], []).then(() => undefined),
    handleOf: (actorId) => readHandle(folder, actorId),
    notes: (user) => readNotes(folder, user),
    listen: (user, listener) => listenForNotes(folder, user, listener),
    waitForNote: (user, matches, timeoutMs) =>
      until(user, async () => (await readNotes(folder, user)).find(matches), `note for ${user}`, timeoutMs),
    async waitForName(actorId, name, timeoutMs) {
      const [user = ''] = users;
      const isKnown = async () => (await readName(folder, actorId)) === name || undefined;
      await until(user, isKnown, `actor named ${name ?? 'nothing'}`, timeoutMs);
    },
    async waitForFollower(user, actorId, timeoutMs) {
      await until(user, () => listed(readFollowers, user, actorId), `follower ${actorId}`, timeoutMs);
    },
    async waitForFollowerGone(user, actorId, timeoutMs) {
      const isGone = async () => !(await readFollowers(folder, user)).includes(actorId) || undefined;
      await until(user, isGone, `farewell of ${actorId}`, timeoutMs);
    },
    following: async (user) => ({
      asked: await readAsked(folder, user),
      accepted: await readFollowing(folder, user),
    }),
    async waitForFollowing(user, actorId, timeoutMs) {
      await until(user, () => listed(readFollowing, user, actorId), `Accept of ${actorId}`, timeoutMs);
    },
    tail: (lines) => child.tail(lines),
    // Its own end takes seconds, and its state is thrown away.
    stop: () => child.stop(200),
  };
}

/** What `unshare` is told: in a mount namespace of its own our authorities lie over the machine's, which stay. */
const underAuthorities = ({ caBundle, program }: SnacOptions, args: readonly string[]): string[] => [
  ...['-m', 'sh', '-c', `mount --bind "$1" ${SYSTEM_BUNDLE} && shift && exec "$@"`],
  ...['sh', caBundle, program, ...args],
];

/** What a user does by commands, beside the server that runs. */
const createCommands = (options: SnacOptions): Pick<Snac, 'ping' | 'migrate'> => {
  const { folder, domain } = options;
  const command = async (...args: readonly string[]): Promise<void> => {
    await answer('unshare', underAuthorities(options, args), []);
  };
  return {
    ping: (user, actorId) => command('ping', folder, user, actorId),
    async migrate(user, to) {
      await command('alias', folder, to, `${user}@${domain}`);
      await command('alias', folder, user, `${to}@${domain}`);
      await command('migrate', folder, user);
    },
  };
};

/** Fills in one of a user's forms, as a browser does. */
const createPost =
  (base: string, passwords: ReadonlyMap<string, string>) =>
  async (user: string, form: string, fields: Record<string, string>): Promise<void> => {
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
