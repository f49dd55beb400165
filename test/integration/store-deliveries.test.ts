import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { Db } from '../../src/store/database.ts';
import {
  completeDelivery,
  countDeliveries,
  type Delivery,
  type DeliveryClaim,
  enqueueDelivery,
  failDelivery,
  postponeDelivery,
  purgeFailedDeliveries,
} from '../../src/store/deliveries.ts';
import { claimDeliveries } from '../../src/store/delivery-claims.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';

let base: TestDatabase;
let db: Db;
beforeAll(async () => {
  base = await createTestDatabase({ max: 20 });
  db = base.db;
});
afterEach(() => db.query('truncate deliveries'));
afterAll(() => base.drop());

const delivery = (name: string, lane = 'alice bob', more: Partial<Delivery> = {}): Delivery => ({
  activityId: name,
  sender: 'alice',
  inbox: 'https://s.example/inbox',
  host: 's.example',
  lane,
  body: `{"name":"${name}"}`,
  noteId: undefined,
  reportTo: undefined,
  ...more,
});
const claim = (limit = 10) => claimDeliveries(db, { limit, leaseSeconds: 30 });
const claimNames = async (limit = 10) => (await claim(limit)).map(({ activityId }) => activityId);
/** Who holds it now, whoever that is. */
const holderOf = async (name: string): Promise<DeliveryClaim> =>
  (await db.query<DeliveryClaim>('select id, attempts from deliveries where activity_id = $1', [name]))
    .rows[0] ?? { id: -1, attempts: 0 };
const past = (): Date => new Date(Date.now() - 3_600_000);
const future = (): Date => new Date(Date.now() + 3_600_000);

test('a delivery is claimed as it was put in', async () => {
  const whole = delivery('1', 'lane', {
    noteId: 'n1',
    reportTo: {
      kind: 'message',
      user: 'alice@xmpp.example/phone',
      contact: 'bob%s.example@ap.example',
      addressed: 'bob%s.example@ap.example',
      stanzaId: undefined,
      wantsReceipt: true,
      lang: 'de',
    },
  });
  expect(await enqueueDelivery(db, whole)).toBe(true);
  expect(await claim()).toStrictEqual([
    {
      ...whole,
      ...(await holderOf('1')),
      tries: 0,
      unanswered: 1,
      createdAt: expect.any(Date),
      lastError: undefined,
      taken: false,
      toldLate: false,
      hostHealth: 'well',
    },
  ]);
});

test('an activity goes to an inbox once, and to another inbox as well', async () => {
  expect(await enqueueDelivery(db, delivery('1'))).toBe(true);
  expect(await enqueueDelivery(db, delivery('1'))).toBe(false);
  expect(await enqueueDelivery(db, delivery('1', 'other', { inbox: 'https://t.example/inbox' }))).toBe(true);
  expect(await claimNames()).toEqual(['1', '1']);
});

test('only the head of each lane is claimed', async () => {
  for (const name of ['a1', 'a2', 'a3']) await enqueueDelivery(db, delivery(name, 'a'));
  for (const name of ['b1', 'b2']) await enqueueDelivery(db, delivery(name, 'b'));
  expect(await claimNames()).toEqual(['a1', 'b1']);
  expect(await claimNames()).toEqual([]);
  await completeDelivery(db, await holderOf('a1'));
  expect(await claimNames()).toEqual(['a2']);
  await completeDelivery(db, await holderOf('a2'));
  await completeDelivery(db, await holderOf('b1'));
  expect(await claimNames()).toEqual(['a3', 'b2']);
});

test('the limit holds, and those that are due longest come first', async () => {
  for (let n = 0; n < 5; n++) await enqueueDelivery(db, delivery(`${n}`, `lane ${n}`));
  await postponeDelivery(db, await holderOf('3'), { dueAt: new Date(0), status: 500, error: 'x' });
  expect(await claimNames(1)).toEqual(['3']);
  expect(await claimNames(2)).toEqual(['0', '1']);
});

