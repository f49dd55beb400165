import { connect } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { peekActivity } from '../../src/activitypub/parse.ts';
import type { ServerPorts, ServerSettings } from '../../src/activitypub/routes/ports.ts';
import { ACTIVITY_TYPE, BOB, createPorts, follow, startServer, urls } from './server-fixture.ts';

const open: (() => Promise<void>)[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((close) => close()));
});

const start = async (changes: Partial<ServerPorts> = {}, settings: Partial<ServerSettings> = {}) => {
  const fakes = createPorts(changes);
  const server = await startServer(fakes.ports, settings);
  open.push(server.close);
  return { ...fakes, ...server };
};

test.each(['/inbox', '/actor/inbox', '/u/alice1/inbox'])(
  '%s takes what is signed by its actor',
  async (path) => {
    const { post, accepted } = await start();
    const answer = await post(path, follow);
    expect([answer.status, answer.text]).toEqual([202, '']);
    expect(accepted).toEqual([
      { activityId: follow.id, actorId: BOB, body: JSON.stringify(follow), saysState: true },
    ]);
  },
);

test.each([urls.instanceActor, `${urls.actor('alice1')}#x`])('a Follow of %s is taken', async (object) => {
  const { post, accepted } = await start();
  expect((await post('/inbox', { ...follow, object })).status).toBe(202);
  expect(accepted).toHaveLength(1);
});

