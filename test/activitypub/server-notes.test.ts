import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Ask, BOB, createPorts, note, startServer, urls } from './server-fixture.ts';

let ask: Ask;
let close: () => Promise<void>;
beforeAll(async () => {
  const { ports } = createPorts();
  ({ ask, close } = await startServer({
    ...ports,
    findNote: async (id) => {
      const blocked = ['https://blocked.example/u/1'];
      if (id === 'blocked1') return { note, audience: blocked, deleted: false };
      if (id === 'public1') {
        return { note, audience: ['https://www.w3.org/ns/activitystreams#Public'], deleted: false };
      }
      return ports.findNote(id);
    },
  }));
});
afterAll(() => close());

const ACCEPT = { Accept: 'application/activity+json' };
const as = (actor: string) => ({ ...ACCEPT, Signature: actor });

test.each([
  ['the addressed actor', BOB],
  ["another actor of the addressed actor's host", 'https://remote.example/actor'],
])('a direct note is shown to %s, and so is its Create', async (_who, actor) => {
  const answer = await ask('/n/note1', { headers: as(actor) });
  expect(answer.status).toBe(200);
  expect(answer.headers).toMatchObject({
    'content-type': 'application/activity+json; charset=utf-8',
    'cache-control': 'private, no-store',
    vary: 'Accept, Signature',
  });
  expect(JSON.parse(answer.text)).toMatchObject({ id: note.id, type: 'Note', content: note.content });
  const create = await ask('/n/note1/create', { headers: as(actor) });
  expect(JSON.parse(create.text)).toMatchObject({
    id: urls.create('note1'),
    type: 'Create',
    actor: note.attributedTo,
    object: { id: note.id },
  });
});

const withoutDate = ({ date: _date, ...rest }: Record<string, unknown>) => rest;

test.each([
  ['nobody in particular', '/n/note1', ACCEPT],
  ['a browser', '/n/note1', { Accept: 'text/html' }],
  ['a bad signature', '/n/note1', as('bad')],
  ['an actor of another host', '/n/note1', as('https://other.example/users/bob')],
  ['a host that only looks alike', '/n/note1', as('https://remote.example.evil.example/users/bob')],
  ['the same host on another port', '/n/note1', as('https://remote.example:8443/users/bob')],
  ['its own author', '/n/note1', as(urls.actor('alice1'))],
  ['a blocked host, though addressed', '/n/blocked1', as('https://blocked.example/u/1')],
  ['the addressed, once its time is over', '/n/expired1', as(BOB)],
])('%s sees what one sees of a note that never was', async (_who, target, headers) => {
  for (const suffix of ['', '/create']) {
    const seen = await ask(target + suffix, { headers });
    const never = await ask(`/n/never1${suffix}`, { headers });
    expect(seen.status).toBe(404);
    expect(seen.text).toBe(never.text);
    expect(withoutDate(seen.headers)).toEqual(withoutDate(never.headers));
  }
});

test('a deleted note is a Tombstone', async () => {
  const answer = await ask('/n/deleted1', { headers: ACCEPT });
  expect(answer.status).toBe(410);
  expect(JSON.parse(answer.text)).toMatchObject({ id: urls.note('deleted1'), type: 'Tombstone' });
});

test('a public note is for everyone', async () => {
  expect((await ask('/n/public1', { headers: ACCEPT })).status).toBe(200);
});

test('a key that cannot be fetched now is asked for again later, whatever the note', async () => {
  for (const target of ['/n/note1', '/n/never1']) {
    const answer = await ask(target, { headers: as('later') });
    expect([answer.status, answer.headers['retry-after']]).toEqual([503, '60']);
  }
});

test('a Follow is shown to whom it asks, and to nobody else', async () => {
  const seen = await ask('/f/follow1', { headers: as(BOB) });
  expect(JSON.parse(seen.text)).toEqual({
    '@context': 'https://www.w3.org/ns/activitystreams',
    id: urls.follow('follow1'),
    type: 'Follow',
    actor: urls.actor('alice1'),
    object: BOB,
  });
  const never = await ask('/f/never1', { headers: as(BOB) });
  expect(never.status).toBe(404);
  for (const headers of [ACCEPT, as('https://other.example/users/bob'), as('bad')]) {
    const hidden = await ask('/f/follow1', { headers });
    expect([hidden.status, hidden.text]).toEqual([404, never.text]);
  }
});
