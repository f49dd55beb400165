import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { findCluster, forgetCluster, placeCluster, takeName } from '../../../src/store/embedded/place.ts';
import type { Account } from '../../../src/store/embedded/run.ts';
import { StartRefusal } from '../../../src/store/start-refusal.ts';

const isRoot = process.getuid?.() === 0;
/** The user nobody of most systems: what matters is that it is not root. */
const nobody: Account = { uid: 65_534, gid: 65_534 };

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'causeway-place-'));
  await chmod(folder, 0o755);
});
afterEach(() => rm(folder, { recursive: true }));

const place = (dataDir: string, account?: Account): Promise<string> =>
  placeCluster({ dataDir, account, systemFolder: join(folder, 'system') });

test('the cluster is in the data directory, which is made where it is missing', async () => {
  const dataDir = join(folder, 'a/b/data');
  expect(await findCluster(dataDir)).toBeUndefined();
  expect(await place(dataDir)).toBe(join(dataDir, 'postgres'));
  expect((await stat(dataDir)).mode & 0o777).toBe(0o711);
  expect((await stat(join(folder, 'a'))).mode & 0o777).toBe(0o711);
});

test('a folder that was there keeps its mode', async () => {
  const dataDir = join(folder, 'mine');
  await mkdir(dataDir);
  await chmod(dataDir, 0o700);
  await place(dataDir);
  expect((await stat(dataDir)).mode & 0o777).toBe(0o700);
});

test('whatever the umask, folders that are made can be passed through', async () => {
  const umask = process.umask(0o077);
  try {
    await place(join(folder, 'x/data'));
  } finally {
    process.umask(umask);
  }
  expect((await stat(join(folder, 'x'))).mode & 0o777).toBe(0o711);
});

test('a relative path and an absolute one mean the same place', async () => {
  const dataDir = join(folder, 'data');
  expect(await place(relative(process.cwd(), dataDir))).toBe(await place(dataDir));
});

test('a cluster is found where it is, by its folder or by the pointer', async () => {
  const dataDir = join(folder, 'data');
  await mkdir(join(dataDir, 'postgres'), { recursive: true });
  expect(await findCluster(dataDir)).toBe(join(dataDir, 'postgres'));
  await writeFile(join(dataDir, 'postgres.location'), '/somewhere/else\n');
  expect(await findCluster(dataDir)).toBe('/somewhere/else');
  expect(await place(dataDir, nobody)).toBe('/somewhere/else');
  await forgetCluster(dataDir);
  expect(await findCluster(dataDir)).toBe(join(dataDir, 'postgres'));
});

test.each(['', 'relative/path', '\n'])('a pointer to %j is refused', async (text) => {
  await writeFile(join(folder, 'postgres.location'), text);
  await expect(findCluster(folder)).rejects.toThrow(StartRefusal);
});

test.skipIf(!isRoot)('an account that can pass through gets its cluster there (as root only)', async () => {
  expect(await place(join(folder, 'data'), nobody)).toBe(join(folder, 'data/postgres'));
});

test.skipIf(!isRoot)(
  'an account that cannot pass through gets it elsewhere, all starts agree (as root only)',
  async () => {
    const closed = join(folder, 'closed');
    await mkdir(closed, { mode: 0o700 });
    const dataDir = join(closed, 'data');
    const places = await Promise.all(Array.from({ length: 6 }, () => place(dataDir, nobody)));
    expect(new Set(places).size).toBe(1);
    const [cluster = ''] = places;
    expect(dirname(cluster)).toBe(join(folder, 'system'));
    expect(await readdir(dataDir)).toEqual(['postgres.location']);
    expect(await readFile(join(dataDir, 'postgres.location'), 'utf8')).toBe(`${cluster}\n`);
  },
);

test.skipIf(!isRoot)(
  'a data directory that was deleted and made again gets a new place (as root only)',
  async () => {
    const closed = join(folder, 'closed');
    await mkdir(closed, { mode: 0o700 });
    const first = await place(join(closed, 'data'), nobody);
    await rm(join(closed, 'data'), { recursive: true });
    const second = await place(join(closed, 'data'), nobody);
    expect(second).not.toBe(first);
    expect(second.slice(0, -9)).toBe(first.slice(0, -9));
  },
);

test('of two that are finished one gets the name, and keeps what is in it', async () => {
  for (const name of ['one', 'two']) {
    await mkdir(join(folder, name));
    await writeFile(join(folder, name, 'who'), name);
  }
  expect(await takeName(join(folder, 'one'), join(folder, 'name'))).toBe(true);
  expect(await takeName(join(folder, 'two'), join(folder, 'name'))).toBe(false);
  expect(await readFile(join(folder, 'name/who'), 'utf8')).toBe('one');
  await expect(takeName(join(folder, 'none'), join(folder, 'other'))).rejects.toThrow('ENOENT');
});
