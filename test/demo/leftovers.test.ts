import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { endLeftovers, findMarked, markChildren } from '../../demo/leftovers.ts';
import { startChild } from '../support/child.ts';
import { processStart } from '../support/hosts.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'causeway-leftovers-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const sleeper = (env: NodeJS.ProcessEnv) =>
  startChild('sh', { args: ['-c', 'sleep 1000'], env, logFile: join(folder, 'log') });

test('a child carries the mark of the demo and of its folder', async () => {
  const env: NodeJS.ProcessEnv = { PATH: process.env['PATH'] };
  markChildren(env, folder);
  const child = await sleeper(env);
  try {
    const owner = { pid: process.pid, start: processStart(process.pid) };
    expect(findMarked(folder)).toContainEqual({ pid: child.pid, owner });
    expect(findMarked(`${folder}/other`)).toEqual([]);
    await expect(endLeftovers(folder)).rejects.toThrow(
      `Another demo runs already, as process ${process.pid}: stop it first.`,
    );
  } finally {
    await child.stop();
  }
});

test('what a demo that is gone left running is ended, and nothing else', async () => {
  const bystander = await sleeper({ PATH: process.env['PATH'] });
  const left = await sleeper({ PATH: process.env['PATH'], DEMO_OF_CAUSEWAY: `4194305 17 ${folder}` });
  expect(await endLeftovers(folder)).toBeGreaterThan(0);
  expect(await left.ended).toBe('sh ended with SIGTERM');
  for (const { pid } of findMarked(folder)) expect(processStart(pid)).toBeUndefined();
  expect(processStart(bystander.pid)).toBeDefined();
  await bystander.stop();
});

test.each([
  'DEMO_OF_CAUSEWAY=',
  'DEMO_OF_CAUSEWAY=x y /f',
  'DEMO_OF_CAUSEWAY=1 2 /g',
  'A=DEMO_OF_CAUSEWAY=1 2 /f',
])('an environment with %s is nobody of ours', (entry) => {
  mkdirSync(join(folder, '77'));
  mkdirSync(join(folder, 'self'));
  writeFileSync(join(folder, '77', 'environ'), `PATH=/bin\0${entry}\0`);
  expect(findMarked('/f', folder)).toEqual([]);
  writeFileSync(join(folder, '77', 'environ'), `PATH=/bin\0DEMO_OF_CAUSEWAY=1 2 /f\0`);
  expect(findMarked('/f', folder)).toEqual([{ pid: 77, owner: { pid: 1, start: '2' } }]);
});
