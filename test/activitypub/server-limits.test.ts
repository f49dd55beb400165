import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { SETTINGS } from '../../src/config-keys.ts';
import { createPorts, follow, startServer } from './server-fixture.ts';

let close: (() => Promise<void>) | undefined;
// The clock of the limits stands: what they let through does not depend on how fast this machine is.
beforeEach(() => void vi.useFakeTimers({ toFake: ['performance'] }));
afterEach(async () => {
  await close?.();
  vi.useRealTimers();
});

/** By the same clock a refusal would never have waited long enough. */
const AT_ONCE = { refusals: { perSecond: 1e6, burst: 1e6, longestMs: 1 } };

const start = async (inboxPerMinute = 5, fakes = createPorts()) => {
  const server = await startServer(fakes.ports, { inboxPerMinute }, AT_ONCE);
  close = server.close;
  /** A Follow by an actor of that URL, through the proxy from that address: the status and when to come again. */
  const postAs = async (actor: string, address: string, headers: Readonly<Record<string, string>> = {}) => {
    const activity = { ...follow, actor, id: `${actor}/follows/1` };
    const from = { 'X-Forwarded-For': address, Signature: actor, ...headers };
    const { status, headers: told } = await server.post('/inbox', activity, from);
    const { 'retry-after': retryAfter, connection } = told;
    return { status, retryAfter, connection };
  };
  return { ...server, ...fakes, postAs };
};

const actorOf = (name: string | number, host = 'remote.example'): string => `https://${host}/users/${name}`;
const TAKEN = { status: 202, retryAfter: undefined };

describe('an inbox', () => {
  test('takes from an actor a fifth of what it takes from a host, wherever it comes from', async () => {
    const { postAs, accepted } = await start(10);
    for (const address of ['192.0.2.1', '192.0.2.2'])
      expect(await postAs(actorOf('bob'), address)).toMatchObject(TAKEN);
    // Two a minute: the next one in half of it.
    expect(await postAs(actorOf('bob'), '192.0.2.3')).toMatchObject({ status: 429, retryAfter: '30' });
    expect(await postAs(actorOf('carol'), '192.0.2.3')).toMatchObject(TAKEN);
    expect(accepted).toHaveLength(3);
  });

  test('counts the actors of a host together, from however many addresses they come', async () => {
    const { postAs, accepted } = await start(10);
    for (let index = 0; index < 10; index += 1)
      expect(await postAs(actorOf(index % 6), `192.0.2.${index}`)).toMatchObject(TAKEN);
    // The second by its actor, the first from its address: it is the host that sends too much.
    expect(await postAs(actorOf(5), '192.0.2.10')).toMatchObject({ status: 429, retryAfter: '6' });
    expect(await postAs(actorOf('new'), '192.0.2.11')).toMatchObject({ status: 429, retryAfter: '6' });
    expect(await postAs(actorOf(5, 'other.example'), '192.0.2.10')).toMatchObject(TAKEN);
    expect(accepted).toHaveLength(11);
  });

  test('counts a client behind the proxy, and stops it before its signature is looked at', async () => {
    const { postAs, authentications } = await start(2);
    const knock = (address: string) => postAs(actorOf('bob'), address, { Signature: 'bad' });
    for (const _ of [1, 2]) expect(await knock('192.0.2.1')).toMatchObject({ status: 401 });
    expect(await knock('192.0.2.1')).toMatchObject({ status: 429, retryAfter: '30' });
    expect(await knock('192.0.2.2')).toMatchObject({ status: 401 });
    expect(authentications()).toBe(3);
  });

  test('counts all addresses of one IPv6 customer together', async () => {
    const { postAs } = await start(2);
    const knock = (address: string) => postAs(actorOf('bob'), address, { Signature: 'bad' });
    for (const address of ['2001:db8:1:2::1', '2001:db8:1:2:ffff::2'])
      expect(await knock(address)).toMatchObject({ status: 401 });
    expect(await knock('2001:db8:1:2:1:2:3:4')).toMatchObject({ status: 429, retryAfter: '30' });
    expect(await knock('2001:db8:1:3::1')).toMatchObject({ status: 401 });
  });

  test('lets nobody spend the share of a host without its signature', async () => {
    const { postAs } = await start(5);
    for (let index = 0; index < 20; index += 1)
      await postAs(actorOf('bob'), `192.0.2.${index}`, { Signature: 'bad' });
    expect(await postAs(actorOf('bob'), '198.51.100.1')).toMatchObject(TAKEN);
  });

  test('stops a flood of one actor as it is set by default', async () => {
    const perMinute = SETTINGS.inboxPerMinute.fallback;
    expect(perMinute).toBe(3000);
    const { postAs, accepted } = await start(perMinute);
    const answers: Awaited<ReturnType<typeof postAs>>[] = [];
    const pour = async (): Promise<void> => {
      for (let times = 0; times < 40; times += 1)
        answers.push(await postAs(actorOf('bob'), `192.0.2.${times}`));
    };
    await Promise.all(Array.from({ length: 20 }, pour));
    const stopped = () =>
      answers.filter(({ status, retryAfter }) => status === 429 && retryAfter === '1').length;
    expect([accepted.length, stopped()]).toEqual([600, 200]);
    vi.advanceTimersByTime(500);
    await pour();
    expect([accepted.length, stopped()]).toEqual([605, 235]);
  });
});

test('reads are limited by address, apart from posts; whoever watches the process never is', async () => {
  const { ask, post } = await start();
  const statuses: number[] = [];
  for (let index = 0; index < 7; index += 1) statuses.push((await ask('/u/alice1/outbox')).status);
  expect(statuses).toEqual([200, 200, 200, 200, 200, 429, 429]);
  const refused = await ask('/.well-known/webfinger?resource=acct:alice@ap.example');
  expect([refused.status, refused.headers['retry-after']]).toEqual([429, '12']);
  expect((await ask('/livez')).status).toBe(200);
  expect((await ask('/readyz')).status).toBe(200);
  expect((await post('/inbox', follow)).status).toBe(202);
});

test('a signer whose handle is not confirmed is told to come again, and nothing of it is stored', async () => {
  const fakes = createPorts({
    authenticate: async () => ({
      ok: true,
      signer: { actor: follow.actor, keyId: `${follow.actor}#main-key`, isUnplaced: true },
    }),
  });
  const { post, accepted } = await start(5, fakes);
  const answer = await post('/inbox', follow);
  expect([answer.status, answer.headers['retry-after']]).toEqual([503, '300']);
  expect(accepted).toEqual([]);
});
