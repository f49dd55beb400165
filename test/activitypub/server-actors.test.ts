import { afterEach, expect, test } from 'vitest';
import type { ServerPorts, ServerSettings } from '../../src/activitypub/routes/ports.ts';
import { alice, createPorts, PEM, startServer, urls } from './server-fixture.ts';

const open: (() => Promise<void>)[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((close) => close()));
});

const start = async (changes: Partial<ServerPorts> = {}, settings: Partial<ServerSettings> = {}) => {
  const server = await startServer(createPorts(changes).ports, settings);
  open.push(server.close);
  return server;
};

const ACCEPT = { Accept: 'application/activity+json' };
const BROWSER = { Accept: 'text/html,application/xhtml+xml,*/*;q=0.8' };

test.each([
  ['application/activity+json'],
  ['application/ld+json; profile="https://www.w3.org/ns/activitystreams"'],
])('an actor for who asks for %s', async (accept) => {
  const { ask } = await start();
  const answer = await ask('/u/alice1', { headers: { Accept: accept } });
  expect(answer.status).toBe(200);
  expect(answer.headers).toMatchObject({
    'content-type': 'application/activity+json; charset=utf-8',
    vary: 'Accept',
  });
  expect(JSON.parse(answer.text)).toMatchObject({ id: urls.actor('alice1'), type: 'Person' });
});

test.each([
  ['/u/nobody', 404],
  ['/u/gone1', 410],
  ['/u/alice1/', 404],
  ['/u/gone1/followers', 410],
  ['/u/nobody/outbox', 404],
])('%s is %d', async (target, status) => {
  const { ask } = await start();
  expect((await ask(target, { headers: ACCEPT })).status).toBe(status);
});

test('who left is a Tombstone to servers and a page to people', async () => {
  const { ask } = await start();
  const answer = await ask('/u/gone1', { headers: ACCEPT });
  expect(JSON.parse(answer.text)).toMatchObject({ id: urls.actor('gone1'), type: 'Tombstone' });
  for (const target of ['/u/gone1', '/@gone']) {
    const page = await ask(target, { headers: BROWSER });
    expect([page.status, page.headers['content-type']]).toEqual([410, 'text/html; charset=utf-8']);
  }
});

test('of who leaves the key is shown while the news is on its way, and nothing else', async () => {
  const { ports } = createPorts();
  const alice1 = await ports.findUser({ kind: 'user-id', id: 'alice1' });
  if (alice1?.state !== 'active') throw new Error('nobody');
  const { actor, publicPem } = alice1;
  const { ask } = await start({ findUser: async () => ({ state: 'left', leaving: { actor, publicPem } }) });
  const shown = await ask('/u/alice1', { headers: ACCEPT });
  expect([shown.status, shown.headers['cache-control']]).toEqual([200, 'no-store']);
  expect(JSON.parse(shown.text)).toMatchObject({ type: 'Person', publicKey: { publicKeyPem: publicPem } });
  for (const target of [
    '/u/alice1/outbox',
    '/u/alice1/followers',
    '/.well-known/webfinger?resource=acct:alice@ap.example',
  ])
    expect((await ask(target, { headers: ACCEPT })).status).toBe(410);
});

test('a browser at the actor is sent to the page, a server at the page to the actor', async () => {
  const { ask } = await start();
  for (const [target, headers, location] of [
    ['/u/alice1', BROWSER, urls.profile('alice')],
    ['/u/alice1', { Accept: '*/*' }, urls.profile('alice')],
    ['/@alice', ACCEPT, urls.actor('alice1')],
    ['/actor', BROWSER, '/'],
    ['/', ACCEPT, urls.instanceActor],
  ] as const) {
    const answer = await ask(target, { headers });
    expect([answer.status, answer.headers.location, answer.headers.vary]).toEqual([303, location, 'Accept']);
  }
});

test.each(['followers', 'following'])('of %s nothing is told, neither who nor how many', async (name) => {
  const { ask } = await start();
  for (const page of ['', '?page=1']) {
    const answer = await ask(`/u/alice1/${name}${page}`, { headers: ACCEPT });
    expect(JSON.parse(answer.text)).toEqual({
      '@context': 'https://www.w3.org/ns/activitystreams',
      id: `${urls.actor('alice1')}/${name}`,
      type: 'OrderedCollection',
    });
  }
});

