import type { IncomingMessage } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createAgent } from '../../src/activitypub/agent.ts';
import { createGetJson } from '../../src/activitypub/fetch.ts';
import { createSend } from '../../src/activitypub/send.ts';
import { createSchemeMemory, type Scheme } from '../../src/activitypub/signatures/scheme-memory.ts';
import { readSignature, verifySignature } from '../../src/activitypub/signatures/verify.ts';
import { makeKey } from './support/keys.ts';
import { type Peer, startPeer } from './support/peer.ts';

const key = makeKey('https://ap.example/u/1#main-key');
const agent = createAgent({ allowPrivate: true });

type Came = { readonly scheme: Scheme; readonly input: string; readonly valid: boolean };
type Said = { readonly status: number; readonly headers?: Record<string, string> } | 'reset';
let came: Came[] = [];
let say: (came: Came) => Said = () => ({ status: 200 });
let peer: Peer;
const learnt = new Map<string, Scheme>();

const look = (request: IncomingMessage, body: Uint8Array): Came => {
  const headers = Object.entries(request.headers).map(([name, value]) => [name, String(value)] as const);
  const raw = { method: request.method ?? '', target: request.url ?? '', headers, body };
  const read = readSignature(raw, { now: new Date(), hosts: [peer.host], origin: peer.origin });
  const input = String(request.headers['signature-input'] ?? '');
  return {
    scheme: input === '' ? 'cavage' : 'rfc9421',
    input,
    valid: read.ok && verifySignature(read.value, key.publicKey),
  };
};

beforeAll(async () => {
  peer = await startPeer(async (request, response) => {
    const one = look(request, await buffer(request));
    came.push(one);
    const said = say(one);
    if (said === 'reset') return void request.socket.resetAndDestroy();
    response.writeHead(said.status, { 'content-type': 'application/activity+json', ...said.headers });
    response.end('{"a":1}');
  });
});
beforeEach(() => {
  came = [];
  learnt.clear();
});
afterAll(async () => {
  await agent.destroy();
  await peer.close();
});

const deps = () => ({
  agent,
  allowPrivate: true,
  now: () => new Date(),
  schemes: createSchemeMemory({
    find: async (host) => learnt.get(host),
    remember: async (host, scheme) => void learnt.set(host, scheme),
  }),
});
const post = (by = createSend(deps())) => by({ inbox: `${peer.origin}/inbox?a=b`, body: '{}', key });
const get = (path: string, by = createGetJson({ ...deps(), sign: async () => key })) =>
  by(peer.origin + path);
const schemes = () => came.map(({ scheme }) => scheme);

const only =
  (wanted: Scheme, refusal = 401) =>
  ({ scheme }: Came): Said => ({ status: scheme === wanted ? 202 : refusal });

describe('a POST', () => {
  test.each([200, 403, 404, 500])('answered with %i is not made again', async (status) => {
    say = () => ({ status });
    expect(await post()).toMatchObject({ status });
    expect(schemes()).toEqual(['cavage']);
    expect(learnt.size).toBe(0);
  });

  test.each([400, 401])(
    'answered with %i is signed the new way, and the next one at once',
    async (status) => {
      say = only('rfc9421', status);
      const send = createSend(deps());
      expect(await post(send)).toMatchObject({ status: 202 });
      expect(schemes()).toEqual(['cavage', 'rfc9421']);
      expect(came.every(({ valid }) => valid)).toBe(true);
      expect(learnt.get(peer.host)).toBe('rfc9421');
      expect(await post(send)).toMatchObject({ status: 202 });
      expect(await post()).toMatchObject({ status: 202 });
      expect(schemes().slice(2)).toEqual(['rfc9421', 'rfc9421']);
    },
  );

  test('to a host that no longer takes the new way goes back to the old', async () => {
    learnt.set(peer.host, 'rfc9421');
    say = only('cavage');
    expect(await post()).toMatchObject({ status: 202 });
    expect(schemes()).toEqual(['rfc9421', 'cavage']);
    expect(learnt.get(peer.host)).toBe('cavage');
  });

  test.each<Said>([{ status: 401 }, { status: 403 }, { status: 410 }, { status: 500 }, 'reset'])(
    'that is refused: the first answer counts, whatever the second is (%j)',
    async (second) => {
      say = ({ scheme }) => (scheme === 'cavage' ? { status: 401 } : second);
      expect(await post()).toMatchObject({ kind: 'answered', status: 401 });
      expect(schemes()).toEqual(['cavage', 'rfc9421']);
      expect(learnt.size).toBe(0);
    },
  );
});

describe('a GET', () => {
  test('is signed with the query, without it, and the new way', async () => {
    say = only('rfc9421');
    expect(await get('/u?a=b')).toMatchObject({ ok: true });
    expect(schemes()).toEqual(['cavage', 'cavage', 'rfc9421']);
    expect(came.at(-1)?.valid).toBe(true);
    expect(learnt.get(peer.host)).toBe('rfc9421');
    expect(await get('/u')).toMatchObject({ ok: true });
    expect(schemes().slice(3)).toEqual(['rfc9421']);
  });

  test('that is refused in each way is refused', async () => {
    say = () => ({ status: 401 });
    expect(await get('/u')).toMatchObject({ ok: false, refusal: { reason: 'refused-by-host' } });
    expect(schemes()).toEqual(['cavage', 'rfc9421']);
  });

  test('learns that there is nothing once it is understood', async () => {
    say = ({ scheme }) => ({ status: scheme === 'cavage' ? 401 : 404 });
    expect(await get('/u')).toMatchObject({ ok: false, refusal: { reason: 'not-found' } });
    expect(learnt.size).toBe(0);
  });
});

describe('Accept-Signature', () => {
  const wish = 'want=("@method" "@authority");created;nonce="n1"';

  test('in a 401 is met in the next request', async () => {
    say = ({ input }) =>
      input.includes('nonce="n1"') ? { status: 202 } : { status: 401, headers: { 'accept-signature': wish } };
    expect(await post()).toMatchObject({ status: 202 });
    expect(came).toHaveLength(2);
    expect(came[1]?.input).toMatch(/^want=\("@method" "@target-uri" "content-digest" "@authority"\);/u);
    expect(came[1]?.valid).toBe(true);
  });

  test('is met once and no more', async () => {
    say = () => ({ status: 401, headers: { 'accept-signature': wish } });
    expect(await post()).toMatchObject({ status: 401 });
    expect(came).toHaveLength(2);
  });

  test('that comes with the second refusal is met too', async () => {
    say = ({ scheme, input }) => {
      if (input.includes('n1')) return { status: 200 };
      return { status: 401, headers: scheme === 'cavage' ? {} : { 'accept-signature': wish } };
    };
    expect(await get('/u')).toMatchObject({ ok: true });
    expect(came).toHaveLength(3);
  });

  test('that cannot be met, or stands in another answer, is passed over', async () => {
    say = ({ scheme }) => ({
      status: scheme === 'cavage' ? 401 : 202,
      headers: { 'accept-signature': 'a=();alg="ed25519"' },
    });
    await post();
    expect(came[1]?.input).toContain('sig1=');
    came = [];
    learnt.clear();
    say = ({ scheme }) => ({
      status: scheme === 'cavage' ? 400 : 202,
      headers: { 'accept-signature': wish },
    });
    await post();
    expect(came[1]?.input).toContain('sig1=');
  });
});
