import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { createDurableIntake, type DurableIntake, type IntakeDeps } from '../../src/app-intake.ts';
import type { IncomingMessage, Stanza } from '../../src/bridge/stanza.ts';
import { createInOrder } from '../../src/gateway/in-order.ts';
import { createWaitingRoom } from '../../src/gateway/waiting-room.ts';
import { newId } from '../../src/ids.ts';
import type { Database } from '../../src/store/database.ts';
import { countReceived, countTerm, keepReceived } from '../../src/store/received-stanzas.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { chatMessage, emptyTables, jidOf, presence, remoteActor } from '../support/gateway.ts';

let base: TestDatabase;
beforeAll(async () => {
  base = await createTestDatabase();
});
afterAll(() => base.drop());
beforeEach(() => emptyTables(base.db));

const BOB = jidOf(remoteActor('bob'));
const CAROL = jidOf(remoteActor('carol'));
const opened: { readonly intake: DurableIntake; readonly stopping: AbortController }[] = [];
afterEach(async () => {
  for (const { intake, stopping } of opened.splice(0)) {
    stopping.abort();
    await intake.stop();
  }
});

const bodyOf = (stanza: Stanza): string => (stanza.kind === 'message' ? (stanza.body ?? '') : stanza.kind);

/** An intake over the real database that writes down what it carries and what it tells. */
const open = (changes: Partial<IntakeDeps> = {}) => {
  const stopping = new AbortController();
  const carried: string[] = [];
  const told: string[] = [];
  const errors: string[] = [];
  let term: number | undefined = 1;
  let waiting: { readonly count: number; readonly resolve: () => void } | undefined;
  const count = (): void => {
    if (waiting !== undefined && carried.length + told.length >= waiting.count) waiting.resolve();
  };
  const intake = createDurableIntake({
    db: base.db,
    log: { info: () => undefined, warn: () => undefined, error: (event) => void errors.push(event) },
    reach: async () => undefined,
    newId: () => newId(),
    term: () => term,
    waitingRoom: createWaitingRoom({ conversations: createInOrder(), perSender: 10, total: 100 }),
    carry: async (stanza, settle) => {
      if (await base.db.transaction(settle)) carried.push(bodyOf(stanza));
      count();
    },
    carryUnkept: async (stanza) => {
      carried.push(`unkept ${bodyOf(stanza)}`);
      count();
    },
    tellTrouble: async (stanza, reason) => {
      told.push(`${reason} ${bodyOf(stanza)}`);
      count();
    },
    stopping: stopping.signal,
    pause: async () => {
      if (stopping.signal.aborted) throw new Error('stopping');
      await new Promise(setImmediate);
    },
    ...changes,
  });
  opened.push({ intake, stopping });
  return {
    ...{ intake, carried, told, errors, stopping },
    setTerm: (next: number | undefined): void => {
      term = next;
    },
    /** So many were carried or told. */
    settled: (wanted: number): Promise<void> =>
      new Promise((resolve) => {
        waiting = { count: wanted, resolve };
        count();
      }),
  };
};

const chats = (count: number, to = BOB): IncomingMessage[] =>
  Array.from({ length: count }, (_, index) => chatMessage(to, { id: `m${index}`, body: `${to} ${index}` }));

const noneLeft = async (): Promise<void> => {
  while ((await countReceived(base.db)) > 0) await new Promise(setImmediate);
};

const AWAY = Object.assign(new Error('gone'), { code: 'ECONNRESET' });

/** A database in which a statement is done, or not, and its answer is lost. */
const losing = (text: string, times: number, done: boolean): Database => {
  let left = times;
  return {
    ...base.db,
    query: async (sql, values) => {
      if (!sql.includes(text) || left === 0) return await base.db.query(sql, values);
      left -= 1;
      if (done) await base.db.query(sql, values);
      throw AWAY;
    },
  };
};

test('a burst is written down in few commits, and carried once and in order of each conversation', async () => {
  let commits = 0;
  const db: Database = {
    ...base.db,
    query: (sql, values) => {
      if (sql.includes('insert into received_stanzas')) commits += 1;
      return base.db.query(sql, values);
    },
  };
  const world = open({ db });
  world.intake.start();
  await Promise.all([...chats(150), ...chats(150, CAROL)].map((stanza) => world.intake.take(stanza)));
  await world.settled(300);
  for (const contact of [BOB, CAROL])
    expect(world.carried.filter((body) => body.startsWith(contact))).toEqual(
      chats(150, contact).map(({ body }) => body),
    );
  expect(commits).toBeLessThan(10);
  expect(await countReceived(base.db)).toBe(0);
});

test('what a process had written down and not carried is carried by the next, before what comes then', async () => {
  const dead = open();
  await Promise.all(chats(20).map((stanza) => dead.intake.take(stanza)));
  expect(dead.carried).toEqual([]);
  const next = open();
  await next.intake.take(chatMessage(BOB, { id: 'later', body: 'later' }));
  next.intake.start();
  await next.settled(21);
  expect(next.carried).toEqual([...chats(20).map(({ body }) => body), 'later']);
  expect(await countReceived(base.db)).toBe(0);
});

