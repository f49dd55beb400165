import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { actorRoutes } from '../../src/activitypub/routes/actors.ts';
import { discoveryRoutes } from '../../src/activitypub/routes/discovery.ts';
import { mediaRoutes } from '../../src/activitypub/routes/media.ts';
import { noteRoutes } from '../../src/activitypub/routes/notes.ts';
import type { ServerPorts } from '../../src/activitypub/routes/ports.ts';
import { siteRoutes } from '../../src/activitypub/routes/site.ts';
import { createPages } from '../../src/web/pages.ts';
import { alice, BOB, createPorts, DOMAIN, PEM, SETTINGS, startServer, urls } from './server-fixture.ts';

/** `signed_fetch_required`: what is shown to whom, for every address that can be read. */
const ACTIVITY = { Accept: 'application/activity+json' };
const BROWSER = { Accept: 'text/html,application/xhtml+xml,*/*;q=0.8' };
const as = (actor: string) => ({ ...ACTIVITY, Signature: actor });

const shown = {
  ...alice,
  displayName: 'Alice Example',
  bio: 'I like bridges.',
  links: ['https://alice.example/'],
  showsJid: true,
  picture: 'picture1',
};

const ports: Partial<ServerPorts> = {
  findUser: async (query) => {
    const known =
      (query.kind === 'user-id' && query.id === 'alice1') ||
      (query.kind === 'name' && query.name === 'alice');
    return known ? { state: 'active', actor: shown, publicPem: PEM } : undefined;
  },
  pages: createPages({ domain: DOMAIN, origin: urls.origin, contact: undefined }),
};

const open: (() => Promise<void>)[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((close) => close()));
});

const start = async (signedFetchRequired: boolean) => {
  const server = await startServer(createPorts(ports).ports, { signedFetchRequired });
  open.push(server.close);
  return server.ask;
};

/** Route, an address that it serves, what the addressed reader gets. */
const CLOSED = [
  ['/actor/outbox', '/actor/outbox', 200],
  ['/actor/outbox', '/actor/outbox?page=1', 200],
  ['/u/:id', '/u/alice1', 200],
  ['/u/:id', '/u/nobody', 404],
  ['/u/:id/outbox', '/u/alice1/outbox', 200],
  ['/u/:id/outbox', '/u/alice1/outbox?page=1', 200],
  ['/u/:id/featured', '/u/alice1/featured', 200],
  ['/u/:id/featured', '/u/alice1/featured?page=1', 200],
  ['/u/:id/followers', '/u/alice1/followers', 200],
  ['/u/:id/following', '/u/alice1/following', 200],
  ['/n/:id', '/n/note1', 200],
  ['/n/:id', '/n/never1', 404],
  ['/n/:id', '/n/deleted1', 410],
  ['/n/:id/create', '/n/note1/create', 200],
  ['/f/:id', '/f/follow1', 200],
] as const;

/** Discovery, the actor that everybody verifies us by, pages, and pictures, which others load unsigned. */
const OPEN = [
  ['/actor', '/actor', 200],
  ['/@:name', '/@alice', 303],
  ['/.well-known/webfinger', '/.well-known/webfinger?resource=acct:alice@ap.example', 200],
  ['/.well-known/host-meta', '/.well-known/host-meta', 200],
  ['/.well-known/host-meta.json', '/.well-known/host-meta.json', 200],
  ['/.well-known/nodeinfo', '/.well-known/nodeinfo', 200],
  ['/nodeinfo/2.0', '/nodeinfo/2.0', 200],
  ['/nodeinfo/2.1', '/nodeinfo/2.1', 200],
  ['/media/:id.png', '/media/picture1.png', 200],
  ['/', '/', 303],
  ['/robots.txt', '/robots.txt', 200],
  ['/livez', '/livez', 200],
  ['/readyz', '/readyz', 200],
] as const;

test('the two tables name every address that can be read', () => {
  const { ports: all } = createPorts();
  const routers = [
    actorRoutes(all, SETTINGS),
    discoveryRoutes(all, SETTINGS),
    mediaRoutes(all),
    noteRoutes(all, SETTINGS),
    siteRoutes(all, SETTINGS),
  ];
  const paths = routers.flatMap(({ stack }) => stack.flatMap(({ route }) => route?.path ?? []));
  expect(paths.length).toBeGreaterThan(15);
  expect([...new Set([...CLOSED, ...OPEN].map(([path]) => path))].sort()).toEqual([...paths].sort());
  const files = readdirSync(join(import.meta.dirname, '../../src/activitypub/routes'));
  const others = ['answer.ts', 'parameters.ts', 'ports.ts', 'read-only.ts', 'reader.ts', 'inbox.ts'];
  expect(files.filter((file) => !others.includes(file))).toHaveLength(routers.length);
});

test.each(CLOSED)(
  '%s: %s is nothing to strangers, and %d to who was addressed',
  async (_route, target, status) => {
    const ask = await start(true);
    const never = await ask('/u/nobody', { headers: ACTIVITY });
    for (const headers of [ACTIVITY, as('bad')]) {
      const refused = await ask(target, { headers });
      expect([refused.status, refused.text]).toEqual([401, never.text]);
      expect(refused.headers).toMatchObject({
        'www-authenticate': 'Signature',
        'cache-control': 'private, no-store',
        vary: 'Accept, Signature',
      });
    }
    expect((await ask(target, { headers: as('https://blocked.example/u/1') })).status).toBe(403);
    const later = await ask(target, { headers: as('later') });
    expect([later.status, later.headers['retry-after']]).toEqual([503, '60']);
    const answer = await ask(target, { headers: as(BOB) });
    expect(answer.status).toBe(status);
    expect(answer.headers).toMatchObject({ 'cache-control': 'private, no-store', vary: 'Accept, Signature' });
  },
);

test.each(OPEN)('%s: %s needs no signature, %d', async (_route, target, status) => {
  const ask = await start(true);
  expect((await ask(target, { headers: ACTIVITY })).status).toBe(status);
});

test('nobody unsigned learns more of a user than the name', async () => {
  const secrets = /Alice Example|bridges|alice\.example|xmpp:|picture1/u;
  const targets = [
    ['/@alice', BROWSER],
    ['/.well-known/webfinger?resource=acct:alice@ap.example', {}],
  ] as const;
  const [closed, wide] = [await start(true), await start(false)];
  for (const [target, headers] of targets) {
    const answer = await closed(target, { headers });
    expect(answer.status).toBe(200);
    expect(answer.text).toContain('alice@ap.example');
    expect(answer.text).not.toMatch(secrets);
    expect((await wide(target, { headers })).text).toMatch(secrets);
  }
  // To servers the page only says where the document is, which asks for a signature itself.
  const page = await closed('/@alice', { headers: ACTIVITY });
  expect([page.headers.location, page.text]).not.toEqual(
    expect.arrayContaining([expect.stringMatching(secrets)]),
  );
  expect((await closed('/u/alice1', { headers: as(BOB) })).text).toMatch(secrets);
});
