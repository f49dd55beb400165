import type { IncomingMessage, ServerResponse } from 'node:http';
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createAgent } from '../../src/activitypub/agent.ts';
import { createGetJson, FETCH_LIMITS } from '../../src/activitypub/fetch.ts';
import { ACCEPT_ACTIVITY } from '../../src/activitypub/media-type.ts';
import { readSignature, verifySignature } from '../../src/activitypub/signatures/verify.ts';
import { makeKey } from './support/keys.ts';
import { type Peer, startPeer } from './support/peer.ts';

const TYPE = 'application/activity+json';
const key = makeKey('https://ap.example/actor#main-key');
const agent = createAgent({ allowPrivate: true });

type Route = (request: IncomingMessage, response: ServerResponse) => void;
const routes = new Map<string, Route>();
let peer: Peer;

beforeAll(async () => {
  peer = await startPeer((request, response) => {
    const route = routes.get((request.url ?? '').split('?')[0] ?? '');
    if (route === undefined) response.writeHead(404).end();
    else route(request, response);
  });
});
beforeEach(() => routes.clear());
afterAll(async () => {
  await agent.destroy();
  await peer.close();
});

const deps = { agent, allowPrivate: true, sign: async () => key, now: () => new Date() };
const getJson = createGetJson(deps);
const hasty = createGetJson({ ...deps, limits: { ...FETCH_LIMITS, deadlineMs: 100 } });

const answer = (path: string, body: string | Buffer, headers: Record<string, string> = {}): void => {
  routes.set(path, (_, response) => response.writeHead(200, { 'content-type': TYPE, ...headers }).end(body));
};
const redirect = (path: string, location: string, status = 302): void => {
  routes.set(path, (_, response) => response.writeHead(status, { location }).end());
};
const reasonOf = async (path: string, get = getJson): Promise<string> => {
  const outcome = await get(peer.origin + path);
  return outcome.ok ? 'ok' : outcome.refusal.reason;
};

describe('a document', () => {
  test('comes as JSON, with where it came from', async () => {
    answer('/u', '{"id":1}');
    expect(await getJson(`${peer.origin}/u#main-key`)).toEqual({
      ok: true,
      value: { url: `${peer.origin}/u`, json: { id: 1 } },
    });
  });

  test('was asked for with a signature that holds and no fragment', async () => {
    answer('/u', '{}');
    await getJson(`${peer.origin}/u?page=1#x`);
    const request = peer.requests.at(-1);
    expect(request?.url).toBe('/u?page=1');
    expect(request?.headers.accept).toBe(ACCEPT_ACTIVITY);
    const raw = {
      method: 'GET',
      target: request?.url ?? '',
      headers: Object.entries(request?.headers ?? {}).map(([name, value]) => [name, String(value)] as const),
      body: Buffer.alloc(0),
    };
    const read = readSignature(raw, { now: new Date(), hosts: [peer.host], origin: `http://${peer.host}` });
    expect(read.ok && verifySignature(read.value, key.publicKey)).toBe(true);
  });

  test('is asked for once more without the query in the signed target after a 401', async () => {
    routes.set('/u', (request, response) => {
      const read = readSignature(
        {
          method: 'GET',
          target: '/u',
          headers: Object.entries(request.headers).map(([name, value]) => [name, String(value)] as const),
          body: Buffer.alloc(0),
        },
        { now: new Date(), hosts: [peer.host], origin: `http://${peer.host}` },
      );
      const valid = read.ok && verifySignature(read.value, key.publicKey);
      response.writeHead(valid ? 200 : 401, { 'content-type': TYPE }).end('{"a":1}');
    });
    const before = peer.requests.length;
    expect(await getJson(`${peer.origin}/u?x=1`)).toMatchObject({ ok: true, value: { json: { a: 1 } } });
    expect(peer.requests.length - before).toBe(2);
  });

  test('may be compressed', async () => {
    answer('/gzip', gzipSync('{"a":1}'), { 'content-encoding': 'gzip' });
    answer('/br', brotliCompressSync('{"a":1}'), { 'content-encoding': 'br' });
    answer('/deflate', deflateSync('{"a":1}'), { 'content-encoding': 'deflate' });
    expect(await Promise.all(['/gzip', '/br', '/deflate'].map((path) => reasonOf(path)))).toEqual([
      'ok',
      'ok',
      'ok',
    ]);
  });

  test('of WebFinger is asked for unsigned and may be plain JSON', async () => {
    answer('/jrd', '{}', { 'content-type': 'application/json' });
    const accept = 'application/jrd+json';
    expect((await getJson(`${peer.origin}/jrd`, accept)).ok).toBe(true);
    expect(peer.requests.at(-1)?.headers).not.toHaveProperty('signature');
    expect(peer.requests.at(-1)?.headers.accept).toBe(accept);
    expect(await reasonOf('/jrd')).toBe('host-not-found');
  });
});

