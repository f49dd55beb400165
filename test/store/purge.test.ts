import { expect, test } from 'vitest';
import type { Db } from '../../src/store/database.ts';
import { purgeInBatches } from '../../src/store/purge.ts';

const before = new Date(0);
/** A table of which each statement removes as many rows as it may. */
const tableOf = (rows: number) => {
  const asked: (readonly unknown[] | undefined)[] = [];
  let left = rows;
  const db: Db = {
    query: async (_text, values) => {
      asked.push(values);
      const rowCount = Math.min(left, Number(values?.[1]));
      left -= rowCount;
      return { rows: [], rowCount };
    },
  };
  return { db, asked };
};

test.each([
  [0, 1],
  [9, 1],
  [10, 2],
  [25, 3],
])('%i rows in batches of 10 are %i statements', async (rows, statements) => {
  const { db, asked } = tableOf(rows);
  expect(await purgeInBatches(db, 'delete', before, 10)).toBe(rows);
  expect(asked).toEqual(Array.from({ length: statements }, () => [before, 10]));
});

test('a statement that fails ends it', async () => {
  const db: Db = { query: () => Promise.reject(new Error('away')) };
  await expect(purgeInBatches(db, 'delete', before)).rejects.toThrow('away');
});