test('of two that work the same stanzas one carries each', async () => {
  await keepReceived(
    base.db,
    chats(50).map((stanza) => ({ id: newId(), stanza })),
  );
  const worlds = [open(), open()];
  for (const { intake } of worlds) intake.start();
  await noneLeft();
  for (const { intake } of worlds) await intake.stop();
  const carried = worlds.flatMap((world) => world.carried);
  expect(carried.toSorted()).toEqual(
    chats(50)
      .map(({ body }) => body ?? '')
      .toSorted(),
  );
});

test('nothing is worked while another process holds the stream', async () => {
  const world = open();
  world.setTerm(undefined);
  world.intake.start();
  await world.intake.take(chatMessage(BOB, { body: 'waits' }));
  expect(await countReceived(base.db)).toBe(1);
  world.setTerm(2);
  await world.intake.take(chatMessage(BOB, { id: '2', body: 'behind it' }));
  await world.settled(2);
  expect(world.carried).toEqual(['waits', 'behind it']);
});

test.for([true, false])(
  'what cannot be written down is told, and not carried (written all the same: %s)',
  async (done) => {
    const world = open({ db: losing('insert into received_stanzas', 1, done) });
    await world.intake.take(chatMessage(BOB, { id: '1', body: 'lost' }));
    expect(world.told).toEqual(['internal lost']);
    world.intake.start();
    await world.intake.take(chatMessage(BOB, { id: '2', body: 'next' }));
    await world.settled(2);
    expect(world.carried).toEqual(['next']);
    expect(await countReceived(base.db)).toBe(0);
  },
);

test('what has nobody who could be told is carried without being written down', async () => {
  const world = open({ db: losing('insert into received_stanzas', 1, false) });
  await world.intake.take(presence('unsubscribed', BOB));
  expect(world.carried).toEqual(['unkept presence']);
});

test('states are not written down', async () => {
  const world = open();
  await world.intake.take(presence('probe', BOB));
  await world.intake.take(chatMessage(BOB, { signalOnly: true, body: 'typing' }));
  expect(world.carried).toEqual(['unkept presence', 'unkept typing']);
  expect(await countReceived(base.db)).toBe(0);
});

test('while the database is away a stanza that is written down waits, and nobody is told', async () => {
  let failures = 3;
  const world = open({
    carry: async (stanza, settle) => {
      failures -= 1;
      if (failures >= 0) throw AWAY;
      await base.db.transaction(settle);
      world.carried.push(bodyOf(stanza));
    },
  });
  world.intake.start();
  await world.intake.take(chatMessage(BOB, { body: 'patient' }));
  await noneLeft();
  await world.intake.stop();
  expect(world).toMatchObject({ carried: ['patient'], told: [], errors: [] });
});

test('a mistake of ours is told once, and the stanza is gone', async () => {
  const world = open({ carry: () => Promise.reject(new Error('a bug')) });
  world.intake.start();
  await world.intake.take(chatMessage(BOB, { body: 'unlucky' }));
  await world.settled(1);
  await world.intake.stop();
  expect(world).toMatchObject({ told: ['internal unlucky'], errors: ['stanza-failed'] });
  expect(await countReceived(base.db)).toBe(0);
});

test('what is not finished when the gateway stops stays for the next start, and nobody is told', async () => {
  const begun = Promise.withResolvers<void>();
  const world = open({
    carry: (_stanza, _settle) =>
      new Promise((_resolve, reject) => {
        world.stopping.signal.addEventListener('abort', () => reject(new Error('the gateway is stopping')));
        begun.resolve();
      }),
  });
  world.intake.start();
  await world.intake.take(chatMessage(BOB, { body: 'unfinished' }));
  await begun.promise;
  world.stopping.abort();
  await world.intake.stop();
  expect(world.told).toEqual([]);
  expect(await countReceived(base.db)).toBe(1);
});

test('a stanza that has ended eight processes is given up, and told', async () => {
  await keepReceived(base.db, [{ id: 'poison', stanza: chatMessage(BOB, { body: 'poison' }) }]);
  for (let term = 0; term < 8; term += 1) await countTerm(base.db);
  const world = open();
  world.intake.start();
  await world.settled(1);
  await world.intake.stop();
  expect(world).toMatchObject({ carried: [], told: ['internal poison'], errors: ['stanza-given-up'] });
  expect(await countReceived(base.db)).toBe(0);
});

test('reading stops while too much waits', async () => {
  const world = open({ maxAhead: 2 });
  await world.intake.take(chatMessage(BOB, { id: '1', body: '1' }));
  let hasRoom = false;
  const second = world.intake.take(chatMessage(BOB, { id: '2', body: '2' })).then(() => {
    hasRoom = true;
  });
  for (;;) {
    if ((await countReceived(base.db)) === 2) break;
    await new Promise(setImmediate);
  }
  await new Promise(setImmediate);
  expect(hasRoom).toBe(false);
  world.intake.start();
  await second;
  await world.settled(2);
});

test('characters that the database does not take do not hold up the others', async () => {
  const world = open();
  world.intake.start();
  await Promise.all([
    world.intake.take(chatMessage(BOB, { id: '1', body: 'nul \0 and \ud800' })),
    world.intake.take(chatMessage(CAROL, { id: '2', body: 'fine' })),
  ]);
  await world.settled(2);
  expect(world.carried.toSorted()).toEqual(['fine', 'nul  and \ufffd']);
});
