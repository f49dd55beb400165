import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { createAgent } from '../../src/activitypub/agent.ts';
import { createGetPicture, PICTURE_LIMITS } from '../../src/activitypub/fetch-picture.ts';
import { type Peer, startPeer } from './support/peer.ts';

type Answer = {
  readonly status?: number;
  readonly headers?: Record<string, string>;
  readonly body?: Buffer | string;
};
const PNG = { 'content-type': 'image/png' };

const agent = createAgent({ allowPrivate: true });
const answers = new Map<string, Answer>();
let peer: Peer;

beforeAll(async () => {
  peer = await startPeer((request, response) => {
    const { status = 200, headers = PNG, body = 'bytes' } = answers.get(request.url ?? '') ?? { status: 404 };
    response.writeHead(status, headers).end(body);
  });
});
beforeEach(() => answers.clear());
afterAll(async () => {
  await agent.destroy();
  await peer.close();
});

const limits = { ...PICTURE_LIMITS, maxBytes: 1_000 };
const get = createGetPicture({ agent, allowPrivate: true, limits });
const reasonOf = async (answer: Answer): Promise<string> => {
  answers.set('/p', answer);
  const outcome = await get(`${peer.origin}/p`);
  return outcome.ok ? 'ok' : outcome.refusal.reason;
};

test('a picture comes as its bytes, asked for unsigned and without cookies or referrer', async () => {
  answers.set('/p?size=1', { body: Buffer.from([1, 2, 255]) });
  const outcome = await get(`${peer.origin}/p?size=1`);
  expect(outcome.ok && [...outcome.value]).toEqual([1, 2, 255]);
  const { headers } = peer.requests.at(-1) ?? {};
  expect(Object.keys(headers ?? {}).toSorted()).toEqual(['accept', 'connection', 'host', 'user-agent']);
});

test.each([201, 203, 204, 206, 300, 304, 401, 404, 410, 500])(
  'what comes with %d is none, whatever it says it is',
  async (status) => {
    expect(await reasonOf({ status })).not.toBe('ok');
  },
);

test.each([
  'text/html',
  'application/octet-stream',
  'application/activity+json',
  'imagery/png',
  'text/html; x=image/png',
  '',
])('what says that it is %j is not read', async (type) => {
  expect(await reasonOf({ headers: { 'content-type': type } })).toBe('host-not-found');
});

test('what is too large, also after it was unpacked, is left', async () => {
  expect(await reasonOf({ body: 'x'.repeat(1_000) })).toBe('ok');
  expect(await reasonOf({ body: 'x'.repeat(1_001) })).toBe('host-unreachable');
  const packed = gzipSync('x'.repeat(100_000));
  expect(packed.length).toBeLessThan(1_000);
  expect(await reasonOf({ headers: { ...PNG, 'content-encoding': 'gzip' }, body: packed })).not.toBe('ok');
});

test('a redirect is followed to the same server, three times, and never into a private network', async () => {
  for (const [from, to] of [
    ['/1', '/2'],
    ['/2', '/3'],
    ['/3', '/4'],
  ])
    answers.set(from ?? '', { status: 302, headers: { location: to ?? '' } });
  answers.set('/4', {});
  expect(await get(`${peer.origin}/1`)).toMatchObject({ ok: true });
  answers.set('/0', { status: 302, headers: { location: '/1' } });
  expect(await get(`${peer.origin}/0`)).toMatchObject({ ok: false });

  const asked = peer.requests.length;
  const guarded = createGetPicture({
    agent: createAgent({ allowPrivate: false }),
    allowPrivate: false,
    limits,
  });
  for (const url of [`${peer.origin}/4`, 'https://127.0.0.1/p', 'https://[::1]/p', 'https://10.1.2.3/p'])
    expect([url, await guarded(url)]).toMatchObject([url, { ok: false, refusal: { reason: 'policy' } }]);
  expect(peer.requests.length).toBe(asked);
});

test('a picture of ours, or of whom the administrator refuses, is not asked for', async () => {
  answers.set('/p', {});
  const { host } = new URL(peer.origin);
  const asked = peer.requests.length;
  for (const rules of [{ ownHost: host }, { refusesHost: async (each: string) => each === host }]) {
    const guarded = createGetPicture({ agent, allowPrivate: true, limits, ...rules });
    expect(await guarded(`${peer.origin}/p`)).toMatchObject({ ok: false, refusal: { reason: 'policy' } });
  }
  expect(peer.requests.length).toBe(asked);
});
