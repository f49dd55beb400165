import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { OutgoingMessage, OutgoingStanza } from '../../src/bridge/stanza.ts';
import { lockSentStanza, postponeStanza, readmitStanzas } from '../../src/store/bounced-stanzas.ts';
import type { Database } from '../../src/store/database.ts';
import {
  claimStanzas,
  countStanzas,
  enqueueStanza,
  failStanza,
  purgeStanzas,
  releaseStanzas,
  takenStanzas,
} from '../../src/store/stanzas.ts';
import { createTestDatabase, somebodyWaits, type TestDatabase } from '../support/database.ts';

const ALICE = 'alice@xmpp.example';
const BOB = 'bob%s.example@ap.example';
const CAROL = 'carol%s.example@ap.example';
let base: TestDatabase;
let db: Database;
beforeAll(async () => {
  base = await createTestDatabase({ max: 20 });
  db = base.db;
});
afterEach(() => db.query('truncate stanzas'));
afterAll(() => base.drop());

const message = (id: string, from = BOB, to = ALICE): OutgoingMessage => ({
  kind: 'message',
  type: 'chat',
  id,
  from,
  to,
  body: `body of ${id}`,
});
const putIn = async (...stanzas: readonly OutgoingStanza[]): Promise<void> => {
  for (const stanza of stanzas) await enqueueStanza(db, stanza);
};
const claim = () => claimStanzas(db, { limit: 100, leaseSeconds: 30 });
const take = async (): Promise<readonly (string | undefined)[]> => {
  const claimed = await claim();
  await takenStanzas(
    db,
    claimed.map(({ id }) => id),
  );
  return claimed.map(({ stanza }) => stanza.id);
};
const bounceOf = (id: string, fields: Partial<Parameters<typeof lockSentStanza>[1]> = {}) =>
  ({ name: 'message', id, from: BOB, to: ALICE, ...fields }) as const;
const now = (): Date => new Date();
const later = (): Date => new Date(Date.now() + 3_600_000);
/** Lets the stanza come back; undefined where none is found. */
const comeBack = (bounce: Parameters<typeof lockSentStanza>[1], dueAt: Date): Promise<number | undefined> =>
  db.transaction(async (tx) => {
    const sent = await lockSentStanza(tx, bounce);
    if (sent !== undefined) await postponeStanza(tx, sent, dueAt);
    return sent?.bounces;
  });
const statesOf = async (): Promise<readonly string[]> => {
  const { rows } = await db.query<{ state: string }>('select state from stanzas order by id');
  return rows.map(({ state }) => state);
};

describe('what the server took', () => {
  const stanzas: readonly OutgoingStanza[] = [
    message('m'),
    { kind: 'presence', type: 'subscribe', id: 'p', from: BOB, to: ALICE },
    { kind: 'presence', type: 'subscribed', id: 'q', from: BOB, to: ALICE },
    { kind: 'presence', type: 'available', from: BOB, to: ALICE },
    { kind: 'receipt', id: 'r', from: BOB, to: ALICE, received: 'x' },
    {
      kind: 'message-error',
      id: 'e',
      from: BOB,
      to: ALICE,
      error: { type: 'cancel', condition: 'gone', text: '', lang: 'en' },
    },
  ];

  test('is kept where it may go again, and in nobody’s way', async () => {
    await putIn(...stanzas);
    expect(await take()).toHaveLength(stanzas.length);
    expect(await statesOf()).toEqual(['sent', 'sent']);
    expect(await countStanzas(db)).toEqual({ due: 0, failed: 0 });
    expect(await claim()).toEqual([]);
    await putIn(message('next'));
    expect(await take()).toEqual(['next']);
  });

  test('goes after its time, and what failed after a longer one', async () => {
    await putIn(message('1'), message('2'));
    await failStanza(db, (await claim())[0]?.id ?? 0, 'too large');
    await db.query('update stanzas set lease_until = null');
    await take();
    const longAgo = new Date(Date.now() - 3_600_000);
    expect(await purgeStanzas(db, { sent: longAgo, failed: longAgo })).toBe(0);
    expect(await purgeStanzas(db, { sent: later(), failed: longAgo })).toBe(1);
    expect(await statesOf()).toEqual(['failed']);
    expect(await purgeStanzas(db, { sent: longAgo, failed: later() })).toBe(1);
  });
});

