import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { Db } from '../../src/store/database.ts';
import {
  type ActivityClaim,
  abandonActivity,
  acceptActivities,
  claimActivities,
  finishActivity,
  postponeActivity,
  purgeInbox,
  renewActivities,
} from '../../src/store/inbox.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';

let base: TestDatabase;
let db: Db;
beforeAll(async () => {
  base = await createTestDatabase({ max: 20 });
  db = base.db;
});
afterEach(() => db.query('truncate inbox'));
afterAll(() => base.drop());

const activity = (name: string, actor = 'bob') => ({
  activityId: `https://s.example/a/${name}`,
  actorId: `https://s.example/users/${actor}`,
  body: JSON.stringify({ name }),
});
const claimNames = async (limit = 10): Promise<readonly string[]> => {
  const claimed = await claimActivities(db, { limit, leaseSeconds: 30 });
  return claimed.map(({ activityId }) => activityId.slice('https://s.example/a/'.length));
};
/** Who holds it now, whoever that is. */
const holderOf = async (name: string): Promise<ActivityClaim> => {
  const { rows } = await db.query<ActivityClaim>('select id, attempts from inbox where activity_id = $1', [
    `https://s.example/a/${name}`,
  ]);
  return rows[0] ?? { id: -1, attempts: 0 };
};
const endLeases = () =>
  db.query(`update inbox set lease_until = now() - interval '1 second' where lease_until is not null`);
const past = (): Date => new Date(Date.now() - 3_600_000);
const future = (): Date => new Date(Date.now() + 3_600_000);

test('what is accepted is claimed as it came, once', async () => {
  await acceptActivities(db, [activity('1')]);
  const [claimed] = await claimActivities(db, { limit: 10, leaseSeconds: 30 });
  expect(claimed).toEqual({
    ...activity('1'),
    ...(await holderOf('1')),
    attempts: 1,
    receivedAt: expect.any(Date),
  });
  expect(await claimNames()).toEqual([]);
});

test('nothing to accept is no statement', async () => {
  const never: Db = { query: () => Promise.reject(new Error('asked')) };
  await expect(acceptActivities(never, [])).resolves.toBeUndefined();
});

test('a repeat is harmless: in one batch, in another, at once, and after it was worked', async () => {
  await acceptActivities(db, [activity('1'), activity('1')]);
  await Promise.all(Array.from({ length: 10 }, () => acceptActivities(db, [activity('1'), activity('2')])));
  expect(await claimNames()).toEqual(['1']);
  await finishActivity(db, await holderOf('1'));
  await acceptActivities(db, [activity('1')]);
  expect(await claimNames()).toEqual(['2']);
});

test('the id of another actor is another activity', async () => {
  await acceptActivities(db, [activity('1', 'bob'), activity('1', 'mallory')]);
  expect(await claimNames()).toEqual(['1', '1']);
});

test('of one actor one at a time, in the order in which they came; actors do not wait for each other', async () => {
  await acceptActivities(db, [
    activity('b1'),
    activity('c1', 'carol'),
    activity('b2'),
    activity('c2', 'carol'),
  ]);
  expect(new Set(await claimNames())).toEqual(new Set(['b1', 'c1']));
  expect(await claimNames()).toEqual([]);
  await finishActivity(db, await holderOf('b1'));
  expect(await claimNames()).toEqual(['b2']);
  await finishActivity(db, await holderOf('c1'));
  await finishActivity(db, await holderOf('b2'));
  expect(await claimNames()).toEqual(['c2']);
});

test('one whose worker died is claimed again when the lease is over, and the attempts are counted', async () => {
  await acceptActivities(db, [activity('1'), activity('2')]);
  await claimNames();
  await endLeases();
  const [again] = await claimActivities(db, { limit: 10, leaseSeconds: 30 });
  expect(again).toMatchObject({ activityId: activity('1').activityId, attempts: 2 });
});

