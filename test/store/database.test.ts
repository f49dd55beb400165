import { expect, test } from 'vitest';
import { isDatabaseAway, openDatabase } from '../../src/store/database.ts';

const withCode = (code: string, more: object = {}): Error => Object.assign(new Error(code), { code }, more);

test.each([
  'ECONNREFUSED',
  'ECONNRESET',
  'EAI_AGAIN',
  '08006',
  '53100',
  '53300',
  '57P01',
  '57P02',
  '57P03',
  '57014',
  '58030',
  '25006',
  '40P01',
])('%s: the database is away', (code) => {
  expect(isDatabaseAway(withCode(code))).toBe(true);
  expect(isDatabaseAway(new Error('carrying failed', { cause: withCode(code) }))).toBe(true);
});

test.each([
  'Connection terminated unexpectedly',
  'Connection terminated due to connection timeout',
  'timeout exceeded when trying to connect',
  'Query read timeout',
])('"%s": the database is away', (message) => {
  expect(isDatabaseAway(new Error(message))).toBe(true);
});

test.each([
  withCode('23505'),
  withCode('42601'),
  withCode('22P05'),
  withCode('ENOENT', { syscall: 'open' }),
  new Error('x is not a function'),
  'Connection terminated unexpectedly',
  undefined,
])('%s: a mistake of ours', (error) => {
  expect(isDatabaseAway(error)).toBe(false);
});

test('a missing socket counts, a missing file does not', () => {
  expect(isDatabaseAway(withCode('ENOENT', { syscall: 'connect' }))).toBe(true);
});

test('nobody at the address: the query rejects, as away', async () => {
  // Port 1 of loopback: nothing listens there.
  const db = openDatabase({ url: 'postgres://nobody@127.0.0.1:1/none', onError: () => undefined });
  const asking = db.query('select 1');
  await expect(asking).rejects.toSatisfy(isDatabaseAway);
  await expect(db.transaction(() => Promise.resolve())).rejects.toSatisfy(isDatabaseAway);
  await db.close();
  await db.close();
});
