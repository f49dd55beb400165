import { existsSync } from 'node:fs';
import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { dumpSchema, SCHEMA_FILE } from '../../scripts/dump-schema.ts';
import { openDatabase } from '../../src/store/database.ts';
import { migrate } from '../../src/store/migrate.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { startTestCluster } from '../support/postgres-cluster.ts';

const MIGRATIONS = join(import.meta.dirname, '../../migrations');
const numbered = async (): Promise<string[]> =>
  (await readdir(MIGRATIONS)).filter((name) => /^\d{4}_/u.test(name)).map((name) => name.replace('.sql', ''));

let blank: TestDatabase;
beforeAll(async () => {
  blank = await createTestDatabase({ template: 'template0' });
});
afterAll(() => blank.drop());

test('of many that migrate at once each migration runs in one, and the others wait', async () => {
  const ran = await Promise.all(Array.from({ length: 6 }, () => migrate(blank.url)));
  expect(ran.flat()).toEqual(await numbered());
  const { rows } = await blank.db.query<{ name: string }>('select name from migrations order by id');
  expect(rows.map(({ name }) => name)).toEqual(await numbered());
  expect(await migrate(blank.url)).toEqual([]);
});

test('migrations/schema.sql is what the migrations make (else: npm run schema)', async () => {
  expect(await dumpSchema(blank.db)).toBe(await readFile(SCHEMA_FILE, 'utf8'));
});

test('a migration that fails leaves the database as it was', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'causeway-migrations-'));
  try {
    await cp(MIGRATIONS, folder, { recursive: true });
    await writeFile(join(folder, '9998_good.sql'), 'create table good (id integer);');
    await writeFile(join(folder, '9999_bad.sql'), 'create table bad (id nonsense);');
    await expect(migrate(blank.url, folder)).rejects.toThrow('nonsense');
    const { rows } = await blank.db.query<{ found: string | null }>(`select to_regclass('good') as found`);
    expect(rows).toEqual([{ found: null }]);
    await rm(join(folder, '9999_bad.sql'));
    expect(await migrate(blank.url, folder)).toEqual(['9998_good']);
    await blank.db.query('drop table good');
  } finally {
    await rm(folder, { recursive: true });
  }
});

const POSTGRES_15 = '/usr/lib/postgresql/15';
test.skipIf(!existsSync(join(POSTGRES_15, 'bin')))(
  'the same schema on PostgreSQL 15 (skipped where Debian package postgresql-15 is not installed)',
  async () => {
    const cluster = await startTestCluster({ folder: POSTGRES_15, version: '15' });
    try {
      await migrate(cluster.url);
      const db = openDatabase({ url: cluster.url, onError: () => undefined });
      const { rows } = await db.query<{ version: string }>('select version()');
      expect(rows[0]?.version).toContain('PostgreSQL 15.');
      expect(await dumpSchema(db)).toBe(await readFile(SCHEMA_FILE, 'utf8'));
      await db.close();
    } finally {
      await cluster.remove();
    }
  },
);
