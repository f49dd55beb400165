import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { anyString } from './any-string.ts';
import { addHostNames, dropLines, processStart } from './hosts.ts';

const OTHERS = '127.0.0.1 localhost\n# a comment \t\n\n::1 ip6-localhost\n';
let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'causeway-hosts-'));
  file = join(folder, 'hosts');
  writeFileSync(file, OTHERS);
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));
const read = () => readFileSync(file, 'utf8');

describe('addHostNames', () => {
  test('adds one marked line and takes exactly that out again', () => {
    const remove = addHostNames(['a.test', 'b.test'], file);
    expect(read().startsWith(`${OTHERS}127.0.0.1 a.test b.test # causeway-names ${process.pid} `)).toBe(true);
    remove();
    expect(read()).toBe(OTHERS);
  });

  test('of another address, too', () => {
    addHostNames(['a.test'], file, undefined, '::1');
    expect(read()).toContain('\n::1 a.test # ');
  });

  test('takes only its own line out, also beside one of the same process, and only once', () => {
    const removeFirst = addHostNames(['a.test'], file);
    const removeSecond = addHostNames(['b.test'], file);
    removeFirst();
    removeFirst();
    expect(read()).not.toContain('a.test');
    expect(read()).toContain('b.test');
    removeSecond();
    expect(read()).toBe(OTHERS);
  });

  test('sweeps the lines of processes that are gone and keeps those of processes that run', () => {
    const dead = '127.0.0.1 old.test # causeway-names 4194305 17 old.test\n';
    const recycled = `127.0.0.1 reused.test # causeway-names ${process.pid} 1 reused.test\n`;
    const living = `127.0.0.1 other.test # causeway-names ${process.ppid} ${processStart(process.ppid)} other.test\n`;
    writeFileSync(file, `${dead}${OTHERS}${recycled}${living}`);
    addHostNames(['a.test'], file)();
    expect(read()).toBe(`${OTHERS}${living}`);
  });

  test('starts a line of its own where the last one has no end', () => {
    writeFileSync(file, '127.0.0.1 localhost');
    const remove = addHostNames(['a.test'], file);
    expect(read()).toMatch(/^127\.0\.0\.1 localhost\n127\.0\.0\.1 a\.test # /u);
    remove();
    expect(read()).toBe('127.0.0.1 localhost\n');
  });

  test('says in one sentence that it may not write', () => {
    expect(() => addHostNames(['a.test'], join(folder, 'absent', 'hosts'))).toThrow(
      /cannot be written, which the names a\.test need: run this as root\.$/u,
    );
  });
});

describe('dropLines', () => {
  test('keeps every byte of lines that are not ours, whatever they hold', () => {
    const foreign = anyString().filter((text) => !text.includes('# causeway-names'));
    fc.assert(fc.property(foreign, (text) => dropLines(text, () => true) === text));
  });
  test('asks about each line of ours, with the pid and the start that it carries', () => {
    const asked: [number, string][] = [];
    dropLines(`x # causeway-names 7 99 x\n${OTHERS}y # causeway-names 8 11 y`, (pid, start) => {
      asked.push([pid, start]);
      return false;
    });
    expect(asked).toEqual([
      [7, '99'],
      [8, '11'],
    ]);
  });
});

test('processStart knows this process, and none that never was', () => {
  expect(processStart(process.pid)).toMatch(/^\d+$/u);
  expect(processStart(4_194_305)).toBeUndefined();
});
