import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Db } from '../../src/store/database.ts';
import { completeDelivery, enqueueDelivery } from '../../src/store/deliveries.ts';
import { claimDeliveries } from '../../src/store/delivery-claims.ts';
import { acceptActivities, claimActivities } from '../../src/store/inbox.ts';
import { claimStanzas, enqueueStanza } from '../../src/store/stanzas.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';

/** A claim must read what it takes, not what waits: rows read are counted, because times vary. */
const BACKLOG = 100_000;
const LIMIT = 50;
/** Index entries and rows that a claim of 50 may read. */
const FLAT = 1_500;

let base: TestDatabase;
let db: Db;
beforeAll(async () => {
  // One connection: the server tells its counts when asked by the connection that did the work.
  base = await createTestDatabase({ max: 1 });
  db = base.db;
  // All behind heads: of 1,000 lanes of a peer that is away, and of one lane alone. Put in without the
  // triggers, for speed, as they would have left it.
  await db.query('set session_replication_role = replica');
  await db.query(
    `insert into deliveries (activity_id, sender, inbox, host, lane, body, head, due_at)
     select 'old ' || n, 'alice', 'https://away.example/inbox', 'away.example', 'lane ' || n % 1000, '{}', n < 1000,
       case when n < 1000 then now() + interval '1 hour' else now() - interval '1 day' end
     from generate_series(0, $1::int - 1) n`,
    [BACKLOG],
  );
  await db.query(
    `insert into inbox (activity_id, actor_id, body, head, lease_until)
     select 'old ' || n, 'https://s.example/flood', '{}', n = 0, now() + interval '1 hour'
     from generate_series(0, $1::int - 1) n`,
    [BACKLOG],
  );
  await db.query(
    `insert into stanzas (recipient, stanza, head, lease_until)
     select 'flood@xmpp.example', '{}', n = 0, now() + interval '1 hour' from generate_series(0, $1::int - 1) n`,
    [BACKLOG],
  );
  await db.query('set session_replication_role = origin');
  await db.query('vacuum analyze deliveries, inbox, stanzas');
});
afterAll(() => base.drop());

const nobody = { id: 0, attempts: 0 };

const countReads = async (table: string): Promise<number> => {
  await db.query('select pg_stat_force_next_flush()');
  const { rows } = await db.query<{ reads: number }>(
    `select seq_tup_read + (select sum(idx_tup_read) from pg_stat_user_indexes where relname = $1)::bigint as reads
     from pg_stat_user_tables where relname = $1`,
    [table],
  );
  return rows[0]?.reads ?? Number.NaN;
};
const readsOf = async (table: string, work: () => Promise<unknown>): Promise<number> => {
  const before = await countReads(table);
  await work();
  return (await countReads(table)) - before;
};

test('deliveries: a new lane is served at once, past a backlog that waits for a peer', async () => {
  for (let n = 0; n < LIMIT; n++) {
    await enqueueDelivery(db, {
      activityId: `new ${n}`,
      sender: 'alice',
      inbox: 'https://here.example/inbox',
      host: 'here.example',
      lane: `new lane ${n}`,
      body: '{}',
      noteId: undefined,
      reportTo: undefined,
    });
  }
  let claimed: Awaited<ReturnType<typeof claimDeliveries>> = [];
  const reads = await readsOf('deliveries', async () => {
    claimed = await claimDeliveries(db, { limit: LIMIT, leaseSeconds: 30 });
  });
  expect(claimed.map(({ activityId }) => activityId)).toEqual(
    Array.from({ length: LIMIT }, (_, n) => `new ${n}`),
  );
  expect(reads).toBeLessThan(FLAT);
  expect(await readsOf('deliveries', () => completeDelivery(db, claimed[0] ?? nobody))).toBeLessThan(FLAT);
});

test('deliveries: the head of a long lane is passed on without reading the lane', async () => {
  const { rows } = await db.query<{ id: number; attempts: number }>(
    `select id, attempts from deliveries where lane = 'lane 7' and head`,
  );
  expect(await readsOf('deliveries', () => completeDelivery(db, rows[0] ?? nobody))).toBeLessThan(FLAT);
  expect(await claimDeliveries(db, { limit: LIMIT, leaseSeconds: 30 })).toMatchObject([
    { activityId: 'old 1007' },
  ]);
});

test('deliveries: a host that is away, with a lane for each of 100,000 messages, is not read', async () => {
  await db.query('truncate deliveries');
  await db.query('set session_replication_role = replica');
  await db.query(
    `insert into deliveries (activity_id, sender, inbox, host, lane, body, head, due_at)
     select 'due ' || n, 'alice', 'https://away.example/inbox', 'away.example', 'lane ' || n, '{}', true,
       now() - interval '1 day'
     from generate_series(1, $1::int) n`,
    [BACKLOG],
  );
  await db.query('set session_replication_role = origin');
  await db.query('vacuum analyze deliveries');
  await db.query(`insert into hosts (host, open_until) values ('away.example', now() + interval '1 hour')`);
  await enqueueDelivery(db, {
    activityId: 'live',
    sender: 'alice',
    inbox: 'https://here.example/inbox',
    host: 'here.example',
    lane: 'live',
    body: '{}',
    noteId: undefined,
    reportTo: undefined,
  });
  let claimed: Awaited<ReturnType<typeof claimDeliveries>> = [];
  const work = async () => {
    claimed = await claimDeliveries(db, { limit: LIMIT, leaseSeconds: 30 });
  };
  expect(await readsOf('deliveries', work)).toBeLessThan(FLAT);
  expect(claimed.map(({ activityId }) => activityId)).toEqual(['live']);
  // Alive but full: as many rows as it has room for are looked at, not all that wait.
  await db.query('delete from hosts');
  const full = { perHost: 16, room: new Map([['away.example', 0]]) };
  expect(
    await readsOf('deliveries', () => claimDeliveries(db, { limit: LIMIT, leaseSeconds: 30, ...full })),
  ).toBeLessThan(FLAT);
  const probe = { open: new Date(Date.now() - 1) };
  await db.query(`insert into hosts (host, open_until) values ('away.example', $1)`, [probe.open]);
  expect(await readsOf('deliveries', work)).toBeLessThan(FLAT);
  expect(claimed).toHaveLength(1);
});

test('inbox: one actor with a backlog holds up no other', async () => {
  await acceptActivities(db, [{ activityId: 'new', actorId: 'https://s.example/other', body: '{}' }]);
  let claimed: Awaited<ReturnType<typeof claimActivities>> = [];
  const reads = await readsOf('inbox', async () => {
    claimed = await claimActivities(db, { limit: LIMIT, leaseSeconds: 30 });
  });
  expect(claimed).toMatchObject([{ activityId: 'new' }]);
  expect(reads).toBeLessThan(FLAT);
});

test('stanzas: one recipient with a backlog holds up no other, and is itself claimed by its beginning', async () => {
  await enqueueStanza(db, {
    kind: 'presence',
    type: 'available',
    from: 'a@ap.example',
    to: 'other@xmpp.example',
  });
  const claim = () => claimStanzas(db, { limit: LIMIT, leaseSeconds: 30 });
  expect(await readsOf('stanzas', async () => expect(await claim()).toHaveLength(1))).toBeLessThan(FLAT);
  await db.query(`update stanzas set lease_until = null where head and recipient = 'flood@xmpp.example'`);
  expect(await readsOf('stanzas', async () => expect(await claim()).toHaveLength(20))).toBeLessThan(FLAT);
});
