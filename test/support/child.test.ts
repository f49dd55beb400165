import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Child, startChild } from './child.ts';
import { processStart } from './hosts.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'causeway-child-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const sh = (script: string, env?: NodeJS.ProcessEnv): Promise<Child> =>
  startChild('sh', {
    args: ['-c', script],
    logFile: join(folder, 'logs', 'sh.log'),
    ...(env ? { env } : {}),
  });

test('keeps what the program writes to either stream, and says how it ended', async () => {
  const child = await sh('echo one; echo "$WORD" >&2; exit 7', { ...process.env, WORD: 'two' });
  expect(await child.ended).toBe('sh ended with code 7');
  expect(child.tail(1)).toBe('two');
  expect(child.tail(5)).toBe('one\ntwo');
});

test('stop ends the program and what it forked', async () => {
  const child = await sh('sleep 1000 & echo $!; wait');
  await expect.poll(() => child.tail(1)).toMatch(/^\d+$/u);
  const forked = Number(child.tail(1));
  await child.stop();
  expect(await child.ended).toBe('sh ended with SIGTERM');
  await expect.poll(() => processStart(forked)).toBeUndefined();
  await child.stop();
});

test('stop kills a program that does not listen', async () => {
  const child = await sh('trap "" TERM; echo ready; while :; do sleep 1000; done');
  await expect.poll(() => child.tail(1)).toBe('ready');
  await child.stop(50);
  expect(await child.ended).toBe('sh ended with SIGKILL');
});

test('a program that is not there is told by name', async () => {
  await expect(
    startChild('/nonexistent/program', { args: [], logFile: join(folder, 'x.log') }),
  ).rejects.toThrow('/nonexistent/program cannot be started');
});
