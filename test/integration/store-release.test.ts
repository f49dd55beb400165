import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { Db } from '../../src/store/database.ts';
import { enqueueDelivery, failDelivery, postponeDelivery } from '../../src/store/deliveries.ts';
import { claimDeliveries } from '../../src/store/delivery-claims.ts';
import { acceptActivities, claimActivities, finishActivity } from '../../src/store/inbox.ts';
import { releaseActivities, releaseDeliveries, takeOverStanzas } from '../../src/store/release.ts';
import { claimStanzas, enqueueStanza, failStanza } from '../../src/store/stanzas.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';

const CLAIM = { limit: 10, leaseSeconds: 30 };

let base: TestDatabase;
let db: Db;
beforeAll(async () => {
  base = await createTestDatabase();
  db = base.db;
});
afterEach(() => db.query('truncate deliveries, inbox, stanzas'));
afterAll(() => base.drop());

const putDeliveries = async (...names: string[]): Promise<void> => {
  for (const name of names)
    await enqueueDelivery(db, {
      activityId: name,
      sender: 'alice',
      inbox: 'https://s.example/inbox',
      host: 's.example',
      lane: name,
      body: '{}',
      noteId: undefined,
      reportTo: undefined,
    });
};

test('deliveries given back are claimed again at once, and the claim does not count against them', async () => {
  await putDeliveries('a', 'b');
  const first = await claimDeliveries(db, CLAIM);
  expect(await claimDeliveries(db, CLAIM)).toEqual([]);
  await releaseDeliveries(db, first);
  const again = await claimDeliveries(db, CLAIM);
  expect(again.map(({ activityId, tries, unanswered }) => [activityId, tries, unanswered])).toEqual([
    ['a', 0, 1],
    ['b', 0, 1],
  ]);
});

test('what another process has claimed since is not given back', async () => {
  await putDeliveries('a');
  const late = await claimDeliveries(db, CLAIM);
  await db.query('update deliveries set lease_until = now()');
  const [taken] = await claimDeliveries(db, CLAIM);
  expect(taken?.activityId).toBe('a');
  await releaseDeliveries(db, late);
  expect(await claimDeliveries(db, CLAIM)).toEqual([]);
});

test('what was settled meanwhile stays as it is', async () => {
  await putDeliveries('later', 'never');
  const [later, never] = await claimDeliveries(db, CLAIM);
  if (later === undefined || never === undefined) throw new Error('not claimed');
  const dueAt = new Date(Date.now() + 60_000);
  await postponeDelivery(db, later, { dueAt, status: 503, error: 'HTTP 503' });
  await failDelivery(db, never, { status: 410, error: 'HTTP 410' });
  await releaseDeliveries(db, [later, never, { id: 4711, attempts: 1 }]);
  const { rows } = await db.query('select state, attempts, due_at from deliveries order by id');
  expect(rows).toEqual([
    { state: 'due', attempts: 1, due_at: dueAt },
    { state: 'failed', attempts: 1, due_at: expect.any(Date) },
  ]);
});

test('activities too; a finished one is not worked again', async () => {
  await acceptActivities(
    db,
    ['a', 'b'].map((name) => ({ activityId: name, actorId: name, body: '{}' })),
  );
  const claimed = await claimActivities(db, CLAIM);
  const [a, b] = claimed;
  if (a === undefined || b === undefined) throw new Error('not claimed');
  await finishActivity(db, a);
  await releaseActivities(db, [a, b]);
  expect(await claimActivities(db, CLAIM)).toMatchObject([{ activityId: 'b', attempts: 1 }]);
});

test('nothing to give back is no statement', async () => {
  const silent: Db = { query: () => Promise.reject(new Error('asked')) };
  await expect(releaseDeliveries(silent, [])).resolves.toBeUndefined();
  await expect(releaseActivities(silent, [])).resolves.toBeUndefined();
});

test('whoever takes over the outbox finds all of it free, in order', async () => {
  for (const id of ['1', '2', '3'])
    await enqueueStanza(db, { kind: 'presence', type: 'available', id, from: 'a@b', to: 'c@d' });
  const [first] = await claimStanzas(db, CLAIM);
  if (first === undefined) throw new Error('not claimed');
  await failStanza(db, first.id, 'invalid');
  expect(await claimStanzas(db, CLAIM)).toEqual([]);
  expect(await takeOverStanzas(db)).toBe(2);
  const taken = await claimStanzas(db, CLAIM);
  expect(taken.map(({ stanza }) => ('id' in stanza ? stanza.id : ''))).toEqual(['2', '3']);
});
