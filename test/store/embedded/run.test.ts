import { expect, test } from 'vitest';
import { findPackagedBinaries } from '../../../src/store/embedded/binaries.ts';
import { bareEnvironment, runProgram } from '../../../src/store/embedded/run.ts';

test('a program says its code and what it wrote, on both ways out', async () => {
  const { code, output } = await runProgram('/bin/sh', ['-c', 'echo out; echo err >&2; exit 3']);
  expect(code).toBe(3);
  expect(output.split('\n').sort()).toEqual(['', 'err', 'out']);
});

test('a program that is not there is 127 and a reason', async () => {
  expect(await runProgram('/nowhere/program', [])).toEqual({
    code: 127,
    output: expect.stringContaining('ENOENT'),
  });
});

test('a program that ends by a signal did not succeed', async () => {
  expect((await runProgram('/bin/sh', ['-c', 'kill -9 $$'])).code).not.toBe(0);
});

test('arguments are words, never shell', async () => {
  expect((await runProgram('/bin/echo', ['$(id)', '; ls', 'a b'])).output).toBe('$(id) ; ls a b\n');
});

test('a program that writes without end is not kept whole', async () => {
  const { output } = await runProgram('/bin/sh', ['-c', 'head -c 1000000 /dev/zero | tr "\\0" x; echo end']);
  expect(output.length).toBeLessThanOrEqual(20_000);
  expect(output.endsWith('xend\n')).toBe(true);
});

test('nothing of our environment goes to the database', () => {
  process.env['CAUSEWAY_XMPP_SECRET'] = 'hunter2';
  try {
    expect(Object.keys(bareEnvironment()).sort()).toEqual(['LC_ALL', 'PATH', 'TZ']);
  } finally {
    delete process.env['CAUSEWAY_XMPP_SECRET'];
  }
});

test('the packaged database is found, and is the version that its package says', async () => {
  const { folder, version } = await findPackagedBinaries();
  const { code, output } = await runProgram(`${folder}/bin/postgres`, ['--version']);
  expect(code).toBe(0);
  expect(output).toContain(`(PostgreSQL) ${version.split('.').slice(0, 2).join('.')}`);
});
