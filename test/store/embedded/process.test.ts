import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import {
  isAlive,
  isNamedAlive,
  isServerOf,
  nameProcess,
  readCommand,
} from '../../../src/store/embedded/process.ts';

test('the server of a directory is known by both, program and directory', () => {
  expect(isServerOf(['/x/bin/postgres', '-D', '/data', '-p', '1'], '/data')).toBe(true);
  expect(isServerOf(['/x/bin/postgres', '-D', '/data2'], '/data')).toBe(false);
  expect(isServerOf(['/x/bin/postgres', '-p', '/data', '-D'], '/data')).toBe(false);
  expect(isServerOf(['vim', '-D', '/data'], '/data')).toBe(false);
  expect(isServerOf([], '/data')).toBe(false);
});

test('a process is named by more than its id', async () => {
  const name = await nameProcess(process.pid);
  expect(await isNamedAlive(name)).toBe(true);
  expect(await isNamedAlive(`${process.pid}-1`)).toBe(false);
  for (const name of ['', '-', '0-0', '-1-0', 'abc', '1e3']) expect(await isNamedAlive(name)).toBe(false);
});

test('a process that ended is not alive, and has no command', async () => {
  const child = spawn(process.execPath, ['-e', 'process.stdin.resume()'], {
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  await once(child, 'spawn');
  const pid = child.pid ?? 0;
  const name = await nameProcess(pid);
  expect(isAlive(pid)).toBe(true);
  expect(await isNamedAlive(name)).toBe(true);
  const exited = once(child, 'exit');
  child.stdin.end();
  await exited;
  expect(isAlive(pid)).toBe(false);
  expect(await isNamedAlive(name)).toBe(false);
  expect(await readCommand(pid)).toBeUndefined();
});

test('the command of a process is read word by word', async () => {
  expect((await readCommand(process.pid))?.length).toBeGreaterThan(0);
});
