import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { z } from 'zod';

const ROOT = join(import.meta.dirname, '../..');
let bin: string;
beforeEach(() => {
  bin = mkdtempSync(join(tmpdir(), 'causeway-root-'));
});
afterEach(() => rmSync(bin, { recursive: true, force: true }));

/** Runs the script as somebody with this number; `id` is a program of the test's own. */
const runAs = (uid: number, ...args: string[]) => {
  writeFileSync(join(bin, 'id'), `#!/bin/sh\necho ${uid}\n`);
  chmodSync(join(bin, 'id'), 0o755);
  return spawnSync('/bin/sh', [join(ROOT, 'scripts/need-root.sh'), ...args], {
    encoding: 'utf8',
    env: { PATH: bin },
  });
};

test('root hears nothing', () => {
  expect(runAs(0, 'x')).toMatchObject({ status: 0, stdout: '', stderr: '' });
});

test('anybody else gets one sentence', () => {
  const { status, stdout, stderr } = runAs(1000, 'npm run demo');
  expect({ status, stdout }).toEqual({ status: 69, stdout: '' });
  expect(stderr).toMatch(/^npm run demo needs root, for .*\.\n$/u);
});

test('and what to do instead', () => {
  expect(runAs(1000, 'npm test', 'Use another.').stderr).toMatch(/\(.*\)\. Use another\.\n$/u);
});

test('the scripts that need it ask before they fetch anything, and hand their process over for signals', () => {
  const { scripts } = z
    .object({ scripts: z.record(z.string(), z.string()) })
    .parse(JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')));
  for (const name of ['demo', 'test']) expect(scripts[name]).toMatch(/^sh scripts\/need-root\.sh /u);
  // npm signals the shell alone: only what stands in the shell's place hears of it.
  for (const name of ['demo', 'start', 'test']) expect(scripts[name]).toMatch(/ && exec [^&]+$/u);
});