describe('a status', () => {
  test.each([
    [404, 'not-found'],
    [410, 'gone'],
    [401, 'refused-by-host'],
    [403, 'refused-by-host'],
    [429, 'host-unreachable'],
    [500, 'host-unreachable'],
    [304, 'host-unreachable'],
  ])('%i is %s', async (status, reason) => {
    routes.set('/s', (_, response) => response.writeHead(status, { 'content-type': TYPE }).end('{}'));
    expect(await getJson(`${peer.origin}/s`)).toEqual({ ok: false, refusal: { reason, host: peer.host } });
  });
});

describe('what is refused', () => {
  test.each([
    ['HTML', 'text/html', '{}'],
    ['an uploaded file', 'text/plain', '{"type":"Person"}'],
    ['JSON-LD without the profile', 'application/ld+json', '{}'],
    ['what is no JSON', TYPE, '<html>'],
    ['JSON that is too deep', TYPE, '['.repeat(100) + ']'.repeat(100)],
  ])('%s', async (_, type, body) => {
    answer('/x', body, { 'content-type': type });
    expect(await reasonOf('/x')).toBe('host-not-found');
  });

  test('more than 1 MiB, told or not, packed or not', async () => {
    const large = `"${'a'.repeat(1_048_576)}"`;
    answer('/told', large, { 'content-length': String(large.length) });
    routes.set('/chunked', (_, response) => {
      response.writeHead(200, { 'content-type': TYPE });
      response.write(large.slice(0, 600_000));
      response.end(large.slice(600_000));
    });
    answer('/gzip', gzipSync(Buffer.alloc(5_000_000, 0x20)), { 'content-encoding': 'gzip' });
    answer('/br', brotliCompressSync(Buffer.alloc(5_000_000, 0x20)), { 'content-encoding': 'br' });
    for (const path of ['/told', '/chunked', '/gzip', '/br'])
      expect([path, await reasonOf(path)]).toEqual([path, 'host-unreachable']);
    answer('/fits', large.slice(0, 1_048_575).concat('"'));
    expect(await reasonOf('/fits')).toBe('ok');
  });

  test('broken compression and codings that nobody asked for', async () => {
    answer('/broken', 'no gzip', { 'content-encoding': 'gzip' });
    answer('/odd', '{}', { 'content-encoding': 'zstd' });
    answer('/twice', gzipSync(gzipSync('{}')), { 'content-encoding': 'gzip, gzip' });
    for (const path of ['/broken', '/odd', '/twice']) expect(await reasonOf(path)).toBe('host-unreachable');
  });
});

