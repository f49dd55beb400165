import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { OutgoingMessage } from '../../src/bridge/stanza.ts';
import type { Db } from '../../src/store/database.ts';
import {
  claimStanzas,
  enqueueStanza,
  failStanza,
  releaseStanzas,
  takenStanzas,
} from '../../src/store/stanzas.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';

let base: TestDatabase;
let db: Db;
beforeAll(async () => {
  base = await createTestDatabase({ max: 20 });
  db = base.db;
});
afterEach(() => db.query('truncate stanzas'));
afterAll(() => base.drop());

const message = (id: string, to = 'alice@xmpp.example'): OutgoingMessage => ({
  kind: 'message',
  type: 'chat',
  id,
  from: 'bob%s.example@ap.example',
  to,
  body: `body of ${id}`,
});
const putIn = async (to: string, ...ids: string[]): Promise<void> => {
  for (const id of ids) await enqueueStanza(db, message(id, to));
};
const claim = (limit = 100) => claimStanzas(db, { limit, leaseSeconds: 30 });
const idsOf = (claimed: Awaited<ReturnType<typeof claim>>) => claimed.map(({ stanza }) => stanza.id);
const rowsOf = (claimed: Awaited<ReturnType<typeof claim>>) => claimed.map(({ id }) => id);

test('a stanza comes back as it was put in', async () => {
  const stanza = { ...message('1'), body: 'a \u{1f600}', lang: 'de' };
  await enqueueStanza(db, stanza);
  expect(await claim()).toStrictEqual([
    { id: expect.any(Number), stanza, attempts: 1, createdAt: expect.any(Date) },
  ]);
});

test('a hostile body does not stop the queue', async () => {
  await enqueueStanza(db, { ...message('1'), body: 'a\0b\ud800' });
  expect(await claim()).toMatchObject([{ stanza: { body: 'ab\ufffd' } }]);
});

test('a claim takes several of one recipient, in order, whatever the resource', async () => {
  await putIn('alice@xmpp.example/phone', '1');
  await putIn('carol@xmpp.example', '2');
  await putIn('alice@xmpp.example', '3');
  expect(idsOf(await claim())).toEqual(['1', '2', '3']);
});

test('while somebody holds the first nobody gets a later one', async () => {
  await putIn('alice@xmpp.example', '1', '2', '3');
  const first = await claim(2);
  expect(idsOf(first)).toEqual(['1', '2']);
  await putIn('alice@xmpp.example', '4');
  await putIn('carol@xmpp.example', '5');
  expect(idsOf(await claim())).toEqual(['5']);
  await takenStanzas(db, rowsOf(first));
  expect(idsOf(await claim())).toEqual(['3', '4']);
});

test('when the first of those that are held is taken the second is still held', async () => {
  await putIn('alice@xmpp.example', '1', '2', '3');
  const [first] = await claim(2);
  await takenStanzas(db, [first?.id ?? 0]);
  expect(await claim()).toEqual([]);
});

test('what was released, or whose holder died, is claimed again from the beginning, attempts counted', async () => {
  await putIn('alice@xmpp.example', '1', '2');
  await releaseStanzas(db, rowsOf(await claim()));
  const again = await claim();
  expect(again).toMatchObject([
    { stanza: { id: '1' }, attempts: 2 },
    { stanza: { id: '2' }, attempts: 2 },
  ]);
  await db.query(`update stanzas set lease_until = now() - interval '1 second'`);
  expect(idsOf(await claim())).toEqual(['1', '2']);
});

test('one that fails for good keeps no text and holds up nobody', async () => {
  await putIn('alice@xmpp.example', '1', '2', '3');
  const claimed = await claim();
  await failStanza(db, claimed[0]?.id ?? 0, 'the server closed the stream');
  await releaseStanzas(db, rowsOf(claimed).slice(1));
  expect(idsOf(await claim())).toEqual(['2', '3']);
  const { rows } = await db.query(`select stanza, last_error from stanzas where state = 'failed'`);
  expect(rows).toEqual([{ stanza: null, last_error: 'the server closed the stream' }]);
});

test('one recipient with many waiting does not fill a claim', async () => {
  await putIn('alice@xmpp.example', ...Array.from({ length: 40 }, (_, n) => `a${n}`));
  await putIn('carol@xmpp.example', 'c');
  const claimed = idsOf(await claim());
  expect(claimed).toHaveLength(21);
  expect(claimed).toContain('c');
});

test('one that entered behind the head with an older id is not overtaken', async () => {
  await putIn('alice@xmpp.example', '2');
  await db.query(`insert into stanzas (id, recipient, stanza) overriding system value
    select id - 1, recipient, jsonb_set(stanza, '{id}', '"1"') from stanzas`);
  await putIn('alice@xmpp.example', '3');
  expect(idsOf(await claim())).toEqual(['1', '2', '3']);
});

test('a limit that cuts a recipient off leaves the rest for the next claim, in order', async () => {
  for (let n = 0; n < 6; n++) await putIn(`${n % 3}@xmpp.example`, `${n}`);
  const first = await claim(4);
  expect(idsOf(first)).toEqual(['0', '1', '2', '3']);
  // 4 and 5 wait behind 1 and 2, which are held.
  expect(await claim()).toEqual([]);
  await takenStanzas(db, rowsOf(first));
  expect(idsOf(await claim())).toEqual(['4', '5']);
});

test('many writers at once: each stanza once and in order, also when a stream breaks', async () => {
  const recipients = Array.from({ length: 6 }, (_, n) => `user${n}@xmpp.example`);
  const written = new Map<string, string[]>(recipients.map((to) => [to, []]));
  let left = recipients.length * 25;
  let turn = 0;
  const fill = async (to: string): Promise<void> => {
    for (let n = 0; n < 25; n++) await putIn(to, `${n}`);
  };
  const write = async (): Promise<void> => {
    while (left > 0) {
      const claimed = await claim(7);
      if (++turn % 5 === 0) {
        await releaseStanzas(db, rowsOf(claimed));
        continue;
      }
      for (const { stanza } of claimed) written.get(stanza.to)?.push(stanza.id ?? '');
      await takenStanzas(db, rowsOf(claimed));
      left -= claimed.length;
    }
  };
  await Promise.all([...recipients.map(fill), write(), write(), write(), write()]);
  for (const to of recipients) expect(written.get(to)).toEqual(Array.from({ length: 25 }, (_, n) => `${n}`));
});
