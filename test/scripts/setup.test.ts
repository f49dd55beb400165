import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';

const SCRIPT = join(import.meta.dirname, '../../scripts/setup.sh');
let checkout: string;
beforeEach(() => {
  checkout = mkdtempSync(join(tmpdir(), 'causeway-setup-'));
  for (const folder of ['scripts', 'bin', 'node_modules/.bin']) write(`${folder}/.keep`, '');
  copyFileSync(SCRIPT, join(checkout, 'scripts/setup.sh'));
  write('package-lock.json', 'one');
});
afterEach(() => rmSync(checkout, { recursive: true, force: true }));

const write = (path: string, text: string): void => {
  mkdirSync(join(checkout, path, '..'), { recursive: true });
  writeFileSync(join(checkout, path), text);
};
const age = (path: string, seconds: number): void => utimesSync(join(checkout, path), seconds, seconds);

/** Runs the script with an npm of the test's own, which notes how it was called. */
const setUp = (npm = 'exit 0') => {
  write('bin/npm', `#!/bin/sh\necho "$@" >>calls\n${npm}\n`);
  chmodSync(join(checkout, 'bin/npm'), 0o755);
  return spawnSync('/bin/sh', [join(checkout, 'scripts/setup.sh')], {
    encoding: 'utf8',
    env: { PATH: `${join(checkout, 'bin')}:/usr/bin:/bin` },
  });
};
const calls = (): number => {
  try {
    return readFileSync(join(checkout, 'calls'), 'utf8').trimEnd().split('\n').length;
  } catch {
    return 0;
  }
};

test('installs once for each lock file', () => {
  expect(setUp()).toMatchObject({
    status: 0,
    stdout: 'Installing the packages of package-lock.json ...\n',
  });
  expect(setUp()).toMatchObject({ status: 0, stdout: '', stderr: '' });
  expect(calls()).toBe(1);
  write('package-lock.json', 'two');
  setUp();
  expect(calls()).toBe(2);
});

test('takes what npm ci has installed by hand, with what the tests need', () => {
  write('node_modules/.package-lock.json', '{}');
  age('node_modules/.package-lock.json', 2_000);
  age('package-lock.json', 1_000);
  expect(setUp().status).toBe(0);
  expect(calls()).toBe(1); // without vitest: a production installation

  rmSync(join(checkout, 'node_modules/.causeway-lock'));
  write('node_modules/.bin/vitest', '');
  expect(setUp()).toMatchObject({ status: 0, stdout: '', stderr: '' });
  expect(calls()).toBe(1);

  age('package-lock.json', 3_000);
  setUp();
  expect(calls()).toBe(2);
});

test('says in one line what is needed where the packages cannot be had, and tries again the next time', () => {
  const { status, stderr } = setUp('echo "npm error network" >&2; exit 1');
  expect(status).toBe(69);
  expect(stderr).toMatch(/npm ci failed, .* registry that can be reached\.\n$/u);
  setUp();
  expect(calls()).toBe(2);
});