test('a worker that lost its lease settles nothing and renews nothing', async () => {
  await acceptActivities(db, [activity('1')]);
  const [late] = await claimActivities(db, { limit: 1, leaseSeconds: 30 });
  const lateClaim = late ?? { id: -1, attempts: 0 };
  await endLeases();
  const [holder] = await claimActivities(db, { limit: 1, leaseSeconds: 1 });
  await renewActivities(db, [lateClaim], 3_600);
  await finishActivity(db, lateClaim);
  await abandonActivity(db, lateClaim, 'late');
  await postponeActivity(db, lateClaim, past(), 'late');
  const { rows } = await db.query<{ done: boolean; short: boolean }>(
    `select done_at is not null as done, lease_until < now() + interval '2 seconds' as short from inbox`,
  );
  expect(rows).toEqual([{ done: false, short: true }]);
  await renewActivities(db, [holder ?? lateClaim], 3_600);
  expect(
    (await db.query(`select from inbox where lease_until > now() + interval '50 minutes'`)).rowCount,
  ).toBe(1);
});

test('one that is postponed holds up its actor until its time', async () => {
  await acceptActivities(db, [activity('1'), activity('2')]);
  await claimNames();
  await postponeActivity(db, await holderOf('1'), future(), 'the actor could not be fetched');
  expect(await claimNames()).toEqual([]);
  await postponeActivity(db, await holderOf('1'), past(), 'again');
  expect(await claimNames()).toEqual(['1']);
});

test('one that is abandoned leaves its error and no body, and the next goes on', async () => {
  await acceptActivities(db, [activity('1'), activity('2')]);
  await claimNames();
  await abandonActivity(db, await holderOf('1'), `not an activity\0${'x'.repeat(1_000)}`);
  const { rows } = await db.query<{ body: string | null; last_error: string }>(
    'select body, last_error from inbox where done_at is not null',
  );
  expect(rows[0]?.body).toBeNull();
  expect(rows[0]?.last_error).toMatch(/^not an activityx+$/u);
  expect(await claimNames()).toEqual(['2']);
});

test('a late word about one that is over changes nothing', async () => {
  await acceptActivities(db, [activity('1'), activity('2'), activity('3')]);
  await claimNames();
  const id = await holderOf('1');
  await finishActivity(db, id);
  await finishActivity(db, id);
  await abandonActivity(db, id, 'late');
  await postponeActivity(db, id, past(), 'late');
  expect(await claimNames()).toEqual(['2']);
  const { rows } = await db.query<{ heads: number }>('select count(*) as heads from inbox where head');
  expect(rows[0]?.heads).toBe(1);
});

test('what is finished is forgotten after its time, what waits is not', async () => {
  await acceptActivities(db, [activity('1'), activity('2')]);
  await claimNames();
  await finishActivity(db, await holderOf('1'));
  expect(await purgeInbox(db, past())).toBe(0);
  expect(await purgeInbox(db, future())).toBe(1);
  expect(await claimNames()).toEqual(['2']);
});

test('a database that was away while it was accepted has nothing half', async () => {
  const failing = base.db.transaction(async (tx) => {
    await acceptActivities(tx, [activity('1'), activity('2', 'carol')]);
    throw new Error('killed');
  });
  await expect(failing).rejects.toThrow('killed');
  expect(await claimNames()).toEqual([]);
  // The lanes are as empty as before: the next to come is a head.
  await acceptActivities(db, [activity('3')]);
  expect(await claimNames()).toEqual(['3']);
});

test('many who accept and many who work at once: each once, in order, and no lane is stuck', async () => {
  const actors = ['bob', 'carol', 'dora'];
  const worked: string[] = [];
  let left = 300;
  const accept = async (part: number): Promise<void> => {
    for (let n = 0; n < 25; n++) {
      const batch = actors.map((actor) => activity(`${actor}-${part}-${n}`, actor));
      // Every batch in another order of actors: the locks must not form a ring.
      await acceptActivities(db, part % 2 === 0 ? batch : batch.reverse());
    }
  };
  const work = async (): Promise<void> => {
    while (left > 0) {
      for (const claimed of await claimActivities(db, { limit: 5, leaseSeconds: 30 })) {
        worked.push(claimed.activityId);
        await finishActivity(db, claimed);
        left--;
      }
    }
  };
  await Promise.all([0, 1, 2, 3].map(accept).concat([work(), work(), work(), work()]));
  expect(new Set(worked).size).toBe(300);
  expect(worked).toHaveLength(300);
  for (const actor of actors) {
    for (const part of [0, 1, 2, 3]) {
      const mine = worked.filter((id) => id.includes(`${actor}-${part}-`));
      expect(mine).toEqual(
        Array.from({ length: 25 }, (_, n) => activity(`${actor}-${part}-${n}`).activityId),
      );
    }
  }
});
