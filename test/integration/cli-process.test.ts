import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readText } from '../../src/read-text.ts';
import { readVersion } from '../../src/version.ts';

const ROOT = join(import.meta.dirname, '../..');
let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'causeway-cli-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** Runs the program as a process of its own. */
async function causeway(args: readonly string[], nodeArgs: readonly string[] = []) {
  const child = spawn(process.execPath, [...nodeArgs, join(ROOT, 'src/main.ts'), ...args], {
    cwd: folder,
    env: { PATH: process.env['PATH'] },
  });
  let out = '';
  let error = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    out += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    error += text;
  });
  const code = await new Promise<number | null>((resolve) => child.on('close', resolve));
  return { code, out, error };
}

test('the program starts, and its exit code is the answer', async () => {
  const [version, usage, config] = await Promise.all([
    causeway(['--version']),
    causeway(['rnu']),
    causeway(['run']),
  ]);
  expect(version).toEqual({ code: 0, out: `causeway ${readVersion()}\n`, error: '' });
  expect(usage.code).toBe(64);
  expect(config.code).toBe(78);
  expect(config.error).toContain('CAUSEWAY_DOMAIN');
});

test('an old Node is told in one sentence what is needed, before anything else is loaded', async () => {
  const pretend = join(folder, 'old-node.cjs');
  writeFileSync(
    pretend,
    "Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '20.19.2' } });",
  );
  expect(await causeway(['run'], ['--require', pretend])).toEqual({
    code: 69,
    out: '',
    error: 'causeway needs Node.js 22.19 or newer; this is 20.19.2.\n',
  });
  const source = readFileSync(join(ROOT, 'src/main.ts'), 'utf8');
  expect(source.match(/^import .*/gmu)).toEqual(["import process from 'node:process';"]);
});

test('a file is text, absent or unreadable', () => {
  const path = join(folder, 'a.yaml');
  writeFileSync(path, 'contact: grüße');
  expect(readText(path)).toEqual({ kind: 'text', text: 'contact: grüße' });
  expect(readText(join(folder, 'b.yaml'))).toEqual({ kind: 'absent' });
  expect(readText(folder)).toEqual({ kind: 'unreadable', problem: 'EISDIR' });
  writeFileSync(path, 'x'.repeat(1_048_577));
  expect(readText(path)).toEqual({ kind: 'unreadable', problem: 'longer than 1 MiB' });
});
