import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { isDatabaseAway, openDatabase } from '../../src/store/database.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';

let base: TestDatabase;
beforeAll(async () => {
  base = await createTestDatabase();
  await base.db.query('create table things (id bigint primary key)');
});
afterAll(() => base.drop());

const countThings = async (): Promise<number> =>
  (await base.db.query<{ n: number }>('select count(*) as n from things')).rows[0]?.n ?? -1;
const terminateOthers = () =>
  base.db.query(
    `select pg_terminate_backend(pid) from pg_stat_activity
     where datname = current_database() and pid <> pg_backend_pid()`,
  );

test('int8 comes as a number, timestamptz as a Date, values go as parameters', async () => {
  const { rows, rowCount } = await base.db.query<{ n: number; at: Date; text: string }>(
    `select 9007199254740991::bigint as n, to_timestamp(0) as at, $1::text as text`,
    [`'; drop table things; --`],
  );
  expect(rows).toEqual([{ n: Number.MAX_SAFE_INTEGER, at: new Date(0), text: `'; drop table things; --` }]);
  expect(rowCount).toBe(1);
});

test('a transaction is kept whole or not at all', async () => {
  const before = await countThings();
  const result = await base.db.transaction(async (tx) => {
    await tx.query('insert into things values (1)');
    return 'kept';
  });
  expect(result).toBe('kept');
  const failing = base.db.transaction(async (tx) => {
    await tx.query('insert into things values (2)');
    throw new Error('changed my mind');
  });
  await expect(failing).rejects.toThrow('changed my mind');
  expect(await countThings()).toBe(before + 1);
});

test('a transaction whose statement failed cannot pass as committed', async () => {
  const swallowing = base.db.transaction(async (tx) => {
    await tx.query('insert into things values (3)');
    await tx.query('select 1 / 0').catch(() => undefined);
  });
  await expect(swallowing).rejects.toThrow('rolled back');
  expect((await base.db.query('select from things where id = 3')).rowCount).toBe(0);
});

test('connections that the server ends, idle or in use, end no process and are replaced', async () => {
  const onError = vi.fn();
  const db = openDatabase({ url: base.url, max: 3, onError });
  await Promise.all([db.query('select 1'), db.query('select 1'), db.query('select 1')]);
  await terminateOthers();
  await vi.waitUntil(() => onError.mock.calls.length >= 1 && db.stats().idle === 0, 15_000);

  const interrupted = db.transaction(async (tx) => {
    await tx.query('insert into things values (4)');
    await terminateOthers();
    await tx.query('select 1');
  });
  await expect(interrupted).rejects.toSatisfy(isDatabaseAway);
  // A connection that broke is not given out again.
  expect((await db.query<{ one: number }>('select 1 as one')).rows).toEqual([{ one: 1 }]);
  expect((await base.db.query('select from things where id = 4')).rowCount).toBe(0);
  await db.close();
});

test('a transaction that failed gives its connection back in good order', async () => {
  const db = openDatabase({ url: base.url, max: 1, onError: () => undefined });
  await expect(db.transaction((tx) => tx.query('nonsense'))).rejects.toThrow('syntax error');
  await expect(db.query('select 1')).resolves.toMatchObject({ rowCount: 1 });
  expect(db.stats()).toEqual({ total: 1, idle: 1, waiting: 0 });
  await db.close();
});

test('a statement that takes too long counts as away, a broken constraint does not', async () => {
  await expect(
    base.db.transaction(async (tx) => {
      await tx.query(`set local statement_timeout = '20ms'`);
      await tx.query('select pg_sleep(600)');
    }),
  ).rejects.toSatisfy(isDatabaseAway);
  await base.db.query('insert into things values (5)');
  const again = base.db.query('insert into things values (5)');
  await expect(again).rejects.not.toSatisfy(isDatabaseAway);
});

test('how connections end while all are being closed is no error', async () => {
  const onError = vi.fn();
  const db = openDatabase({ url: base.url, max: 2, onError });
  // Until it is terminated: else it could be over before it is seen.
  const slow = db.query('select pg_sleep(600)').catch(() => undefined);
  await vi.waitUntil(async () => {
    const asleep = await base.db.query(`select from pg_stat_activity where query = 'select pg_sleep(600)'`);
    return asleep.rowCount === 1;
  }, 15_000);
  const closing = db.close();
  await terminateOthers();
  await Promise.all([slow, closing]);
  expect(onError).not.toHaveBeenCalled();
  await expect(db.query('select 1')).rejects.toSatisfy(isDatabaseAway);
});
