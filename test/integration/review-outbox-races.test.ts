import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { OutgoingMessage } from '../../src/bridge/stanza.ts';
import { settlePatiently } from '../../src/delivery/settle.ts';
import { lockSentStanza, postponeStanza, readmitStanzas } from '../../src/store/bounced-stanzas.ts';
import type { Database } from '../../src/store/database.ts';
import { claimStanzas, enqueueStanza, releaseStanzas, takenStanzas } from '../../src/store/stanzas.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';

let base: TestDatabase;
let db: Database;
beforeAll(async () => {
  base = await createTestDatabase({ max: 20 });
  db = base.db;
});
afterAll(() => base.drop());

const RECIPIENTS = ['alice@xmpp.example', 'carl@xmpp.example'];
const CONTACTS = ['bob%s.example@ap.example', 'eve%s.example@ap.example'];
const WRITERS = 4;
const PER_WRITER = 50;
const BOUNCES = 200;

/** The n-th of a row that looks random and is the same in each run. */
const pick = (n: number, below: number): number => ((n * 2_654_435_761) >>> 7) % below;
const message = (n: number): OutgoingMessage => ({
  kind: 'message',
  type: 'chat',
  id: `m${n}`,
  from: CONTACTS[pick(n, CONTACTS.length)] ?? '',
  to: RECIPIENTS[pick(n + 7, RECIPIENTS.length)] ?? '',
  body: `body ${n}`,
  lang: 'en',
});
/** As the gateway does with everything that nobody could be told of: a deadlock is no end. */
const again = <T>(work: () => Promise<T>): Promise<T> => settlePatiently(() => sleep(5), work);
const idsOf = (rows: readonly { readonly id: number }[]): number[] => rows.map(({ id }) => id);

const write = async (writer: number): Promise<void> => {
  for (let n = 0; n < PER_WRITER; n += 1)
    await again(() => enqueueStanza(db, message(writer * PER_WRITER + n)));
};

/** One batch; of every third the server takes only the beginning. Returns the ids that were written. */
const carryBatch = async (turn: number): Promise<readonly string[]> => {
  await again(() => readmitStanzas(db));
  const rows = await again(() => claimStanzas(db, { limit: 30, leaseSeconds: 30 }));
  const cut = turn % 3 === 0 ? Math.floor(rows.length / 2) : rows.length;
  await again(() => takenStanzas(db, idsOf(rows.slice(0, cut))));
  await again(() => releaseStanzas(db, idsOf(rows.slice(cut))));
  return rows.slice(0, cut).map(({ stanza }) => stanza.id ?? '');
};

const bounce = async (n: number): Promise<boolean> => {
  const { id, from, to } = message(pick(n, WRITERS * PER_WRITER));
  return await again(() =>
    db.transaction(async (tx) => {
      const sent = await lockSentStanza(tx, { name: 'message', id, from, to });
      if (sent !== undefined) await postponeStanza(tx, sent, new Date(Date.now() + pick(n, 20)));
      return sent !== undefined;
    }),
  );
};

test('writers, the outbox and errors at once: in the end all is taken, and nothing waits for ever', async () => {
  const written: string[] = [];
  const ends = { others: false };
  let bounced = 0;
  const bounces = async (first: number): Promise<void> => {
    for (let n = first; n < first + BOUNCES; n += 1) if (await bounce(n)) bounced += 1;
  };
  const outbox = async (): Promise<void> => {
    let idle = 0;
    for (let turn = 0; idle < 20; turn += 1) {
      const batch = await carryBatch(turn);
      written.push(...batch);
      // Longer than anything waits that came back.
      if (batch.length === 0) await sleep(5);
      idle = batch.length === 0 && ends.others ? idle + 1 : 0;
    }
  };
  const others = [...Array.from({ length: WRITERS }, (_, n) => write(n)), bounces(0), bounces(BOUNCES)];
  const carried = outbox();
  await Promise.all(others);
  ends.others = true;
  await carried;
  const { rows } = await db.query<{ state: string; head: boolean; count: number }>(
    'select state, head, count(*) as count from stanzas group by state, head',
  );
  expect(rows).toEqual([{ state: 'sent', head: false, count: WRITERS * PER_WRITER }]);
  expect(new Set(written).size).toBe(WRITERS * PER_WRITER);
  // Each time one came back it was written once more, under its own id.
  expect(bounced).toBeGreaterThan(0);
  expect(written.length).toBeGreaterThan(WRITERS * PER_WRITER);
});
