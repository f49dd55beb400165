import { afterEach, expect, test } from 'vitest';
import { createPorts, follow, startServer } from './server-fixture.ts';

let close: (() => Promise<void>) | undefined;
afterEach(() => close?.());

const start = async (ports = createPorts().ports) => {
  const server = await startServer(ports, { inboxPerMinute: 5 });
  close = server.close;
  return server;
};

test('reads are limited by address, apart from posts; whoever watches the process never is', async () => {
  const { ask, post } = await start();
  const statuses: number[] = [];
  for (let index = 0; index < 7; index += 1) statuses.push((await ask('/u/alice1/outbox')).status);
  expect(statuses).toEqual([200, 200, 200, 200, 200, 429, 429]);
  const refused = await ask('/.well-known/webfinger?resource=acct:alice@ap.example');
  expect([refused.status, Number(refused.headers['retry-after']) > 0]).toEqual([429, true]);
  expect((await ask('/livez')).status).toBe(200);
  expect((await post('/inbox', follow)).status).toBe(202);
});

test('a signer whose handle is not confirmed is told to come again, and nothing of it is stored', async () => {
  const { ports, accepted } = createPorts({
    authenticate: async () => ({
      ok: true,
      signer: { actor: follow.actor, keyId: `${follow.actor}#main-key`, isUnplaced: true },
    }),
  });
  const { post } = await start(ports);
  const answer = await post('/inbox', follow);
  expect([answer.status, answer.headers['retry-after']]).toEqual([503, '300']);
  expect(accepted).toEqual([]);
});
