import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';

const SCRIPT = join(import.meta.dirname, '../../scripts/debian-packages.sh');
let bin: string;
beforeEach(() => {
  bin = mkdtempSync(join(tmpdir(), 'causeway-packages-'));
});
afterEach(() => rmSync(bin, { recursive: true, force: true }));

/** Programs of the test's own stand in for the ones that would change the machine. */
const program = (name: string, script: string): void => {
  const path = join(bin, name);
  writeFileSync(path, `#!/bin/sh\n${script}\n`);
  chmodSync(path, 0o755);
};
const calls = (): string => {
  try {
    return readFileSync(join(bin, 'calls'), 'utf8');
  } catch {
    return '';
  }
};
const run = (...packages: string[]) => {
  for (const tool of ['mktemp', 'tail', 'rm', 'chmod'])
    program(
      tool,
      `exec ${execFileSync('sh', ['-c', `command -v ${tool}`], { encoding: 'utf8' }).trim()} "$@"`,
    );
  return spawnSync('/bin/sh', [SCRIPT, ...packages], {
    encoding: 'utf8',
    env: { PATH: bin, POLICY_RC_D: join(bin, 'policy') },
  });
};
const none = () => program('dpkg-query', 'exit 1');

test('silent when all are there', () => {
  program('dpkg-query', 'printf installed');
  program('apt-get', `echo "$@" >>${bin}/calls`);
  expect(run('prosody', 'snac2/bookworm-backports')).toMatchObject({ status: 0, stdout: '', stderr: '' });
  expect(calls()).toBe('');
});

test('installs what is missing in one line, without an update where none is needed', () => {
  program('dpkg-query', 'case "$*" in *there*) printf installed;; *) exit 1;; esac');
  program('id', 'echo 0');
  program('apt-get', `echo "$@" >>${bin}/calls`);
  expect(run('there', 'missing')).toMatchObject({
    status: 0,
    stdout: 'Installing Debian packages: missing ...\n',
    stderr: '',
  });
  expect(calls()).toMatch(/^install .*--no-install-recommends .*missing\n$/u);
});

test('updates the lists when the installation fails, then tries again', () => {
  none();
  program('id', 'echo 0');
  program('apt-get', `echo "$1" >>${bin}/calls; [ "$(grep -c . ${bin}/calls)" -gt 1 ]`);
  program('grep', 'exec /bin/grep "$@"');
  expect(run('missing').status).toBe(0);
  expect(calls()).toBe('install\nupdate\ninstall\n');
});

test('no service starts: a policy stands in the way for as long as it takes', () => {
  none();
  program('id', 'echo 0');
  program('apt-get', `${bin}/policy; echo "policy $?" >>${bin}/calls`);
  expect(run('missing').status).toBe(0);
  expect(calls()).toBe('policy 101\n');
  expect(existsSync(join(bin, 'policy'))).toBe(false);
});

test('a policy of the machine stays', () => {
  none();
  program('id', 'echo 0');
  program('apt-get', '');
  program('policy', 'exit 101');
  expect(run('missing').status).toBe(0);
  expect(existsSync(join(bin, 'policy'))).toBe(true);
});

test.each([
  { why: 'no apt-get', uid: 0, aptGet: undefined, words: 'no apt-get' },
  { why: 'another user', uid: 1000, aptGet: '', words: 'root only' },
  { why: 'no mirror', uid: 0, aptGet: 'echo E: no network; exit 100', words: 'E: no network' },
])('$why: exit code 69, and what to install', ({ uid, aptGet, words }) => {
  none();
  program('id', `echo ${uid}`);
  if (aptGet !== undefined) program('apt-get', aptGet);
  const result = run('missing');
  expect(result.status).toBe(69);
  expect(result.stderr).toContain(words);
  expect(result.stderr).toContain('apt-get install --no-install-recommends missing');
});
