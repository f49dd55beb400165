import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createPages } from '../../src/web/pages.ts';
import { ACTIVITY_TYPE, BOB, createPorts, DOMAIN, follow, startServer, urls } from './server-fixture.ts';

const pages = createPages({ domain: DOMAIN, origin: urls.origin, contact: '<script>alert(1)</script>' });
const fail = (text: string) => () => Promise.reject(new Error(text));

const start = () => {
  const { ports } = createPorts({ isHostBlocked: async (host) => host === 'blocked.example', pages });
  return startServer(ports);
};
let server: Awaited<ReturnType<typeof start>>;
beforeAll(async () => {
  server = await start();
});
afterAll(() => server.close());

const BROWSER = 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8';
const PEER = 'application/activity+json';
const PAGE = 'text/html; charset=utf-8';
const TEXT = 'text/plain; charset=utf-8';
const ACTIVITY = 'application/activity+json; charset=utf-8';
const JRD = 'application/jrd+json; charset=utf-8';
const JSON_TYPE = 'application/json; charset=utf-8';

type Headers = Readonly<Record<string, string>>;
type Answer = Awaited<ReturnType<Awaited<ReturnType<typeof start>>['ask']>>;

/** No answer is shown for another type than its own, runs or loads anything, or tells where one came from. */
const expectDefended = ({ headers, text }: Answer): void => {
  expect(headers).toMatchObject({ 'x-content-type-options': 'nosniff', 'referrer-policy': 'no-referrer' });
  const policy = String(headers['content-security-policy']);
  expect(policy).toContain("default-src 'none'");
  expect(policy).toContain("frame-ancestors 'none'");
  expect(policy).not.toContain('unsafe');
  // A page for people must be able to follow its own links; what else a browser gets is shut in.
  const isPage = headers['content-type'] === PAGE && headers.location === undefined;
  if (isPage) expect(policy).toBe(pages.contentSecurityPolicy);
  else expect(policy).toContain('sandbox');
  expect(text).not.toContain('<script');
  expect(headers).not.toHaveProperty('x-powered-by');
};

/** Target, what is accepted, the status and the only type that the answer may have. */
const ANSWERS: readonly (readonly [string, string, number, string | undefined])[] = [
  ['/', BROWSER, 200, PAGE],
  ['/', PEER, 303, undefined],
  ['/@alice', BROWSER, 200, PAGE],
  ['/@nobody', BROWSER, 404, PAGE],
  ['/@gone', BROWSER, 410, PAGE],
  ['/@%E0', BROWSER, 400, TEXT],
  ['/@alice', PEER, 303, undefined],
  ['/u/alice1', PEER, 200, ACTIVITY],
  ['/u/alice1', BROWSER, 303, PAGE],
  ['/u/nobody1', BROWSER, 404, PAGE],
  ['/u/nobody1', PEER, 404, TEXT],
  ['/u/alice1/outbox', BROWSER, 200, ACTIVITY],
  ['/u/alice1/outbox?page=1', BROWSER, 200, ACTIVITY],
  ['/u/alice1/featured', BROWSER, 200, ACTIVITY],
  ['/u/alice1/followers', BROWSER, 200, ACTIVITY],
  ['/u/alice1/following', BROWSER, 200, ACTIVITY],
  ['/u/gone1', PEER, 410, ACTIVITY],
  ['/u/alice1/inbox', BROWSER, 405, TEXT],
  ['/inbox', BROWSER, 405, TEXT],
  ['/actor/inbox', BROWSER, 405, TEXT],
  ['/actor', '*/*', 200, ACTIVITY],
  ['/actor', BROWSER, 303, PAGE],
  ['/actor/outbox', BROWSER, 200, ACTIVITY],
  ['/n/note1', BROWSER, 404, TEXT],
  ['/n/note1/create', BROWSER, 404, TEXT],
  ['/n/deleted1', BROWSER, 410, ACTIVITY],
  ['/f/follow1', BROWSER, 404, TEXT],
  ['/media/picture1.png', BROWSER, 200, 'image/png'],
  ['/media/picture2.png', BROWSER, 404, TEXT],
  ['/media/picture1.svg', BROWSER, 404, TEXT],
  ['/.well-known/webfinger?resource=acct:alice@ap.example', BROWSER, 200, JRD],
  ['/.well-known/webfinger?resource=%3Cscript%3E', BROWSER, 400, TEXT],
  ['/.well-known/host-meta', BROWSER, 200, 'application/xrd+xml; charset=utf-8'],
  ['/.well-known/host-meta.json', BROWSER, 200, JRD],
  ['/.well-known/nodeinfo', BROWSER, 200, JRD],
  [
    '/nodeinfo/2.0',
    BROWSER,
    200,
    'application/json; profile="http://nodeinfo.diaspora.software/ns/schema/2.0#"; charset=utf-8',
  ],
  [
    '/nodeinfo/2.1',
    BROWSER,
    200,
    'application/json; profile="http://nodeinfo.diaspora.software/ns/schema/2.1#"; charset=utf-8',
  ],
  ['/robots.txt', BROWSER, 200, TEXT],
  ['/livez', BROWSER, 200, TEXT],
  ['/readyz', BROWSER, 200, JSON_TYPE],
  ['/<script>alert(1)</script>', BROWSER, 404, TEXT],
];

test.each(ANSWERS)('%s for %s: nothing of it runs, loads or is taken for another type', async (...row) => {
  const [target, accept, status, type] = row;
  const answer = await server.ask(target, { headers: { accept } });
  expect([answer.status, answer.headers['content-type']]).toEqual([status, type]);
  expectDefended(answer);
});