test.each(['outbox', 'featured'])(
  '%s can be read from end to end, and there is nothing in it',
  async (name) => {
    const { ask } = await start();
    const id = `${urls.actor('alice1')}/${name}`;
    const read = async (url: string): Promise<unknown> =>
      JSON.parse((await ask(url.replace(urls.origin, ''), { headers: ACCEPT })).text);
    expect(await read(id)).toMatchObject({
      id,
      type: 'OrderedCollection',
      totalItems: 0,
      first: `${id}?page=1`,
    });
    const page = { id: `${id}?page=1`, type: 'OrderedCollectionPage', partOf: id, orderedItems: [] };
    expect(await read(`${id}?page=1`)).toMatchObject(page);
    expect(await read(urls.actor('alice1'))).toMatchObject({ [name]: id });
  },
);

test('the instance actor is for everyone, whatever is asked for', async () => {
  const { ask } = await start({}, { signedFetchRequired: true });
  for (const headers of [ACCEPT, { Accept: '*/*' }, { Accept: 'application/json' }, {}]) {
    const answer = await ask('/actor', { headers });
    expect(answer.status).toBe(200);
    expect(JSON.parse(answer.text)).toMatchObject({
      id: urls.instanceActor,
      type: 'Application',
      url: 'https://ap.example/',
    });
  }
});

test('pages carry their policy', async () => {
  const { ask } = await start();
  for (const target of ['/', '/@alice', '/@ALICE', '/@nobody']) {
    const answer = await ask(target, { headers: BROWSER });
    expect(answer.status).toBe(target === '/@nobody' ? 404 : 200);
    expect(answer.headers).toMatchObject({
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': "default-src 'none'",
      'x-content-type-options': 'nosniff',
    });
  }
});

test('a picture is a PNG that says nothing else, and other names are nothing', async () => {
  const { ask } = await start({}, { signedFetchRequired: true });
  const answer = await ask('/media/picture1.png');
  expect([answer.status, answer.text]).toEqual([200, 'png']);
  expect(answer.headers).toMatchObject({
    'content-type': 'image/png',
    'content-length': '3',
    'x-content-type-options': 'nosniff',
    'content-security-policy': "default-src 'none'; frame-ancestors 'none'; sandbox",
    'cache-control': 'public, max-age=86400',
  });
  for (const target of ['/media/picture2.png', '/media/picture1', '/media/picture1.svg', '/media/%00.png'])
    expect((await ask(target)).status).toBe(404);
});

test('an actor has the picture that the user shows, and so has WebFinger', async () => {
  const shown = { ...alice, picture: 'picture1' };
  const { ask } = await start({
    findUser: async () => ({ state: 'active', actor: shown, publicPem: PEM }),
  });
  const url = 'https://ap.example/media/picture1.png';
  const actor = await ask('/u/alice1', { headers: ACCEPT });
  expect(JSON.parse(actor.text)).toMatchObject({ icon: { type: 'Image', mediaType: 'image/png', url } });
  const finger = await ask('/.well-known/webfinger?resource=acct:alice@ap.example');
  expect(JSON.parse(finger.text)).toMatchObject({
    links: expect.arrayContaining([{ rel: 'http://webfinger.net/rel/avatar', type: 'image/png', href: url }]),
  });
});

test('nobody has a picture without a wish', async () => {
  const { ask } = await start();
  const documents = [
    await ask('/u/alice1', { headers: ACCEPT }),
    await ask('/.well-known/webfinger?resource=acct:alice@ap.example'),
  ];
  for (const { status, text } of documents) {
    expect(status).toBe(200);
    expect(text).not.toMatch(/icon|avatar/u);
  }
});

test('nothing tells what the server is made of', async () => {
  const { ask } = await start();
  const answer = await ask('/nothing/here');
  expect([answer.status, answer.text]).toEqual([404, 'There is nothing here.\n']);
  expect(answer.headers).not.toHaveProperty('x-powered-by');
});

test.each(['/@%E0%A4%A', '/u/%', '/n/%zz'])('%s is a bad request, no failure', async (target) => {
  const { ask } = await start();
  expect((await ask(target)).status).toBe(400);
});

test.each([
  '/u/a%00',
  '/u/A',
  '/u/..%2Factor',
  `/u/${'a'.repeat(41)}`,
  '/@a%00',
  '/@a-b',
  '/n/%00',
  '/u/%00/followers',
])('%s is no address, and nobody is looked for', async (target) => {
  const fail = () => Promise.reject(new Error('looked for'));
  const { ask } = await start({ findUser: fail, findNote: fail });
  expect((await ask(target, { headers: ACCEPT })).status).toBe(404);
});

test('HEAD has the headers of GET', async () => {
  const { ask } = await start();
  const answer = await ask('/u/alice1', { method: 'HEAD', headers: ACCEPT });
  expect([answer.status, answer.text]).toEqual([200, '']);
  expect(answer.headers['content-type']).toBe('application/activity+json; charset=utf-8');
});
