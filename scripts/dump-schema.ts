/** `npm run schema`: writes migrations/schema.sql, what the migrations make of an empty database. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Db, openDatabase } from '../src/store/database.ts';
import { migrate } from '../src/store/migrate.ts';
import { startTestCluster } from '../test/support/postgres-cluster.ts';

export const SCHEMA_FILE = join(import.meta.dirname, '../migrations/schema.sql');

const HEADER = `-- Made by "npm run schema": what the migrations make of an empty database. Do not edit.`;

/** The table in which the migration runner keeps its books. */
const RUNNER_TABLE = 'migrations';

/**
 * The schema `public` as SQL, in order of name. From the catalogues and not by pg_dump, which the embedded
 * PostgreSQL lacks and whose output differs between versions.
 */
export const dumpSchema = async (db: Db): Promise<string> => {
  const tables = await db.query<{ name: string }>(
    `select relname as name from pg_class
     where relnamespace = 'public'::regnamespace and relkind = 'r' and relname <> $1 order by relname collate "C"`,
    [RUNNER_TABLE],
  );
  const functions = await db.query<{ definition: string }>(
    `select pg_get_functiondef(oid) as definition from pg_proc
     where pronamespace = 'public'::regnamespace order by proname collate "C"`,
  );
  const parts = [HEADER];
  for (const { name } of tables.rows) parts.push(await dumpTable(db, name));
  for (const { definition } of functions.rows) parts.push(`${definition.trim()};`);
  return `${parts.join('\n\n')}\n`;
};

const dumpTable = async (db: Db, name: string): Promise<string> => {
  const columns = await linesOf(
    db,
    `select attname || ' ' || format_type(atttypid, atttypmod)
       || case when attidentity = 'a' then ' generated always as identity' else '' end
       || coalesce(' default ' || pg_get_expr(adbin, adrelid), '')
       || case when attnotnull then ' not null' else '' end as line
     from pg_attribute left join pg_attrdef on adrelid = attrelid and adnum = attnum
     where attrelid = $1::regclass and attnum > 0 and not attisdropped order by attnum`,
    name,
  );
  // PostgreSQL 18 lists "not null" among the constraints, older ones do not; the columns have it already.
  const constraints = await linesOf(
    db,
    `select 'constraint ' || conname || ' ' || pg_get_constraintdef(oid) as line
     from pg_constraint where conrelid = $1::regclass and contype <> 'n' order by conname collate "C"`,
    name,
  );
  const indexes = await linesOf(
    db,
    `select pg_get_indexdef(indexrelid) || ';' as line from pg_index
     join pg_class on pg_class.oid = indexrelid
     where indrelid = $1::regclass and not exists (select from pg_constraint where conindid = indexrelid and contype in ('p', 'u'))
     order by relname collate "C"`,
    name,
  );
  const triggers = await linesOf(
    db,
    `select pg_get_triggerdef(oid) || ';' as line from pg_trigger
     where tgrelid = $1::regclass and not tgisinternal order by tgname collate "C"`,
    name,
  );
  const [parent] = await linesOf(
    db,
    'select inhparent::regclass::text as line from pg_inherits where inhrelid = $1::regclass',
    name,
  );
  const body = [...columns, ...constraints].map((line) => `  ${line}`).join(',\n');
  return [
    `create table ${name} (\n${body}\n)${parent === undefined ? '' : ` inherits (${parent})`};`,
    ...indexes,
    ...triggers,
  ].join('\n');
};

const linesOf = async (db: Db, query: string, table: string): Promise<readonly string[]> =>
  (await db.query<{ line: string }>(query, [table])).rows.map(({ line }) => line);

if (import.meta.main) {
  const cluster = await startTestCluster();
  try {
    await migrate(cluster.url);
    const db = openDatabase({ url: cluster.url, onError: () => undefined });
    await writeFile(SCHEMA_FILE, await dumpSchema(db));
    await db.close();
  } finally {
    await cluster.remove();
  }
}
