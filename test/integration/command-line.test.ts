import { type ChildProcessWithoutNullStreams, execFileSync, spawn } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { findFreePort } from '../support/free-port.ts';

const ROOT = join(import.meta.dirname, '../..');
const SECRET = 'the-component-secret';
let database: TestDatabase;
let folder = '';
let env: Record<string, string> = {};
const children: ChildProcessWithoutNullStreams[] = [];

beforeAll(async () => {
  database = await createTestDatabase();
  folder = mkdtempSync(join(tmpdir(), 'causeway-command-line-'));
  env = {
    PATH: process.env['PATH'] ?? '',
    CAUSEWAY_DOMAIN: 'ap.xmpp.test',
    CAUSEWAY_XMPP_SECRET: SECRET,
    CAUSEWAY_XMPP_SERVER: `127.0.0.1:${await findFreePort()}`, // nobody listens there
    CAUSEWAY_HTTP_LISTEN: `127.0.0.1:${await findFreePort()}`,
    CAUSEWAY_DATABASE_URL: database.url,
    CAUSEWAY_DATA_DIR: join(folder, 'data'),
  };
});
afterAll(async () => {
  for (const child of children) child.kill('SIGKILL');
  await database.drop();
  rmSync(folder, { recursive: true });
});

/** Starts the program; `out` and `error` grow while it runs. */
function start(args: readonly string[], main = join(ROOT, 'src/main.ts')) {
  const child = spawn(process.execPath, [main, ...args], { cwd: folder, env });
  children.push(child);
  const seen = { out: '', error: '' };
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    seen.error += text;
  });
  const started = new Promise<void>((resolve) =>
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      seen.out += text;
      if (seen.out.includes('"event":"started"')) resolve();
    }),
  );
  const code = new Promise<number | null>((resolve) => child.on('close', resolve));
  return { child, seen, started, code };
}

async function answerOf(...args: readonly string[]) {
  const { code, seen } = start([...args, '--json']);
  return { code: await code, data: JSON.parse(seen.out), error: seen.error };
}

describe('beside no gateway', () => {
  test('migrate finds the tables up to date', async () => {
    expect(await answerOf('migrate')).toMatchObject({ code: 0, data: { migrated: [] }, error: '' });
  });

  test('status says that nothing runs, and counts what waits', async () => {
    const { code, data } = await answerOf('status');
    expect(code).toBe(1);
    expect(data).toMatchObject({ ready: false, users: { total: 0 }, deliveries: { due: 0, failed: 0 } });
  });

  test('doctor finds the database well and the XMPP server absent', async () => {
    const { code, data } = await answerOf('doctor');
    expect(code).toBe(1);
    const well = Object.fromEntries(
      data.checks.map((check: { name: string; ok: boolean }) => [check.name, check.ok]),
    );
    expect(well).toMatchObject({ database: true, 'secret key': true, XMPP: false });
  });

  test('resolve refuses what is no address, and an address where nobody can be', async () => {
    expect((await answerOf('resolve', 'nonsense')).code).toBe(1);
    expect((await answerOf('resolve', '@bob@127.0.0.1')).code).toBe(1);
  });
});

describe('a running gateway', () => {
  test('is found by status, logs no secret, and stops in order', async () => {
    const gateway = start(['run']);
    await gateway.started;
    const { data } = await answerOf('status');
    expect(data.reasons.join(' ')).toMatch(/XMPP/u);
    gateway.child.kill('SIGTERM');
    expect(await gateway.code).toBe(0);
    expect(gateway.seen.out).toContain('"event":"stopped"');
    expect(gateway.seen.out + gateway.seen.error).not.toContain(SECRET);
    expect(gateway.seen.out + gateway.seen.error).not.toContain(database.url);
  });
});

test('what the build emits starts by itself, and finds the migrations', async () => {
  const built = join(folder, 'package');
  mkdirSync(built);
  const compiler = join(ROOT, 'node_modules/.bin/tsc');
  execFileSync(compiler, ['-p', join(ROOT, 'tsconfig.build.json'), '--outDir', join(built, 'dist')]);
  copyFileSync(join(ROOT, 'package.json'), join(built, 'package.json'));
  symlinkSync(join(ROOT, 'migrations'), join(built, 'migrations'));
  symlinkSync(join(ROOT, 'node_modules'), join(built, 'node_modules'));
  const migrate = start(['migrate'], join(built, 'dist/main.js'));
  expect(await migrate.code).toBe(0);
  expect(migrate.seen).toEqual({ out: 'The database is up to date.\n', error: '' });
});
