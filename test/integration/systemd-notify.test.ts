import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { createSystemd, type Systemd, watchdogPause } from '../../src/systemd-notify.ts';

let folder = '';
let systemd: Systemd | undefined;
const problems: string[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'causeway-systemd-'));
});
afterEach(() => {
  systemd?.close();
  problems.length = 0;
  rmSync(folder, { recursive: true });
});

/** A `systemd-notify` that writes down what it was asked to tell. */
const fake = (exitCode = 0): void => {
  const path = join(folder, 'systemd-notify');
  writeFileSync(path, `#!/bin/sh\necho "$NOTIFY_SOCKET $*" >> "${folder}/told"\nexit ${exitCode}\n`);
  chmodSync(path, 0o755);
};
const told = (): readonly string[] => {
  try {
    return readFileSync(join(folder, 'told'), 'utf8').trim().split('\n');
  } catch {
    return [];
  }
};
const create = (env: Readonly<Record<string, string>>): Systemd => {
  systemd = createSystemd({
    env: { PATH: `${folder}:/usr/bin:/bin`, ...env },
    pid: 4711,
    onProblem: (problem) => problems.push(problem),
  });
  return systemd;
};
const SOCKET = { NOTIFY_SOCKET: '/run/systemd/notify' };

test('tells that it is ready, then twice in each period that it lives, then that it stops', async () => {
  fake();
  const { ready, stopping, close } = create({ ...SOCKET, WATCHDOG_USEC: '200000', WATCHDOG_PID: '4711' });
  ready();
  await vi.waitFor(() => expect(told().length).toBeGreaterThan(3), 20_000);
  close();
  stopping();
  // The last sign of life may still be under way, in a process of its own, and come in behind it.
  await vi.waitFor(() => expect(told().join('\n')).toContain('STOPPING=1'), 20_000);
  const [first, ...rest] = told().map((line) => line.replace('/run/systemd/notify --pid=4711 ', ''));
  expect(first).toBe('READY=1');
  expect(new Set(rest)).toEqual(new Set(['WATCHDOG=1', 'STOPPING=1']));
  expect(rest.filter((line) => line === 'STOPPING=1')).toHaveLength(1);
  expect(problems).toEqual([]);
});

test('without WATCHDOG_USEC it tells only the beginning and the end', async () => {
  fake();
  const { ready } = create(SOCKET);
  ready();
  await vi.waitFor(() => expect(told()).toHaveLength(1), 20_000);
});

test('outside of systemd nothing is run', () => {
  fake();
  const { ready, stopping } = create({ WATCHDOG_USEC: '1000' });
  ready();
  stopping();
  expect(told()).toEqual([]);
});

test('a program that is missing or fails is a problem told once', async () => {
  const missing = create({ ...SOCKET, PATH: folder, WATCHDOG_USEC: '20000' });
  missing.ready();
  await vi.waitFor(() => expect(problems).toHaveLength(1), 20_000);
  expect(problems[0]).toContain('systemd-notify cannot be run');
  missing.close();
  fake(1);
  create(SOCKET).ready();
  await vi.waitFor(() => expect(problems).toHaveLength(2), 20_000);
  expect(problems[1]).toContain('could not reach systemd');
});

describe('half of the time that systemd waits', () => {
  test.each([
    ['40000000', undefined, 20_000],
    ['1', undefined, 1],
    ['999999999999999', undefined, 2 ** 31 - 1],
    ['40000000', '4711', 20_000],
    ['40000000', '1', undefined],
    ['0', undefined, undefined],
    ['', undefined, undefined],
    ['-5', undefined, undefined],
    ['1e9', undefined, undefined],
    ['9999999999999999', undefined, undefined],
  ])('WATCHDOG_USEC=%s, WATCHDOG_PID=%s: %s ms', (limit, whose, pause) => {
    expect(watchdogPause({ WATCHDOG_USEC: limit, WATCHDOG_PID: whose }, 4711)).toBe(pause);
  });
});
