import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { SendResult } from '../../src/bridge/send-result.ts';
import { deliver } from '../../src/delivery/deliver.ts';
import { carryMessage } from '../../src/gateway/from-xmpp.ts';
import { settleDelivered, settleRefused } from '../../src/gateway/outcome.ts';
import type { GatewayPorts } from '../../src/gateway/ports.ts';
import { carryPresence } from '../../src/gateway/subscriptions.ts';
import type { ClaimedDelivery } from '../../src/store/deliveries.ts';
import { claimDeliveries } from '../../src/store/delivery-claims.ts';
import { findFollow } from '../../src/store/follows.ts';
import { findUserByJid } from '../../src/store/users.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import {
  ALICE,
  chatMessage,
  createTestGateway,
  emptyTables,
  jidOf,
  presence,
  remoteActor,
  type TestGateway,
  takeStanzas,
} from '../support/gateway.ts';

const bob = remoteActor('bob');
const contact = jidOf(bob);
const GONE = { status: 410, error: 'HTTP 410' };

let base: TestDatabase;
let gateway: TestGateway;
beforeAll(async () => {
  base = await createTestDatabase();
});
afterAll(() => base.drop());
beforeEach(async () => {
  await emptyTables(base.db);
  use({});
});

const use = (changes: Partial<GatewayPorts>): void => {
  gateway = createTestGateway(base.db, changes);
  gateway.meet(bob);
};

const claimOne = async (): Promise<ClaimedDelivery> => {
  const [delivery] = await claimDeliveries(base.db, { limit: 1, leaseSeconds: 30 });
  if (delivery === undefined) throw new Error('nothing is due');
  return delivery;
};
/** A message of Alice's, claimed for its delivery; what she was told until then is passed over. */
const sendOne = async (more: Parameters<typeof chatMessage>[1] = {}, to = contact) => {
  await carryMessage(gateway.ports, chatMessage(to, more));
  await takeStanzas(base.db);
  return await claimOne();
};
const notes = async () =>
  (await base.db.query<{ note: unknown; completed_at: Date | null }>('select note, completed_at from notes'))
    .rows;
const rows = async () =>
  (
    await base.db.query<{ state: string; body: string | null; last_status: number | null; due_at: Date }>(
      'select state, body, last_status, due_at from deliveries',
    )
  ).rows;

test('what arrived is receipted to the device that sent it, where it asked', async () => {
  const delivery = await sendOne({ id: 'r1', wantsReceipt: true });
  await settleDelivered(gateway.ports, delivery);
  expect(await takeStanzas(base.db)).toEqual([
    {
      kind: 'receipt',
      id: expect.stringMatching(/^receipt-/u),
      from: contact,
      to: `${ALICE}/phone`,
      received: 'r1',
    },
  ]);
  expect(await rows()).toEqual([]);
});

test.each([
  ['no receipt was asked for', { wantsReceipt: false }],
  ['the message had no id', { wantsReceipt: true, id: undefined }],
])('nothing is said where %s', async (_name, more) => {
  await settleDelivered(gateway.ports, await sendOne(more));
  expect(await takeStanzas(base.db)).toEqual([]);
});

test('a receipt comes from the canonical address, an error from the one that was addressed', async () => {
  const alias = contact.replace('%', '\\40');
  await settleDelivered(gateway.ports, await sendOne({ id: '1', wantsReceipt: true }, alias));
  expect(await takeStanzas(base.db)).toMatchObject([{ kind: 'receipt', from: contact }]);
  await settleRefused(gateway.ports, await sendOne({ id: '2' }, alias), { reason: 'gone' }, GONE);
  expect(await takeStanzas(base.db)).toMatchObject([{ kind: 'message-error', from: alias }]);
});

test('what will never arrive is told once with its own id', async () => {
  const delivery = await sendOne({ id: 'e1', wantsReceipt: true });
  const refusal = { reason: 'refused-by-host', host: 'social.example' } as const;
  await settleRefused(gateway.ports, delivery, refusal, { status: 403, error: 'HTTP 403' });
  expect(await takeStanzas(base.db)).toMatchObject([
    {
      kind: 'message-error',
      id: 'e1',
      from: contact,
      to: `${ALICE}/phone`,
      error: { condition: 'forbidden' },
    },
  ]);
  expect(await rows()).toMatchObject([{ state: 'failed', body: null, last_status: 403 }]);
});

test('the body of a note stays for a grace time after its delivery, or goes with it', async () => {
  await settleDelivered(gateway.ports, await sendOne());
  expect(await notes()).toEqual([{ note: expect.any(Object), completed_at: expect.any(Date) }]);
  await emptyTables(base.db);
  use({ keepBodies: false });
  const delivery = await sendOne();
  expect(await notes()).toEqual([{ note: expect.any(Object), completed_at: null }]);
  await settleDelivered(gateway.ports, delivery);
  expect(await notes()).toEqual([{ note: null, completed_at: expect.any(Date) }]);
});

