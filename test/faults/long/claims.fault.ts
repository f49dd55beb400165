import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Database } from '../../../src/store/database.ts';
import { completeDelivery } from '../../../src/store/deliveries.ts';
import { claimDeliveries } from '../../../src/store/delivery-claims.ts';
import { createTestDatabase, type TestDatabase } from '../../support/database.ts';

/** Deliveries that wait, to so many hosts, one lane for each ten. */
const BACKLOG = 1_000_000;
const HOSTS = 100;
/** Deliveries that are worked in one measurement, to so many living hosts. */
const WORKED = 3_000;
const LIVING = 20;
const LIMIT = 32;
const ROUNDS = 5;

let full: TestDatabase;
let empty: TestDatabase;
beforeAll(async () => {
  // One connection each: settings hold for the one that made them.
  full = await createTestDatabase({ max: 1 });
  empty = await createTestDatabase({ max: 1 });
  const { db } = full;
  await db.query('set statement_timeout = 0; set session_replication_role = replica');
  for (let part = 0; part < 20; part++)
    await db.query(
      `insert into deliveries (activity_id, sender, inbox, host, lane, body, head, due_at, tries)
       select 'old ' || n, 'alice', 'https://h' || n % $3::int || '.example/inbox', 'h' || n % $3::int || '.example',
         'lane ' || n / 10, '{}', n % 10 = 0, now() + interval '1 hour', 3
       from generate_series($1::int, $1::int + $2::int - 1) n`,
      [(part * BACKLOG) / 20, BACKLOG / 20, HOSTS],
    );
  await db.query('set session_replication_role = origin');
  await db.query('vacuum analyze deliveries');
}, 180_000);
afterAll(async () => {
  await full.drop();
  await empty.drop();
});

/** Deliveries claimed and settled in a second. */
const measure = async (db: Database): Promise<number> => {
  await db.query(
    `insert into deliveries (activity_id, sender, inbox, host, lane, body)
     select 'new ' || n, 'alice', 'https://l' || n % $2::int || '.example/inbox', 'l' || n % $2::int || '.example',
       'new lane ' || n, '{}'
     from generate_series(1, $1::int) n`,
    [WORKED, LIVING],
  );
  await db.query('analyze deliveries');
  const begun = performance.now();
  for (;;) {
    const claimed = await claimDeliveries(db, { limit: LIMIT, leaseSeconds: 30, perHost: 16 });
    if (claimed.length === 0) break;
    for (const each of claimed) await completeDelivery(db, each);
  }
  return (WORKED * 1_000) / (performance.now() - begun);
};

test('with 1,000,000 deliveries that wait, claiming keeps at least 0.8 of its speed on an empty table', async () => {
  const ratios: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    // Turn about, so that what else the machine does falls on both.
    const [first, second] = round % 2 === 0 ? [empty, full] : [full, empty];
    const speeds = new Map([[first, await measure(first.db)]]);
    speeds.set(second, await measure(second.db));
    ratios.push((speeds.get(full) ?? 0) / (speeds.get(empty) ?? 1));
  }
  const median = ratios.toSorted((a, b) => a - b)[Math.floor(ROUNDS / 2)] ?? 0;
  expect(median, `of ${ratios.map((ratio) => ratio.toFixed(2)).join(', ')}`).toBeGreaterThanOrEqual(0.8);
}, 180_000);