describe('an error is about', () => {
  const subscribe: OutgoingStanza = { kind: 'presence', type: 'subscribe', id: 'm', from: BOB, to: ALICE };

  test('a stanza that was taken, or is just being taken, and counts once', async () => {
    await putIn(message('m'));
    expect(await comeBack(bounceOf('m'), later())).toBeUndefined();
    const claimed = await claim();
    expect(await comeBack(bounceOf('m'), later())).toBe(0);
    // Its batch is settled behind it: that must not undo what the error did.
    const ids = claimed.map(({ id }) => id);
    await takenStanzas(db, ids);
    await releaseStanzas(db, ids);
    await failStanza(db, ids[0] ?? 0, 'x');
    expect(await statesOf()).toEqual(['waiting']);
    expect(await comeBack(bounceOf('m'), later())).toBeUndefined();
  });

  test.each([
    ['another id', bounceOf('other')],
    ['another sender', bounceOf('m', { from: CAROL })],
    ['one resource of who got it', bounceOf('m', { to: `${ALICE}/phone` })],
    ['somebody else', bounceOf('m', { to: 'mallory@xmpp.example' })],
    ['a presence', bounceOf('m', { name: 'presence' })],
  ])('nothing, when it names %s', async (_, bounce) => {
    await putIn(message('m'));
    await take();
    expect(await comeBack(bounce, later())).toBeUndefined();
    expect(await statesOf()).toEqual(['sent']);
  });

  test('nothing, when a receipt or an error of ours has its id', async () => {
    await putIn({ kind: 'receipt', id: 'm', from: BOB, to: ALICE, received: 'm' });
    await claim();
    expect(await comeBack(bounceOf('m'), later())).toBeUndefined();
    expect(await comeBack(bounceOf('m', { name: 'presence' }), later())).toBeUndefined();
  });

  test('a request to subscribe', async () => {
    await putIn(subscribe);
    await take();
    expect(await comeBack(bounceOf('m'), later())).toBeUndefined();
    expect(await comeBack(bounceOf('m', { name: 'presence' }), later())).toBe(0);
  });

  test('a message to one resource, when it comes from there', async () => {
    await putIn(message('m', BOB, `${ALICE}/phone`));
    await take();
    expect(await comeBack(bounceOf('m'), later())).toBeUndefined();
    expect(await comeBack(bounceOf('m', { to: `${ALICE}/phone` }), later())).toBe(0);
  });
});

describe('who comes next in a lane is taken by the server at that moment', () => {
  test.each<[string, OutgoingStanza, readonly string[]]>([
    ['and kept', message('b', CAROL), ['waiting', 'waiting', 'sent', 'due']],
    [
      'and forgotten',
      { kind: 'receipt', id: 'b', from: CAROL, to: ALICE, received: 'x' },
      ['waiting', 'waiting', 'due'],
    ],
  ])('%s: then it is the turn of the one behind', async (_, next, states) => {
    await putIn(message('0'));
    await take();
    await putIn(message('a'), next, message('c', CAROL));
    const { rows } = await db.query<{ id: number }>(`select id from stanzas where stanza ->> 'id' = 'b'`);
    const back = await db.transaction(async (tx) => {
      await takenStanzas(
        tx,
        rows.map(({ id }) => id),
      );
      // With it waits `a`, the head: whoever is next is looked for, and held here.
      const done = comeBack(bounceOf('0'), later());
      await Promise.race([somebodyWaits(db), done]);
      return { done };
    });
    expect(await back.done).toBe(0);
    expect(await statesOf()).toEqual(states);
    expect(await take()).toEqual(['c']);
  });
});

