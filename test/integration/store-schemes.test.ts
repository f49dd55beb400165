import { afterAll, beforeAll, expect, test } from 'vitest';
import { findScheme, purgeSchemes, rememberScheme } from '../../src/store/host-schemes.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';

let base: TestDatabase;
beforeAll(async () => {
  base = await createTestDatabase();
});
afterAll(() => base.drop());

const DAY_AGO = () => new Date(Date.now() - 86_400_000);

test('what a host understood is known until its time is over', async () => {
  const { db } = base;
  expect(await findScheme(db, 'm.example', DAY_AGO())).toBeUndefined();
  await rememberScheme(db, 'm.example', 'rfc9421');
  await rememberScheme(db, 'other.example:8443', 'cavage');
  expect(await findScheme(db, 'm.example', DAY_AGO())).toBe('rfc9421');
  expect(await findScheme(db, 'other.example:8443', DAY_AGO())).toBe('cavage');
  expect(await findScheme(db, 'm.example', new Date(Date.now() + 1000))).toBeUndefined();

  await rememberScheme(db, 'm.example', 'cavage');
  expect(await findScheme(db, 'm.example', DAY_AGO())).toBe('cavage');

  await db.query(`update host_schemes set learnt_at = now() - interval '2 days' where host = 'm.example'`);
  expect(await findScheme(db, 'm.example', DAY_AGO())).toBeUndefined();
  await rememberScheme(db, 'm.example', 'rfc9421');
  expect(await findScheme(db, 'm.example', DAY_AGO())).toBe('rfc9421');
});

test('what is too old is deleted', async () => {
  const { db } = base;
  await rememberScheme(db, 'old.example', 'rfc9421');
  await db.query(`update host_schemes set learnt_at = now() - interval '2 days' where host = 'old.example'`);
  expect(await purgeSchemes(db, DAY_AGO())).toBe(1);
  const { rows } = await db.query<{ host: string }>('select host from host_schemes order by host');
  expect(rows.map(({ host }) => host)).toEqual(['m.example', 'other.example:8443']);
});
