import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { TestProject } from 'vitest/node';
import type { Seen } from './fault.ts';
import { parseTable, renderTable } from './table.ts';

const FILE = resolve(import.meta.dirname, '../../docs/faults.md');

/** Runs around the whole suite (vitest's globalSetup): what the rows saw becomes the table in docs/. */
export const setup = async (project: TestProject): Promise<() => Promise<void>> => {
  const folder = await mkdtemp(join(tmpdir(), 'causeway-seen-'));
  project.provide('faultsFolder', folder);
  return async () => {
    const before = parseTable(await readFile(FILE, 'utf8').catch(() => ''));
    const names = await readdir(folder);
    const now: Seen[] = await Promise.all(
      names.map(async (name) => JSON.parse(await readFile(join(folder, name), 'utf8'))),
    );
    const seen = new Map([...before, ...now].map((row) => [row.row, row.seen]));
    await writeFile(FILE, renderTable(seen));
    await rm(folder, { recursive: true });
  };
};
