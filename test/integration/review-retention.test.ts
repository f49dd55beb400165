import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { createHousekeeping } from '../../src/app-housekeeping.ts';
import { carryActivity } from '../../src/gateway/from-fediverse.ts';
import { carryMessage } from '../../src/gateway/from-xmpp.ts';
import type { Db } from '../../src/store/database.ts';
import { findNote } from '../../src/store/notes.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { chatMessage, emptyTables, jidOf, takeStanzas } from '../support/gateway.ts';
import { addActor, addUser, noteTo, testPorts } from '../support/inbound.ts';

const HOUR = 3_600;
const DAY = 24 * HOUR;
let base: TestDatabase;
beforeAll(async () => {
  base = await createTestDatabase();
});
beforeEach(() => emptyTables(base.db));
afterAll(() => base.drop());

/** One round of housekeeping; what failed in it. */
const clean = async (bodiesSeconds: number, db: Db = base.db): Promise<readonly string[]> => {
  const failed: string[] = [];
  const log = { warn: (event: string) => void failed.push(event) };
  await createHousekeeping({ retention: { bodiesSeconds, idsSeconds: 30 * DAY }, log, db }).round();
  return failed;
};

/** Alice wrote to Bob, and it arrived `seconds` ago. */
const sentNote = async (seconds: number): Promise<string> => {
  const ports = testPorts(base);
  await addUser(base, 'alice');
  const bob = await addActor(base, ports, 'bob');
  await carryMessage(ports, chatMessage(jidOf(bob)));
  await base.db.query(
    `with over as (delete from deliveries)
     update notes set created_at = now() - make_interval(secs => $1),
       completed_at = now() - make_interval(secs => $1)`,
    [seconds],
  );
  const { rows } = await base.db.query<{ id: string }>('select id from notes');
  return rows[0]?.id ?? '';
};

test('who wrote to whom is forgotten with the map of ids, not before', async () => {
  const id = await sentNote(29 * DAY);
  expect(await clean(DAY)).toEqual([]);
  expect(await findNote(base.db, id)).toMatchObject({ note: undefined, userId: 'alice' });
  await base.db.query(`update notes set created_at = now() - interval '31 days'`);
  expect(await clean(DAY)).toEqual([]);
  expect(await findNote(base.db, id)).toBeUndefined();
});

test('a note that is still on its way is never forgotten', async () => {
  const id = await sentNote(31 * DAY);
  await base.db.query('update notes set completed_at = null');
  await clean(DAY);
  expect((await findNote(base.db, id))?.note).toBeDefined();
});

test.each([
  { bodies: DAY, age: HOUR - 60, kept: 1 },
  { bodies: DAY, age: HOUR + 60, kept: 0 },
  { bodies: 300, age: 240, kept: 1 },
  { bodies: 300, age: 360, kept: 0 },
  { bodies: 0, age: 1, kept: 0 },
])('bodies for $bodies s: of a stanza taken $age s ago $kept stay', async ({ bodies, age, kept }) => {
  const ports = testPorts(base);
  await addUser(base, 'alice');
  const bob = await addActor(base, ports, 'bob');
  const activity = {
    type: 'Create',
    id: `${bob.id}/1`,
    actor: bob.id,
    note: noteTo('alice', bob, 1),
  } as const;
  await carryActivity(ports, activity, { receivedAt: new Date() });
  expect(await takeStanzas(base.db)).toHaveLength(1);
  await base.db.query('update stanzas set sent_at = now() - make_interval(secs => $1)', [age]);
  expect(await clean(bodies)).toEqual([]);
  expect((await base.db.query('select from stanzas')).rows).toHaveLength(kept);
});

test('what fails is told, and waits for the next round', async () => {
  const db: Db = { query: () => Promise.reject(new Error('away')) };
  expect(await clean(DAY, db)).toEqual(['housekeeping-failed']);
});
