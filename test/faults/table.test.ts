import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { FAULTS } from './rows.ts';
import { parseTable, renderTable } from './table.ts';

const FILE = join(import.meta.dirname, '../../docs/faults.md');
const text = readFileSync(FILE, 'utf8');

test('docs/faults.md is what the command writes', () => {
  expect(renderTable(new Map(parseTable(text).map(({ row, seen }) => [row, seen])))).toBe(text);
});

test('every row was run, and none failed', () => {
  const seen = new Map(parseTable(text).map((row) => [row.row, row.seen]));
  const missing = FAULTS.filter(({ row }) => seen.get(row)?.startsWith('FAILED') ?? true);
  expect(missing.map(({ row }) => row)).toEqual([]);
});

test('every row is named once, and has a test', () => {
  const rows = FAULTS.map(({ row }) => row);
  expect(new Set(rows).size).toBe(rows.length);
  const suites = ['quick', 'long'].flatMap((folder) =>
    readdirSync(join(import.meta.dirname, folder)).map((name) =>
      readFileSync(join(import.meta.dirname, folder, name), 'utf8'),
    ),
  );
  for (const row of rows)
    expect(
      suites.some((suite) => suite.includes(`'${row}'`)),
      row,
    ).toBe(true);
});

test('what was seen comes back as it was, bars too', () => {
  const seen = new Map([
    ['1', 'a | b \\ c'],
    ['35', 'once'],
  ]);
  expect(new Map(parseTable(renderTable(seen)).map((row) => [row.row, row.seen]))).toEqual(seen);
});

test('rows that are no more are forgotten, and lines that are no rows passed over', () => {
  expect(parseTable('| no-such-row | a | b | c | d | e |\n| broken |\nprose | with | bars')).toEqual([]);
});