test('an Undo that snac gave an id below our actor is kept under one of its own, and no other is taken', async () => {
  const { post, accepted } = await start();
  const object = urls.actor('alice1');
  const undo = { id: `${object}/Undo_1795870376.034651`, type: 'Undo', actor: BOB, object };
  expect((await post('/inbox', undo)).status).toBe(202);
  expect(accepted).toMatchObject([{ actorId: BOB, saysState: false }]);
  const [{ activityId = '', body = '' } = {}] = accepted;
  expect(activityId).toMatch(/^https:\/\/remote\.example\/users\/bob#undo-/u);
  expect(JSON.parse(body)).toEqual({
    id: activityId,
    type: 'Undo',
    actor: BOB,
    object: { type: 'Follow', actor: BOB, object },
  });
  expect((await post('/inbox', undo, signedBy('https://remote.example/users/eve'))).status).toBe(401);
  expect((await post('/inbox', { ...undo, type: 'Block' })).status).toBe(400);
  expect((await post('/inbox', { ...undo, object: { id: object } })).status).toBe(400);
  expect(accepted).toHaveLength(1);
});

const signedBy = (signature: string) => ({ Signature: signature });
const elsewhere = { ...follow, id: 'https://other.example/follows/1' };
const fromBlocked = { ...follow, actor: 'https://blocked.example/u/1', id: 'https://blocked.example/f/1' };

const followOf = (object: unknown) => ({ ...follow, object });

test.each([
  ['no JSON', '/inbox', '{"id":', {}, 400],
  ['JSON that is no activity', '/inbox', '[]', {}, 400],
  ['an actor that is no URL', '/inbox', { ...follow, actor: 'bob' }, signedBy('bob'), 400],
  ['a NUL in its id', '/inbox', { ...follow, id: `${follow.id}\0` }, {}, 400],
  ['JSON a hundred deep', '/inbox', '['.repeat(100) + ']'.repeat(100), {}, 400],
  ['an id on another host', '/inbox', elsewhere, {}, 400],
  ['a bad signature', '/inbox', follow, signedBy('bad'), 401],
  ['the signature of another', '/inbox', follow, signedBy('https://remote.example/users/eve'), 401],
  ['a blocked host', '/inbox', fromBlocked, signedBy(fromBlocked.actor), 403],
  ['nobody', '/u/nobody/inbox', follow, {}, 404],
  ['a Follow of nobody', '/inbox', followOf(urls.actor('nobody')), {}, 404],
  ['a Follow of who left', '/inbox', followOf(urls.actor('gone1')), {}, 404],
  ['a Follow of nobody, told whole', '/inbox', followOf({ id: urls.actor('nobody') }), {}, 404],
  ['a Follow of nobody, told to somebody', '/u/alice1/inbox', followOf(urls.actor('nobody')), {}, 404],
  ['a Follow of a page', '/inbox', followOf(urls.profile('alice')), {}, 404],
  ['a Follow of nobody, with a bad signature', '/inbox', followOf(urls.actor('x')), signedBy('bad'), 401],
  ['what is no id', '/u/%00/inbox', follow, {}, 404],
  ['who left', '/u/gone1/inbox', follow, {}, 410],
  ['plain JSON', '/inbox', follow, { 'Content-Type': 'application/json' }, 415],
  ['a form', '/inbox', follow, { 'Content-Type': 'application/x-www-form-urlencoded' }, 415],
  ['a compressed body', '/inbox', follow, { 'Content-Encoding': 'gzip' }, 415],
  ['a key that cannot be fetched now', '/inbox', follow, signedBy('later'), 503],
])('%s', async (_what, path, body, headers, status) => {
  const { post, accepted } = await start();
  const answer = await post(path, body, headers);
  expect(answer.status).toBe(status);
  expect(accepted).toEqual([]);
  expect(answer.headers['content-type']).toBe('text/plain; charset=utf-8');
  // One short sentence, and nothing of the cause.
  expect(answer.text).toMatch(/^[A-Z][^\n]{5,90}\.\n$/u);
  expect(answer.text).not.toContain('secret detail');
  expect(answer.headers['retry-after'] !== undefined).toBe(status === 503);
});

test('without a signature 401 is said, and how to do better', async () => {
  const { ask, accepted } = await start();
  const answer = await ask('/inbox', {
    method: 'POST',
    headers: { 'Content-Type': ACTIVITY_TYPE },
    body: JSON.stringify(follow),
  });
  expect(answer.status).toBe(401);
  expect(answer.headers['www-authenticate']).toBe('Signature');
  expect(accepted).toEqual([]);
});

test('what is cheap is checked before any signature', async () => {
  const { post, authentications } = await start();
  await post('/inbox', '{');
  await post('/u/nobody/inbox', follow);
  await post('/inbox', fromBlocked);
  await post('/inbox', follow, { 'Content-Type': 'text/html' });
  expect(authentications()).toBe(0);
});

test('a stranger who is deleted is waved off without a look at the key', async () => {
  const { post, authentications, accepted } = await start();
  const actor = 'https://remote.example/users/unknown';
  for (const object of [actor, { id: actor, type: 'Tombstone' }]) {
    const farewell = { id: `${actor}#delete`, type: 'Delete', actor, object };
    expect((await post('/inbox', farewell, signedBy('bad'))).status).toBe(202);
  }
  expect(authentications()).toBe(0);
  expect(accepted).toEqual([]);
});

test('each edit and a deletion under the id of the post are kept beside it', async () => {
  const { post, accepted } = await start();
  const id = 'https://remote.example/api/posts/1';
  const object = { id, type: 'Article', attributedTo: BOB, cc: [urls.actor('alice1')] };
  const kept = [];
  for (const [type, content] of [['Create'], ['Update', 'one'], ['Update', 'two'], ['Delete']]) {
    const activity = { id, type, actor: BOB, object: { ...object, content } };
    expect((await post('/inbox', activity)).status).toBe(202);
    kept.push(peekActivity(activity));
  }
  expect(new Set(accepted.map(({ activityId }) => activityId)).size).toBe(4);
  expect(accepted.map(({ activityId }) => activityId)).toEqual(kept.map((peek) => peek.ok && peek.value.id));
});

test('what is not carried needs no id, but its signature', async () => {
  const { post, accepted } = await start();
  const pinned = {
    type: 'Add',
    actor: BOB,
    object: 'https://remote.example/notes/1',
    target: `${BOB}/featured`,
  };
  expect((await post('/inbox', pinned)).status).toBe(202);
  expect((await post('/inbox', pinned, signedBy('bad'))).status).toBe(401);
  expect((await post('/inbox', { ...pinned, type: 'Follow' })).status).toBe(400);
  expect(accepted).toEqual([]);
});

test.each([
  ['a known actor', BOB, BOB],
  ['of something else', 'https://remote.example/users/unknown', BOB],
])('a Delete of %s needs its signature', async (_what, actor, object) => {
  const { post } = await start();
  const activity = { id: `${actor}#delete`, type: 'Delete', actor, object };
  expect((await post('/inbox', activity, signedBy('bad'))).status).toBe(401);
});

test.each(['Like', 'EmojiReact', 'Announce', 'QuoteRequest'])(
  'a %s is stored where it is of a note of ours, whatever the inbox',
  async (type) => {
    const { post, accepted } = await start();
    const activity = { id: 'https://remote.example/a/1', type, actor: BOB };
    for (const path of ['/inbox', '/u/alice1/inbox']) {
      expect((await post(path, { ...activity, object: 'https://remote.example/notes/1' })).status).toBe(202);
      expect((await post(path, { ...activity, object: urls.actor('alice1') })).status).toBe(202);
    }
    expect(accepted).toEqual([]);
    expect((await post('/inbox', { ...activity, object: urls.note('note1') })).status).toBe(202);
    expect(accepted).toHaveLength(1);
  },
);

test('a post at the shared inbox that concerns nobody here is not stored', async () => {
  const { post, accepted } = await start();
  const create = { id: 'https://remote.example/a/1', type: 'Create', actor: BOB, object: { id: 'x' } };
  expect((await post('/inbox', create)).status).toBe(202);
  expect(accepted).toEqual([]);
  expect((await post('/inbox', { ...create, to: [urls.actor('alice1')] })).status).toBe(202);
  expect((await post('/u/alice1/inbox', create)).status).toBe(202);
  expect(accepted).toHaveLength(2);
});

test('202 is said only once the activity is committed', async () => {
  const committed = Promise.withResolvers<void>();
  const asked = Promise.withResolvers<void>();
  const { post } = await start({
    acceptActivity: () => {
      asked.resolve();
      return committed.promise;
    },
  });
  let answered = false;
  const answer = post('/inbox', follow).then(({ status }) => {
    answered = true;
    return status;
  });
  await asked.promise;
  await new Promise((resolve) => setImmediate(resolve));
  expect(answered).toBe(false);
  committed.resolve();
  expect(await answer).toBe(202);
});

test('a database that is away is 503 with Retry-After, at whatever step', async () => {
  const away = () => Promise.reject(new Error('database is away'));
  for (const changes of [{ acceptActivity: away }, { isHostBlocked: away }, { recipientState: away }]) {
    const { post } = await start(changes);
    const answer = await post('/u/alice1/inbox', follow);
    expect(answer.status).toBe(503);
    expect(Number(answer.headers['retry-after'])).toBeGreaterThan(0);
  }
});

test('a bug is logged whole and told as one neutral sentence', async () => {
  const { post, logged } = await start({ acceptActivity: () => Promise.reject(new Error('at line 7')) });
  const answer = await post('/inbox', follow);
  expect([answer.status, answer.text]).toEqual([500, 'Something went wrong here.\n']);
  expect(logged).toContainEqual([
    'request-failed',
    { err: new Error('at line 7'), method: 'POST', path: '/inbox' },
  ]);
});

test.each(['/inbox', '/actor/inbox', '/u/alice1/inbox'])('%s cannot be read', async (path) => {
  const { ask } = await start();
  const answer = await ask(path);
  expect([answer.status, answer.headers.allow]).toEqual([405, 'POST']);
});

test.each([
  ['one byte over the limit', 1024 * 1024 + 1],
  ['far over it', 5 * 1024 * 1024],
])('a body %s is 413 before anything else', async (_what, size) => {
  const { post, authentications } = await start();
  const answer = await post('/inbox', `"${'a'.repeat(size - 2)}"`).catch((error: unknown) => error);
  // The socket is closed under a body that is far too large: the peer may see that instead.
  if (answer instanceof Error) expect(size).toBeGreaterThan(4 * 1024 * 1024);
  else expect(answer).toMatchObject({ status: 413, headers: { connection: 'close' } });
  expect(authentications()).toBe(0);
});

test('a body that never ends is cut', async () => {
  const { port } = await start();
  const socket = connect(Number(port), '127.0.0.1');
  const closed = new Promise((resolve) => socket.once('close', resolve));
  let answer = '';
  socket.on('data', (chunk) => {
    answer += chunk.toString('latin1');
  });
  socket.on('error', () => undefined);
  socket.write(
    `POST /inbox HTTP/1.1\r\nHost: ap.example\r\nContent-Type: ${ACTIVITY_TYPE}\r\nTransfer-Encoding: chunked\r\n\r\n`,
  );
  const chunk = `10000\r\n${'a'.repeat(0x10000)}\r\n`;
  const pump = (): void => {
    if (socket.writable) socket.write(chunk, pump);
  };
  pump();
  await closed;
  if (answer !== '') expect(answer).toMatch(/^HTTP\/1\.1 413 /u);
});

test('a body of exactly the limit is read', async () => {
  const { post } = await start();
  const padding = 'a'.repeat(1024 * 1024 - JSON.stringify({ ...follow, content: '' }).length);
  expect((await post('/inbox', { ...follow, content: padding })).status).toBe(202);
});

test('each answer of an inbox is counted, whatever it is, and nothing else', async () => {
  const { ask, post, answered } = await start();
  await post('/inbox', follow);
  await post('/u/alice1/inbox', follow);
  await post('/u/nobody1/inbox', follow);
  await ask('/actor/inbox');
  await ask('/u/alice1');
  expect(answered).toEqual([202, 202, 404, 405]);
});