describe('what came back', () => {
  test('waits for its time, then goes under its own id, and is counted', async () => {
    await putIn(message('m'));
    await take();
    await comeBack(bounceOf('m'), later());
    expect(await readmitStanzas(db)).toBe(0);
    expect(await take()).toEqual([]);
    expect(await countStanzas(db)).toEqual({ due: 1, failed: 0 });
    await db.query(`update stanzas set due_at = now()`);
    expect(await readmitStanzas(db)).toBe(1);
    expect(await take()).toEqual(['m']);
    expect(await comeBack(bounceOf('m'), now())).toBe(1);
  });

  test('holds up its own conversation and no other', async () => {
    await putIn(message('b1'), message('b2'), message('c1', CAROL));
    const claimed = await claim();
    // b1 is back before b2 is written: b2 waits with it.
    await releaseStanzas(
      db,
      claimed.slice(1).map(({ id }) => id),
    );
    await comeBack(bounceOf('b1'), later());
    await putIn(message('b3'), message('c2', CAROL));
    expect(await take()).toEqual(['c1', 'c2']);
    await db.query(`update stanzas set due_at = now() where state = 'waiting'`);
    await putIn(message('b4'), message('c3', CAROL));
    expect(await readmitStanzas(db)).toBe(1);
    await putIn(message('b5'));
    expect(await take()).toEqual(['b1', 'b2', 'b3', 'b4', 'c3', 'b5']);
  });

  test('comes into a lane that is held in front of all that wait there', async () => {
    await putIn(message('b1'));
    await take();
    await comeBack(bounceOf('b1'), now());
    await putIn(message('c1', CAROL));
    const [held] = await claim();
    expect(held?.stanza.id).toBe('c1');
    expect(await readmitStanzas(db)).toBe(1);
    await putIn(message('c2', CAROL));
    expect(await claim()).toEqual([]);
    await takenStanzas(db, [held?.id ?? 0]);
    expect(await take()).toEqual(['b1', 'c2']);
  });

  test('and is given up: nothing waits for it any more', async () => {
    await putIn(message('b1'), message('b2'));
    await take();
    await db.transaction(async (tx) => {
      const sent = await lockSentStanza(tx, bounceOf('b1'));
      await failStanza(tx, sent?.id ?? 0, 'came back: gone');
    });
    expect(await statesOf()).toEqual(['failed', 'sent']);
    expect(await comeBack(bounceOf('b1'), later())).toBeUndefined();
    await putIn(message('b3'));
    expect(await take()).toEqual(['b3']);
  });
});

test('many senders, one outbox and errors at any time: order in each conversation, nothing lost', async () => {
  const contacts = [BOB, CAROL, 'dave%s.example@ap.example'];
  const count = 30;
  const arrived = new Map(contacts.map((from) => [from, new Set<string>()]));
  let turn = 0;
  const fill = async (from: string): Promise<void> => {
    for (let n = 0; n < count; n++) await putIn(message(`${n}`, from));
  };
  const isDone = () => contacts.every((from) => arrived.get(from)?.size === count);
  const work = async (): Promise<void> => {
    while (!isDone()) {
      await readmitStanzas(db);
      const claimed = await claim();
      // Whatever is written comes back at first, in the middle of its batch; the ones behind it are not written.
      const broken = ++turn % 3 === 0 ? claimed[0] : undefined;
      if (broken !== undefined)
        await comeBack(bounceOf(broken.stanza.id ?? '', { from: broken.stanza.from }), now());
      const goes = claimed.filter(({ stanza }) => stanza.from !== broken?.stanza.from);
      for (const { stanza } of goes) arrived.get(stanza.from)?.add(stanza.id ?? '');
      await takenStanzas(
        db,
        goes.map(({ id }) => id),
      );
      await releaseStanzas(
        db,
        claimed.filter(({ stanza }) => stanza.from === broken?.stanza.from).map(({ id }) => id),
      );
    }
  };
  await Promise.all([...contacts.map(fill), work()]);
  for (const from of contacts)
    expect([...(arrived.get(from) ?? [])]).toEqual(Array.from({ length: count }, (_, n) => `${n}`));
});
