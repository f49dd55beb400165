import { execFile, spawn } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { objectFile } from './snac-files.ts';

const run = promisify(execFile);
const SCRIPT = join(import.meta.dirname, '../../scripts/install-snac.sh');
/** Where Debian's libcurl looks for authorities. */
export const SYSTEM_BUNDLE = '/etc/ssl/certs/ca-certificates.crt';

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

export type SnacSetup = {
  readonly program: string;
  readonly folder: string;
  readonly domain: string;
  readonly port: number;
  readonly users: readonly string[];
};

/** Makes a server's folder, or changes one that is there to this port; the passwords of its users, by name. */
export async function setUpSnac(setup: SnacSetup): Promise<Map<string, string>> {
  const { program, folder, domain, port, users } = setup;
  await mkdir(dirname(folder), { recursive: true });
  // The answers: address, port, host name, path prefix, admin's address.
  if (!existsSync(join(folder, 'server.json')))
    await answer(program, ['init', folder], ['127.0.0.1', `${port}`, domain, '', '']);
  const passwords = new Map<string, string>();
  for (const user of users) {
    // Only a hash of a password is kept, so a user who is there gets a new one.
    const told = existsSync(join(folder, 'user', user))
      ? await answer(program, ['resetpwd', folder, user], [])
      : await answer(program, ['adduser', folder], [user, user, '']);
    const password = /password (?:is|for user \S+ is) (\S+)/u.exec(told)?.[1];
    if (password === undefined) throw new Error(`snac gave ${user} no password: ${told}`);
    passwords.set(user, password);
  }
  await changeSettings(folder, port);
  return passwords;
}

/** The key that an actor's document shows. */
const readShownPem = async (url: string): Promise<unknown> => {
  const response = await fetch(url, { headers: { accept: 'application/activity+json' } });
  const actor = (await response.json()) as { publicKey?: { publicKeyPem?: string } };
  return actor.publicKey?.publicKeyPem;
};

/**
 * Gives a user a new key pair: snac has no command for it, and reads the file anew for each request. The actor's
 * document, which it keeps among all objects, is made anew where it is not there. The server stands still meanwhile, for
 * it shall sign nothing with a key that it does not show; a thread that read the old key before may write it once more,
 * so the document is read until it shows the new one.
 */
export async function replaceKey(
  folder: string,
  user: string,
  { domain, port, pid }: { readonly domain: string; readonly port: number; readonly pid: number },
): Promise<void> {
  const pair = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
  const keys = { public: pair.publicKey, secret: pair.privateKey };
  const document = objectFile(folder, `https://${domain}/${user}`);
  process.kill(pid, 'SIGSTOP');
  try {
    await writeFile(join(folder, 'user', user, 'key.json'), JSON.stringify(keys));
    await rm(document, { force: true });
  } finally {
    process.kill(pid, 'SIGCONT');
  }
  do await rm(document, { force: true });
  while ((await readShownPem(`http://127.0.0.1:${port}/${user}`)) !== pair.publicKey);
}

/** Runs a snac command that asks on its terminal. */
export async function answer(
  program: string,
  args: readonly string[],
  answers: readonly string[],
): Promise<string> {
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
async function changeSettings(folder: string, port: number): Promise<void> {
  const file = join(folder, 'server.json');
  const settings: unknown = JSON.parse(await readFile(file, 'utf8'));
  if (typeof settings !== 'object' || settings === null) throw new Error('server.json is no object');
  const changed = { ...settings, port, queue_retry_minutes: 0, queue_retry_max: 100 };
  await writeFile(file, JSON.stringify(changed, null, 2));
}
