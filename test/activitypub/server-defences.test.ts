import { afterAll, beforeAll, expect, test } from 'vitest';
import { BOB, createPorts, follow, startServer } from './server-fixture.ts';

let server: Awaited<ReturnType<typeof startServer>>;
beforeAll(async () => {
  server = await startServer(
    createPorts({ isHostBlocked: async (host) => host === 'blocked.example' }).ports,
  );
});
afterAll(() => server.close());

const BROWSER = 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8';
const PEER = 'application/activity+json';
const PAGE = 'text/html; charset=utf-8';
const TEXT = 'text/plain; charset=utf-8';
const ACTIVITY = 'application/activity+json; charset=utf-8';
const JRD = 'application/jrd+json; charset=utf-8';

/** Target, what is accepted, the status and the only type that the answer may have. */
const ANSWERS: readonly (readonly [string, string, number, string | undefined])[] = [
  ['/', BROWSER, 200, PAGE],
  ['/', PEER, 303, undefined],
  ['/@alice', BROWSER, 200, PAGE],
  ['/@nobody', BROWSER, 404, PAGE],
  ['/@gone', BROWSER, 410, PAGE],
  ['/@%E0', BROWSER, 400, TEXT],
  ['/u/alice1', PEER, 200, ACTIVITY],
  ['/u/alice1', BROWSER, 303, PAGE],
  ['/u/alice1/followers', BROWSER, 200, ACTIVITY],
  ['/u/gone1', PEER, 410, ACTIVITY],
  ['/u/alice1/inbox', BROWSER, 405, TEXT],
  ['/actor', '*/*', 200, ACTIVITY],
  ['/actor', BROWSER, 303, PAGE],
  ['/n/note1', BROWSER, 404, TEXT],
  ['/n/deleted1', BROWSER, 410, ACTIVITY],
  ['/.well-known/webfinger?resource=acct:alice@ap.example', BROWSER, 200, JRD],
  ['/.well-known/webfinger?resource=%3Cscript%3E', BROWSER, 400, TEXT],
  ['/.well-known/host-meta', BROWSER, 200, 'application/xrd+xml; charset=utf-8'],
  ['/.well-known/host-meta.json', BROWSER, 200, JRD],
  ['/.well-known/nodeinfo', BROWSER, 200, JRD],
  ['/robots.txt', BROWSER, 200, TEXT],
  ['/livez', BROWSER, 200, TEXT],
  ['/readyz', BROWSER, 200, 'application/json; charset=utf-8'],
  ['/<script>alert(1)</script>', BROWSER, 404, TEXT],
];

test.each(ANSWERS)('%s for %s: nothing of it runs, loads or is taken for another type', async (...row) => {
  const [target, accept, status, type] = row;
  const answer = await server.ask(target, { headers: { accept } });
  expect([answer.status, answer.headers['content-type']]).toEqual([status, type]);
  expect(answer.headers).toMatchObject({
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
  });
  const policy = String(answer.headers['content-security-policy']);
  expect(policy).toContain("default-src 'none'");
  if (answer.status !== 303 && type === PAGE) expect(policy).not.toContain('sandbox');
  else expect(policy).toContain('sandbox');
  expect(answer.text).not.toContain('<script');
});

test('what an inbox answers is defended too', async () => {
  for (const signature of [BOB, 'bad']) {
    const answer = await server.post('/inbox', follow, { Signature: signature });
    expect(answer.headers).toMatchObject({ 'x-content-type-options': 'nosniff' });
  }
});
