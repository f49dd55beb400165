import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, expect, test } from 'vitest';

const PROGRAM = join(import.meta.dirname, '../support/stalling.ts');
const children = new Set<ChildProcess>();
afterEach(() => {
  for (const child of children) child.kill('SIGKILL');
  children.clear();
});

const start = async (how: string, limitMs: number) => {
  const child = spawn(process.execPath, [PROGRAM, how, String(limitMs)], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  children.add(child);
  let error = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    error += text;
  });
  const ended = once(child, 'close').then(() => ({
    code: child.exitCode,
    signal: child.signalCode,
    lines: error.split('\n').filter((line) => line.startsWith('{')),
  }));
  await once(child.stdout, 'data');
  return { child, ended };
};

test('an endless loop ends the process with 70 and one line on standard error', async () => {
  const { ended } = await start('loop', 1_000);
  const { code, lines } = await ended;
  expect(code).toBe(70);
  expect(lines).toHaveLength(1);
  const line = JSON.parse(lines[0] ?? '');
  expect(line).toMatchObject({ level: 'error', event: 'event-loop-stalled' });
  expect(line.milliseconds).toBeGreaterThanOrEqual(1_000);
});

test('a main thread that stands in a system call is killed', async () => {
  const { ended } = await start('system-call', 500);
  const { signal, lines } = await ended;
  expect(signal).toBe('SIGKILL');
  expect(lines).toHaveLength(1);
});

test('a process that was stopped and goes on is not taken for one that stalls', async () => {
  const { child, ended } = await start('work', 1_000);
  child.kill('SIGSTOP');
  await pause(2_500);
  child.kill('SIGCONT');
  expect(await Promise.race([ended, pause(1_500, 'lives')])).toBe('lives');
});

test('the watch keeps nothing alive and can be ended', async () => {
  const [idle, unwatched] = await Promise.all([start('nothing', 500), start('stop-watch', 500)]);
  expect(await idle.ended).toMatchObject({ code: 0, lines: [] });
  expect(await unwatched.ended).toMatchObject({ code: 0, lines: [] });
});
