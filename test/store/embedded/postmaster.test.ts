import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { findPostmaster, parsePidFile, removeStalePidFile } from '../../../src/store/embedded/postmaster.ts';

let pgdata = '';
beforeEach(async () => {
  pgdata = await mkdtemp(join(tmpdir(), 'causeway-pgdata-'));
});
afterEach(() => rm(pgdata, { recursive: true }));

const pidFile = (pid: number | string, status = 'ready   '): string =>
  [pid, pgdata, 1_700_000_000, 25_432, '', '127.0.0.1', '  1234 5', status, ''].join('\n');

test('a pid file says pid, port and whether the server is ready', () => {
  expect(parsePidFile(pidFile(4711))).toEqual({ pid: 4711, port: 25_432, ready: true });
  expect(parsePidFile(pidFile(4711, 'starting'))).toEqual({ pid: 4711, port: 25_432, ready: false });
});

test('a pid file that is only begun is not ready', () => {
  expect(parsePidFile('4711\n')).toEqual({ pid: 4711, port: 0, ready: false });
});

test.each(['', '\n', 'abc\n', '-1\n', '0\n', '1\n', '1.5\n', '99999999999999999999\n'])(
  'no pid: %j',
  (text) => {
    expect(parsePidFile(text)).toBeUndefined();
  },
);

test('no text makes the parser fail or name a process group', () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      const parsed = parsePidFile(text);
      if (parsed !== undefined) expect(parsed.pid).toBeGreaterThan(1);
    }),
  );
});

test('a pid that is now another program is no server, and its file goes', async () => {
  // This very process: alive, and no postgres.
  await writeFile(join(pgdata, 'postmaster.pid'), pidFile(process.pid));
  expect(await findPostmaster(pgdata)).toBeUndefined();
  await removeStalePidFile(pgdata);
  await expect(readFile(join(pgdata, 'postmaster.pid'))).rejects.toThrow('ENOENT');
});

test('a pid file without a process is left to PostgreSQL, which looks at the shared memory as well', async () => {
  // Above the largest pid that Linux gives.
  await writeFile(join(pgdata, 'postmaster.pid'), pidFile(4_194_305));
  expect(await findPostmaster(pgdata)).toBeUndefined();
  await removeStalePidFile(pgdata);
  expect(await readFile(join(pgdata, 'postmaster.pid'), 'utf8')).toContain('4194305');
});
