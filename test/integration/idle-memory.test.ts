import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { measureResident } from '../../bench/memory.ts';
import { countUsers } from '../../src/store/users.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';

let folder: string;
let database: TestDatabase;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'causeway-memory-'));
  database = await createTestDatabase();
});
afterAll(async () => {
  await database.drop();
  await rm(folder, { recursive: true, force: true });
});

test('an idle gateway with one user is resident in less than 120 MiB', async () => {
  const resident = await measureResident(database, folder);
  expect((await countUsers(database.db)).total).toBe(1);
  expect(resident).toBeLessThan(120);
  // Less than Node itself would mean that another process was measured.
  expect(resident).toBeGreaterThan(45);
});