test('what fails for now holds up its lane only, and keeps its status and bytes', async () => {
  for (const name of ['1', '2']) await enqueueDelivery(db, delivery(name));
  await enqueueDelivery(db, delivery('x', 'other'));
  const [first] = await claim(1);
  await postponeDelivery(db, first ?? { id: 0, attempts: 0 }, {
    dueAt: future(),
    status: 503,
    error: 'busy',
  });
  expect(await claimNames()).toEqual(['x']);
  await db.query('update deliveries set due_at = now()');
  await claim(1);
  await postponeDelivery(db, await holderOf('1'), { dueAt: past(), status: undefined, error: 'timeout' });
  const [again] = await claim();
  expect(again).toEqual({ ...first, attempts: 3, tries: 2, unanswered: 1, lastError: 'timeout' });
});

test('what fails for good is kept without its body, and its lane goes on', async () => {
  for (const name of ['1', '2']) await enqueueDelivery(db, delivery(name));
  await claim();
  const held = await holderOf('1');
  expect(await failDelivery(db, held, { status: 404, error: 'no such inbox' })).toBe(true);
  expect(await failDelivery(db, held, { status: 500, error: 'late' })).toBe(false);
  const { rows } = await db.query(
    'select state, body, last_status, last_error from deliveries where id = $1',
    [held.id],
  );
  expect(rows).toEqual([{ state: 'failed', body: null, last_status: 404, last_error: 'no such inbox' }]);
  expect(await claimNames()).toEqual(['2']);
  expect(await countDeliveries(db)).toEqual({ due: 1, failed: 1 });
  expect(await enqueueDelivery(db, delivery('1'))).toBe(false);
  expect(await purgeFailedDeliveries(db, past())).toBe(0);
  expect(await purgeFailedDeliveries(db, future())).toBe(1);
  expect(await countDeliveries(db)).toEqual({ due: 1, failed: 0 });
});

test('one whose worker died is claimed again when the lease is over', async () => {
  await enqueueDelivery(db, delivery('1'));
  await enqueueDelivery(db, delivery('2'));
  await claim();
  await db.query(`update deliveries set lease_until = now() - interval '1 second' where head`);
  expect(await claim()).toMatchObject([{ activityId: '1', attempts: 2 }]);
});

test('a transaction that is undone leaves no trace in the lane', async () => {
  await enqueueDelivery(db, delivery('1'));
  const undone = base.db.transaction(async (tx) => {
    await completeDelivery(tx, await holderOf('1'));
    await enqueueDelivery(tx, delivery('2'));
    throw new Error('undone');
  });
  await expect(undone).rejects.toThrow('undone');
  expect(await claimNames()).toEqual(['1']);
  await completeDelivery(db, await holderOf('1'));
  await enqueueDelivery(db, delivery('3'));
  expect(await claimNames()).toEqual(['3']);
});

test('one that enters while the head leaves is not forgotten behind it', async () => {
  for (let n = 0; n < 30; n++) {
    await enqueueDelivery(db, delivery(`first ${n}`));
    const first = await holderOf(`first ${n}`);
    await Promise.all([completeDelivery(db, first), enqueueDelivery(db, delivery(`second ${n}`))]);
    expect(await claimNames()).toEqual([`second ${n}`]);
    await completeDelivery(db, await holderOf(`second ${n}`));
  }
});

test('many who put in and many who send at once: each once and in order', async () => {
  const lanes = Array.from({ length: 8 }, (_, n) => `lane ${n}`);
  const sent = new Map<string, string[]>(lanes.map((lane) => [lane, []]));
  let left = lanes.length * 20;
  const putIn = async (lane: string): Promise<void> => {
    for (let n = 0; n < 20; n++) await enqueueDelivery(db, delivery(`${lane}: ${n}`, lane));
  };
  const send = async (): Promise<void> => {
    while (left > 0) {
      for (const { id, lane, activityId, attempts } of await claim(3)) {
        // Every third fails once: it must come again before the one behind it.
        if (attempts === 1 && id % 3 === 0) {
          await postponeDelivery(db, { id, attempts }, { dueAt: past(), status: 500, error: 'once' });
        } else {
          sent.get(lane)?.push(activityId);
          await completeDelivery(db, { id, attempts });
          left--;
        }
      }
    }
  };
  await Promise.all([...lanes.map(putIn), send(), send(), send(), send()]);
  for (const lane of lanes) {
    expect(sent.get(lane)).toEqual(Array.from({ length: 20 }, (_, n) => `${lane}: ${n}`));
  }
});
