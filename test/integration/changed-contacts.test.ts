import { afterAll, beforeAll, expect, test } from 'vitest';
import { saveChangedContact, takeChangedContact } from '../../src/store/changed-contacts.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { addContact, addRosterUser } from '../support/roster.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

test('a change that is not committed yet is not taken with an earlier one, which would show what was before', async () => {
  const { db } = database;
  const bob = await addContact(database, await addRosterUser(database, 'alice@xmpp.test'), 'bob');
  await saveChangedContact(db, bob);
  await db.transaction(async (tx) => {
    await saveChangedContact(tx, bob);
    expect(await takeChangedContact(db)).toBeUndefined();
  });
  expect(await takeChangedContact(db)).toBe(bob);
  expect(await takeChangedContact(db)).toBeUndefined();
});