test('there is no route beside these', () => {
  const folder = join(import.meta.dirname, '../../src/activitypub/routes');
  const sources = readdirSync(folder).map((file) => readFileSync(join(folder, file), 'utf8'));
  const routes = sources.flatMap((source) =>
    [...source.matchAll(/\.(?:get|post|put|delete|all|route|use)\(\s*(\[[^\]]*\]|['`][^'`]*['`])/gu)].flatMap(
      ([, paths = '']) => [...paths.matchAll(/['`](\/[^'`]*)['`]/gu)].map(([, path = '']) => path),
    ),
  );
  expect(routes.length).toBeGreaterThan(20);
  const isTried = (route: string): boolean => {
    const pattern = route
      .replaceAll('.', '\\.')
      .replaceAll(/\$\{\w+\}|:\w+/gu, '[^/?]+')
      .concat('(?:\\?|$)');
    return ANSWERS.some(([target]) => new RegExp(`^${pattern}`, 'u').test(target));
  };
  expect(routes.filter((route) => !isTried(route))).toEqual([]);
});

test('what only its addressee may read is shut in as well', async () => {
  for (const target of ['/n/note1', '/n/note1/create', '/f/follow1']) {
    const answer = await server.ask(target, { headers: { accept: BROWSER, signature: BOB } });
    expect([target, answer.status, answer.headers['content-type']]).toEqual([target, 200, ACTIVITY]);
    expectDefended(answer);
  }
});

test.each([
  ['HEAD', '/@alice', 200, PAGE],
  ['HEAD', '/media/picture1.png', 200, 'image/png'],
  ['OPTIONS', '/@alice', 204, undefined],
  ['OPTIONS', '/inbox', 405, TEXT],
  ['POST', '/@alice', 405, TEXT],
  ['PUT', '/u/alice1', 405, TEXT],
  ['DELETE', '/media/picture1.png', 405, TEXT],
  ['TRACE', '/', 405, TEXT],
  ['POST', '/@alice/none', 404, TEXT],
] as const)('%s of %s', async (method, target, status, type) => {
  const answer = await server.ask(target, { method, headers: { 'x-test': '<script>' } });
  expect([answer.status, answer.headers['content-type']]).toEqual([status, type]);
  expectDefended(answer);
});

test('what is only read says so, whatever else is asked of it', async () => {
  for (const [target, accept, status] of ANSWERS) {
    if (status === 404 || status === 400 || target.endsWith('inbox')) continue;
    for (const method of ['POST', 'PUT', 'PATCH', 'DELETE']) {
      const { status: refused, headers } = await server.ask(target, { method, headers: { accept } });
      expect([method, target, refused, headers.allow]).toEqual([method, target, 405, 'GET, HEAD, OPTIONS']);
    }
  }
});

describe('what an inbox answers', () => {
  const big = `"${'a'.repeat(1_100_000)}"`;
  test.each([
    ['taken', 202, {}, undefined],
    ['no JSON', 400, {}, '<script>'],
    ['a bad signature', 401, { Signature: 'bad' }, undefined],
    ['another type', 415, { 'Content-Type': 'text/html' }, undefined],
    ['too large', 413, {}, big],
    ['a key that is away', 503, { Signature: 'later' }, undefined],
  ] as const)('%s', async (_, status, headers: Headers, body) => {
    const answer = await server.post('/inbox', body ?? follow, headers);
    expect([answer.status, answer.headers['content-type']]).toEqual([
      status,
      status === 202 ? undefined : TEXT,
    ]);
    expectDefended(answer);
  });
});

describe('what is said when something is wrong here', () => {
  test.each([
    ['a bug', 500, createPorts({ pages, findUser: fail('<script>at line 7') }).ports],
    ['the database is away', 503, createPorts({ pages, findUser: fail('database is away') }).ports],
  ] as const)('%s', async (_, status, ports) => {
    const broken = await startServer(ports);
    const targets = ['/@alice', '/u/alice1', '/.well-known/webfinger?resource=acct:alice@ap.example'];
    for (const target of targets) {
      const answer = await broken.ask(target, { headers: { accept: BROWSER } });
      expect([target, answer.status, answer.headers['content-type']]).toEqual([target, status, TEXT]);
      expectDefended(answer);
    }
    await broken.close();
  });

  test('too many requests', async () => {
    const busy = await startServer(createPorts({ pages }).ports, { inboxPerMinute: 1 });
    await busy.ask('/@alice', { headers: { accept: BROWSER } });
    const answer = await busy.ask('/@alice', { headers: { accept: BROWSER } });
    expect([answer.status, answer.headers['content-type']]).toEqual([429, TEXT]);
    expectDefended(answer);
    await busy.post('/inbox', follow, { 'Content-Type': ACTIVITY_TYPE });
    const posted = await busy.post('/inbox', follow);
    expect([posted.status, posted.headers['content-type']]).toEqual([429, TEXT]);
    expectDefended(posted);
    await busy.close();
  });

  test('a signature is needed, or its host is not welcome', async () => {
    const strict = await startServer(createPorts({ pages }).ports, { signedFetchRequired: true });
    for (const [signature, status] of [
      ['bad', 401],
      ['https://blocked.example/u/1', 403],
    ] as const) {
      const answer = await strict.ask('/u/alice1', { headers: { accept: PEER, signature } });
      expect([answer.status, answer.headers['content-type']]).toEqual([status, TEXT]);
      expectDefended(answer);
    }
    await strict.close();
  });
});