describe('whom it is refused to wait for, or to visit', () => {
  test('a host that is slow: before the headers, or byte by byte', async () => {
    routes.set('/silent', () => undefined);
    routes.set('/drip', (_, response) => {
      response.writeHead(200, { 'content-type': TYPE });
      const timer = setInterval(() => response.write(' '), 20);
      response.once('close', () => clearInterval(timer));
    });
    const started = performance.now();
    expect(await Promise.all(['/silent', '/drip'].map((path) => reasonOf(path, hasty)))).toEqual(
      Array(2).fill('host-unreachable'),
    );
    // Less than all others are waited for.
    expect(performance.now() - started).toBeLessThan(FETCH_LIMITS.deadlineMs);
  });

  test('addresses and URLs that are out of bounds, without a connection', async () => {
    const strict = createGetJson({
      agent: createAgent({ allowPrivate: false }),
      allowPrivate: false,
      now: () => new Date(),
    });
    const before = peer.requests.length;
    for (const url of [
      `${peer.origin}/u`,
      'https://127.0.0.1/',
      'https://m.example:22/',
      'acct:a@m.example',
      '',
    ])
      expect(await strict(url)).toMatchObject({ refusal: { reason: 'policy' } });
    expect(await strict('https://nobody.invalid/')).toEqual({
      ok: false,
      refusal: { reason: 'host-not-found', host: 'nobody.invalid' },
    });
    expect(peer.requests.length).toBe(before);
  });

  test('a connection that is refused or cut', async () => {
    routes.set('/cut', (request) => request.socket.destroy());
    expect(await reasonOf('/cut')).toBe('host-unreachable');
    const gone = await startPeer(() => undefined);
    await gone.close();
    expect(await getJson(`${gone.origin}/`)).toMatchObject({ refusal: { reason: 'host-unreachable' } });
  });
});

test('whom the administrator refuses is not asked, whoever leads there, and neither are we ourselves', async () => {
  const { host, port } = new URL(peer.origin);
  const [refusing, own] = [{ refusesHost: async (each: string) => each === host }, { ownHost: host }];
  answer('/u', '{}');
  redirect('/away', `${peer.origin}/u`);
  for (const rules of [refusing, own]) {
    const get = createGetJson({ ...deps, ...rules });
    const before = peer.requests.length;
    expect(await reasonOf('/u', get)).toBe('policy');
    expect(peer.requests.length).toBe(before);
    const led = await get(`http://localhost:${port}/away`);
    expect(led).toMatchObject({ ok: false, refusal: { reason: 'policy' } });
    expect(peer.requests.length).toBe(before + 1);
  }
  const broken = createGetJson({ ...deps, refusesHost: () => Promise.reject(new Error('database away')) });
  await expect(broken(`${peer.origin}/u`)).rejects.toThrow('database away');
  const brokenLater = async (each: string) => {
    if (each === host) throw new Error('database away');
    return false;
  };
  const get = createGetJson({ ...deps, refusesHost: brokenLater });
  await expect(get(`http://localhost:${port}/away`)).rejects.toThrow('database away');
});

test('a key of ours that cannot be had is our own trouble', async () => {
  const broken = createGetJson({ ...deps, sign: () => Promise.reject(new Error('database away')) });
  await expect(broken(`${peer.origin}/u`)).rejects.toThrow('database away');
});

describe('redirects', () => {
  test.each([301, 302, 303, 307, 308])('%i is followed, signed anew for where it leads', async (status) => {
    redirect('/a', '/b', status);
    answer('/b', '{}');
    expect(await getJson(`${peer.origin}/a`)).toMatchObject({ value: { url: `${peer.origin}/b` } });
    const [first, second] = peer.requests.slice(-2).map(({ headers }) => headers['signature']);
    expect(first).not.toBe(second);
  });

  test('three hops, not four; a loop ends', async () => {
    redirect('/1', '/2');
    redirect('/2', '/3');
    redirect('/3', '/4');
    answer('/4', '{}');
    expect(await reasonOf('/1')).toBe('ok');
    redirect('/0', '/1');
    expect(await reasonOf('/0')).toBe('host-unreachable');
    redirect('/loop', '/loop');
    const before = peer.requests.length;
    expect(await reasonOf('/loop')).toBe('host-unreachable');
    expect(peer.requests.length - before).toBe(4);
  });

  test('each place is checked again', async () => {
    redirect('/meta', 'http://169.254.169.254/latest/meta-data/');
    redirect('/file', 'file:///etc/passwd');
    for (const path of ['/meta', '/file']) expect(await reasonOf(path)).toBe('policy');
    redirect('/redis', 'http://127.0.0.1:6379/');
    redirect('/other-port', 'http://127.0.0.1:8443/');
    for (const path of ['/redis', '/other-port']) expect(await reasonOf(path)).toBe('host-unreachable');
    routes.set('/nowhere', (_, response) => response.writeHead(302).end());
    redirect('/broken', 'http://[');
    for (const path of ['/nowhere', '/broken']) expect(await reasonOf(path)).toBe('host-unreachable');
  });
});