const aliceId = async (): Promise<string> => (await findUserByJid(base.db, ALICE))?.id ?? '';
const following = async () =>
  await findFollow(base.db, { userId: await aliceId(), actorId: bob.id, direction: 'out' });
const say = (type: 'subscribe' | 'unsubscribe') => carryPresence(gateway.ports, presence(type, contact));

test('a Follow that cannot be delivered ends the request with its reason', async () => {
  await say('subscribe');
  await takeStanzas(base.db);
  await settleRefused(gateway.ports, await claimOne(), { reason: 'host-unreachable' }, GONE);
  expect(await takeStanzas(base.db)).toMatchObject([
    { kind: 'presence-error', from: contact, to: ALICE, error: { condition: 'remote-server-timeout' } },
    { kind: 'presence', type: 'unsubscribed', from: contact, to: ALICE },
  ]);
  expect(await following()).toBeUndefined();
});

test('one that was taken back and asked anew is not ended by the failure of the old', async () => {
  await say('subscribe');
  const old = await claimOne();
  await say('unsubscribe');
  await say('subscribe');
  await takeStanzas(base.db);
  const now = await following();
  await settleRefused(gateway.ports, old, { reason: 'host-unreachable' }, GONE);
  expect(await takeStanzas(base.db)).toEqual([]);
  expect(await following()).toEqual(now);
});

/** One try of one message, whose peer answers so. */
const tryOnce = async (result: SendResult, claimed?: ClaimedDelivery) => {
  const delivery = claimed ?? (await sendOne({ id: 't1', wantsReceipt: true }));
  const logged: object[] = [];
  const counted: string[] = [];
  await deliver(
    {
      db: base.db,
      send: async () => result,
      settleDelivered: (each) => settleDelivered(gateway.ports, each),
      settleRefused: (each, refusal, trouble) => settleRefused(gateway.ports, each, refusal, trouble),
      reach: async () => undefined,
      count: (kind) => void counted.push(kind),
      now: () => new Date('2026-11-21T12:00:00.000Z'),
      random: () => 0,
      pause: async () => undefined,
      log: {
        info: (event, fields) => void logged.push({ event, ...fields }),
        warn: (event, fields) => void logged.push({ event, ...fields }),
      },
    },
    delivery,
  );
  return { told: await takeStanzas(base.db), rows: await rows(), logged, counted };
};

test('a try that succeeds is over', async () => {
  const {
    told,
    rows: left,
    logged,
    counted,
  } = await tryOnce({ kind: 'answered', status: 202, retryAfterSeconds: undefined });
  expect(told).toMatchObject([{ kind: 'receipt', received: 't1' }]);
  expect(left).toEqual([]);
  expect(logged).toMatchObject([{ event: 'delivery', host: 'social.example', attempt: 1, verdict: 'done' }]);
  expect(counted).toEqual(['ok']);
});

test('a try that failed for now waits with its bytes, and nobody is told', async () => {
  const {
    told,
    rows: left,
    counted,
  } = await tryOnce({ kind: 'answered', status: 503, retryAfterSeconds: 60 });
  expect(told).toEqual([]);
  expect(left).toEqual([
    {
      state: 'due',
      body: expect.stringContaining('hello'),
      last_status: 503,
      due_at: new Date('2026-11-21T12:01:00.000Z'),
    },
  ]);
  expect(counted).toEqual(['retry']);
});

test('a try that can never succeed is told, and the log holds nothing of the message', async () => {
  const {
    told,
    rows: left,
    logged,
    counted,
  } = await tryOnce({ kind: 'no-answer', cause: 'refused-address', problem: 'private' });
  expect(told).toMatchObject([{ kind: 'message-error', id: 't1', error: { condition: 'policy-violation' } }]);
  expect(left).toMatchObject([{ state: 'failed' }]);
  expect(JSON.stringify(logged)).not.toContain('hello');
  expect(counted).toEqual(['permanent']);
});

test('the last try of many without an answer counts as expired', async () => {
  const createdAt = new Date('2026-11-18T12:00:00.000Z');
  const delivery = { ...(await sendOne({ id: 't1' })), tries: 16, createdAt };
  expect(
    await tryOnce({ kind: 'answered', status: 500, retryAfterSeconds: undefined }, delivery),
  ).toMatchObject({
    told: [{ kind: 'message-error', id: 't1', error: { condition: 'remote-server-timeout' } }],
    counted: ['expired'],
  });
});
