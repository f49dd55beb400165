import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { type Carrying, carryStanza } from '../../src/app-stanzas.ts';
import type { OutgoingStanza, Stanza } from '../../src/bridge/stanza.ts';
import { carryActivity } from '../../src/gateway/from-fediverse.ts';
import type { Database, Db } from '../../src/store/database.ts';
import { findFollow } from '../../src/store/follows.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import {
  chatMessage,
  emptyTables,
  jidOf,
  presence,
  takeActivities,
  takeStanzas,
} from '../support/gateway.ts';
import { addActor, addUser, noteTo, testPorts } from '../support/inbound.ts';

let base: TestDatabase;
beforeAll(async () => {
  base = await createTestDatabase();
});
beforeEach(() => emptyTables(base.db));
afterAll(() => base.drop());

/** The connection ends, as in a restart of the server, at the n-th change of each of the first transactions. */
const breaking = (db: Database, transactions: number): Database => {
  let left = transactions;
  const breakOnce = (tx: Db): Db => ({
    query: async (text, values) => {
      const result = await tx.query<never>(text, values);
      if (/^\s*(update|delete|insert)/.test(text))
        await tx.query('select pg_terminate_backend(pg_backend_pid())');
      return result;
    },
  });
  return {
    ...db,
    transaction: (work) => db.transaction((tx) => work(left-- > 0 ? breakOnce(tx) : tx)),
  };
};

const carry = async (stanza: Stanza, breaks: number, pause: Carrying['pause'] = async () => undefined) => {
  const ports = { ...testPorts(base), db: breaking(base.db, breaks) };
  const told: OutgoingStanza[] = [];
  const failed: string[] = [];
  const log = { debug: () => undefined, info: () => undefined, warn: () => undefined };
  await carryStanza(
    { ports, log: { ...log, error: (event) => void failed.push(event) }, pause },
    {
      tell: async (answer) => void told.push(answer),
      flush: async () => undefined,
      close: async () => undefined,
    },
    stanza,
  );
  return { told: told.map(({ kind }) => kind), failed };
};

const BOUNCED = {
  kind: 'bounce',
  stanza: 'message',
  from: 'alice@xmpp.example',
  fromBare: 'alice@xmpp.example',
  condition: 'remote-server-timeout',
  errorType: 'wait',
} as const;

/** A message of Bob's that Alice's server took. */
const takenMessage = async () => {
  const ports = testPorts(base);
  await addUser(base, 'alice');
  const bob = await addActor(base, ports, 'bob');
  const note = noteTo('alice', bob, 1);
  await carryActivity(
    ports,
    { type: 'Create', id: `${bob.id}/1`, actor: bob.id, note },
    { receivedAt: new Date() },
  );
  const [message] = await takeStanzas(base.db);
  return { ...BOUNCED, to: jidOf(bob), toBare: jidOf(bob), id: message?.id };
};
const states = async () => (await base.db.query<{ state: string }>('select state from stanzas')).rows;

test('a message that comes back while the database restarts goes again all the same', async () => {
  const bounce = await takenMessage();
  expect(await carry(bounce, 2)).toEqual({ told: [], failed: [] });
  expect(await states()).toEqual([{ state: 'waiting' }]);
});

test('it is not waited for for ever, nor when nobody has time any more', async () => {
  const bounce = await takenMessage();
  expect(await carry(bounce, 100)).toEqual({ told: [], failed: ['stanza-failed'] });
  const pauses: number[] = [];
  const stopping = (ms: number) => {
    pauses.push(ms);
    return Promise.reject(new Error('stopping'));
  };
  expect(await carry(bounce, 100, stopping)).toEqual({ told: [], failed: ['stanza-failed'] });
  expect(pauses).toHaveLength(1);
  expect(await states()).toEqual([{ state: 'sent' }]);
});

test('who unsubscribes while the database restarts follows no more', async () => {
  const ports = testPorts(base);
  const bob = await addActor(base, ports, 'bob');
  await addUser(base, 'alice');
  const ready = { ...presence('subscribe', jidOf(bob)) };
  expect(await carry(ready, 0)).toEqual({ told: [], failed: [] });
  await takeActivities(base.db);
  expect(await carry(presence('unsubscribe', jidOf(bob)), 2)).toEqual({ told: [], failed: [] });
  const key = { userId: 'alice', actorId: bob.id, direction: 'out' } as const;
  expect(await findFollow(base.db, key)).toBeUndefined();
  expect((await takeActivities(base.db)).map(({ activity }) => activity.type)).toEqual(['Undo']);
});

test('who writes is told at once instead', async () => {
  const bob = await addActor(base, testPorts(base), 'bob');
  await addUser(base, 'alice');
  const never = () => Promise.reject(new Error('nobody should wait'));
  const result = await carry(chatMessage(jidOf(bob)), 1, never);
  expect(result).toEqual({ told: ['message-error'], failed: ['stanza-failed'] });
  expect(await takeActivities(base.db)).toEqual([]);
});
