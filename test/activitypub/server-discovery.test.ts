import { afterEach, expect, test } from 'vitest';
import type { ServerPorts } from '../../src/activitypub/routes/ports.ts';
import { alice, createPorts, PEM, startServer, urls } from './server-fixture.ts';

const open: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close();
});

const start = async (changes: Partial<ServerPorts> = {}) => {
  const server = await startServer(createPorts(changes).ports);
  open.push(server.close);
  return server;
};

const fingerPath = (resource: string) => `/.well-known/webfinger?resource=${resource}`;

test.each([
  'acct:alice@ap.example',
  'acct%3Aalice%40ap.example',
  'acct:alice%xmpp.example@ap.example',
  'acct:alice%25xmpp.example@ap.example',
  'acct:alice%ab.example@ap.example',
])('WebFinger finds the canonical subject of %s', async (resource) => {
  const { ask } = await start();
  const answer = await ask(fingerPath(resource));
  expect(answer.status).toBe(200);
  expect(answer.headers).toMatchObject({
    'content-type': 'application/jrd+json; charset=utf-8',
    'access-control-allow-origin': '*',
    'cache-control': 'public, max-age=180',
  });
  expect(JSON.parse(answer.text)).toMatchObject({
    subject: 'acct:alice@ap.example',
    links: expect.arrayContaining([
      { rel: 'self', type: 'application/activity+json', href: urls.actor('alice1') },
    ]),
  });
});

test.each(['acct:ap.example@ap.example', 'https://ap.example/', 'https%3A%2F%2Fap.example%2F'])(
  'WebFinger finds the gateway itself as %s',
  async (resource) => {
    const { ask } = await start();
    const answer = await ask(fingerPath(resource));
    expect(answer.headers['cache-control']).toBe('public, max-age=180');
    expect(JSON.parse(answer.text)).toMatchObject({
      subject: 'acct:ap.example@ap.example',
      aliases: expect.arrayContaining([urls.instanceActor]),
    });
  },
);

test.each([
  ['/.well-known/webfinger', 400],
  ['/.well-known/webfinger?resource=', 400],
  ['/.well-known/webfinger?resource=acct:a@b&resource=acct:c@d', 400],
  [fingerPath('alice'), 400],
  [fingerPath('%'), 400],
  [fingerPath('acct:%'), 404],
  [fingerPath('acct:%E0%A4%A@ap.example'), 404],
  [fingerPath('acct:nobody@ap.example'), 404],
  [fingerPath('acct:alice@other.example'), 404],
  [fingerPath('acct:gone@ap.example'), 410],
])('%s is %d, and pages elsewhere may read that', async (target, status) => {
  const { ask } = await start();
  const answer = await ask(target);
  expect(answer.status).toBe(status);
  expect(answer.headers['access-control-allow-origin']).toBe('*');
  expect(answer.headers).not.toHaveProperty('cache-control');
});

test('WebFinger finds who is here before who left, where a resource can be read as either', async () => {
  const { ask } = await start({
    // As it stands it is alice@61b.example; decoded, a JID at `example`.
    findUser: async (query) =>
      query.kind === 'name' && query.jids.includes('alice@61b.example')
        ? { state: 'active', actor: alice, publicPem: PEM }
        : { state: 'left' },
  });
  expect((await ask(fingerPath('acct:alice%61b.example@ap.example'))).status).toBe(200);
});

test('host-meta leads to WebFinger, in both forms', async () => {
  const { ask } = await start();
  const template = 'https://ap.example/.well-known/webfinger?resource={uri}';
  const xml = await ask('/.well-known/host-meta');
  expect(xml.headers['content-type']).toBe('application/xrd+xml; charset=utf-8');
  expect(xml.text).toContain(`template="${template}"`);
  const json = await ask('/.well-known/host-meta.json');
  expect(JSON.parse(json.text)).toMatchObject({ links: [{ rel: 'lrdd', template }] });
});

test('NodeInfo leads from its links to both versions, and names the instance actor', async () => {
  const { ask } = await start();
  const { links }: { links: { rel: string; href: string }[] } = JSON.parse(
    (await ask('/.well-known/nodeinfo')).text,
  );
  const hrefs = new Map(links.map(({ rel, href }) => [rel, href]));
  expect(hrefs.get('https://www.w3.org/ns/activitystreams#Application')).toBe(urls.instanceActor);
  for (const version of ['2.0', '2.1']) {
    const href = hrefs.get(`http://nodeinfo.diaspora.software/ns/schema/${version}`) ?? '';
    const answer = await ask(new URL(href).pathname);
    expect(answer.headers['content-type']).toContain(`schema/${version}#"`);
    expect(JSON.parse(answer.text)).toMatchObject({
      version,
      usage: { users: { total: 3, activeMonth: 2, activeHalfyear: 3 } },
    });
  }
});

test('a database that is away is 503 for who looks for somebody', async () => {
  const { ask } = await start({ findUser: () => Promise.reject(new Error('database is away')) });
  const answer = await ask(fingerPath('acct:alice@ap.example'));
  expect([answer.status, answer.headers['retry-after']]).toEqual([503, '30']);
});

test('alive is one thing, ready another', async () => {
  const { ask } = await start({
    readiness: () => ({ ready: false, reasons: ['the database cannot be reached'] }),
  });
  expect((await ask('/livez')).status).toBe(200);
  const answer = await ask('/readyz');
  expect(answer.status).toBe(503);
  expect(JSON.parse(answer.text)).toEqual({ ready: false, reasons: ['the database cannot be reached'] });
});

test('a standby is ready and says so', async () => {
  const { ask } = await start({ readiness: () => ({ ready: true, reasons: [], standby: true }) });
  const answer = await ask('/readyz');
  expect([answer.status, JSON.parse(answer.text)]).toEqual([
    200,
    { ready: true, standby: true, reasons: [] },
  ]);
});

test('search engines are asked to stay outside', async () => {
  const { ask } = await start();
  expect((await ask('/robots.txt')).text).toContain('Disallow: /\n');
});

test('a close waits for what is under way', async () => {
  const began = Promise.withResolvers<void>();
  const go = Promise.withResolvers<void>();
  const { ask, close } = await startServer(
    createPorts({
      usage: async () => {
        began.resolve();
        await go.promise;
        return { total: 0, activeMonth: 0, activeHalfyear: 0 };
      },
    }).ports,
  );
  const answer = ask('/nodeinfo/2.1');
  await began.promise;
  const closed = close();
  go.resolve();
  expect((await answer).status).toBe(200);
  await closed;
});
