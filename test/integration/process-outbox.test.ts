import { afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { openOutbox } from '../../src/app-outbox.ts';
import type { Reach } from '../../src/failpoint.ts';
import type { Log } from '../../src/log.ts';
import type { Database } from '../../src/store/database.ts';
import { claimStanzas, enqueueStanza } from '../../src/store/stanzas.ts';
import type { Outbox } from '../../src/xmpp/outbox.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';

const silent = (): void => {};
const LOG: Log = { debug: silent, info: silent, warn: silent, error: silent };

let base: TestDatabase;
let outbox: Outbox | undefined;
let term: number | undefined;
let written: string[] = [];
let reach: Reach = () => Promise.resolve();
let barrier = (): Promise<boolean> => Promise.resolve(true);

beforeAll(async () => {
  base = await createTestDatabase();
  return base.drop;
});
beforeEach(async () => {
  await base.db.query('truncate stanzas');
  term = undefined;
  written = [];
  reach = () => Promise.resolve();
  barrier = () => Promise.resolve(true);
});
afterEach(() => outbox?.stop());

const open = (db: Database = base.db): Outbox => {
  outbox = openOutbox({
    db,
    log: LOG,
    reach: (step) => reach(step),
    stream: {
      send: (stanza) => {
        written.push('id' in stanza ? (stanza.id ?? '') : '');
        return 'written';
      },
      barrier: () => barrier(),
      state: () => ({ status: 'online', problem: undefined }),
    },
    streamLog: { info: silent, warn: silent },
    term: () => term,
  });
  outbox.start();
  return outbox;
};

const put = async (...ids: string[]): Promise<void> => {
  for (const id of ids)
    await enqueueStanza(base.db, { kind: 'presence', type: 'available', id, from: 'a@b', to: 'c@d' });
};

const count = async (): Promise<number> => (await base.db.query('select 1 from stanzas')).rowCount;
const until = (check: () => void | Promise<void>) => vi.waitFor(check, { timeout: 20_000, interval: 10 });

test('nothing is written without the lock, everything with it', async () => {
  await put('1', '2');
  const opened = open();
  opened.wake();
  await put('3');
  expect(written).toEqual([]);
  term = 1;
  opened.wake();
  await until(async () => expect(await count()).toBe(0));
  expect(written).toEqual(['1', '2', '3']);
});

test('what the holder before had claimed does not wait for its lease', async () => {
  await put('1', '2');
  expect(await claimStanzas(base.db, { limit: 10, leaseSeconds: 3_600 })).toHaveLength(2);
  term = 1;
  open();
  await until(async () => expect(await count()).toBe(0));
  expect(written).toEqual(['1', '2']);
});

test('what was taken while the database was away is not written again', async () => {
  let isAway = true;
  reach = (step) =>
    step === 'xmpp.written' && isAway ? Promise.reject(new Error('away')) : Promise.resolve();
  await put('1', '2');
  term = 1;
  const opened = open();
  await until(() => expect(written).toEqual(['1', '2']));
  isAway = false;
  await put('3');
  opened.wake();
  await until(async () => expect(await count()).toBe(0));
  expect(written).toEqual(['1', '2', '3']);
});

test('rows of a batch whose release failed are free at once', async () => {
  let fails = true;
  const db: Database = {
    ...base.db,
    query: (text, values) =>
      fails && text.includes('set lease_until = null') && text.includes('$1')
        ? Promise.reject(new Error('away'))
        : base.db.query(text, values),
  };
  barrier = () => Promise.resolve(false);
  await put('1');
  term = 1;
  const opened = open(db);
  await until(() => expect(written).toEqual(['1']));
  fails = false;
  barrier = () => Promise.resolve(true);
  opened.wake();
  await until(async () => expect(await count()).toBe(0));
  expect(written).toEqual(['1', '1']);
});
