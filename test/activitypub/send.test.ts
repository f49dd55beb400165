import type { IncomingMessage, ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createAgent } from '../../src/activitypub/agent.ts';
import { createSend, parseRetryAfter } from '../../src/activitypub/send.ts';
import { readSignature, verifySignature } from '../../src/activitypub/signatures/verify.ts';
import { makeKey } from './support/keys.ts';
import { type Peer, startPeer } from './support/peer.ts';

const key = makeKey('https://ap.example/u/1#main-key');
const agent = createAgent({ allowPrivate: true });
const deps = { agent, allowPrivate: true, now: () => new Date() };
const send = createSend(deps);
const hasty = createSend({ ...deps, deadlineMs: 100 });
const BODY = '{"type":"Create","content":"Grüße"}';

let reply: (request: IncomingMessage, response: ServerResponse) => void = () => undefined;
let received = '';
let peer: Peer;
beforeAll(async () => {
  peer = await startPeer((request, response) => {
    void text(request).then((body) => {
      received = body;
      reply(request, response);
    });
  });
});
afterAll(async () => {
  await agent.destroy();
  await peer.close();
});

const post = (path = '/inbox', by = send) => by({ inbox: `${peer.origin}${path}`, body: BODY, key });

describe('an activity', () => {
  test('arrives byte for byte with a signature that holds', async () => {
    reply = (_, response) => response.writeHead(202).end();
    expect(await post('/inbox?shared=1')).toEqual({
      kind: 'answered',
      status: 202,
      retryAfterSeconds: undefined,
    });
    const request = peer.requests.at(-1);
    expect(received).toBe(BODY);
    expect(request?.headers['content-type']).toBe('application/activity+json');
    const read = readSignature(
      {
        method: request?.method ?? '',
        target: request?.url ?? '',
        headers: Object.entries(request?.headers ?? {}).map(
          ([name, value]) => [name, String(value)] as const,
        ),
        body: Buffer.from(received),
      },
      { now: new Date(), hosts: [peer.host], origin: `http://${peer.host}` },
    );
    expect(read.ok && verifySignature(read.value, key.publicKey)).toBe(true);
  });

  test.each([200, 301, 400, 401, 410, 500])('is answered with %i, which is told', async (status) => {
    reply = (_, response) => response.writeHead(status, { location: '/elsewhere' }).end('why');
    const before = peer.requests.length;
    expect(await post()).toMatchObject({ kind: 'answered', status });
    // No redirect is followed; where the signature may not have been understood there is another knock.
    expect(peer.requests.length - before).toBe(status === 400 || status === 401 ? 2 : 1);
  });

  test('brings back when to come again', async () => {
    reply = (_, response) => response.writeHead(429, { 'retry-after': '120' }).end();
    expect(await post()).toMatchObject({ status: 429, retryAfterSeconds: 120 });
  });
});

describe('an answer counts once its status is there', () => {
  test('although its body never ends', async () => {
    reply = (_, response) => {
      response.writeHead(202);
      const timer = setInterval(() => response.write(Buffer.alloc(16_384)), 5);
      response.once('close', () => clearInterval(timer));
    };
    expect(await post()).toMatchObject({ kind: 'answered', status: 202 });
  });

  test('although its body is cut or stalls', async () => {
    reply = (request, response) => {
      response.writeHead(202, { 'content-length': '100' });
      response.write('half', () => request.socket.destroy());
    };
    expect(await post()).toMatchObject({ kind: 'answered', status: 202 });
    reply = (_, response) => {
      response.writeHead(202, { 'content-length': '100' });
      response.write('half');
    };
    // Where the head of the answer itself came too late, on a machine that is busy: once more.
    await expect.poll(() => post('/inbox', hasty)).toMatchObject({ kind: 'answered', status: 202 });
  });
});

describe('no answer', () => {
  test('within the time', async () => {
    reply = () => undefined;
    expect(await post('/inbox', hasty)).toMatchObject({ kind: 'no-answer', cause: 'timeout' });
  });

  test('but a cut connection', async () => {
    reply = (request) => request.socket.destroy();
    expect(await post()).toMatchObject({ kind: 'no-answer', cause: 'connection' });
  });

  test('from a host that does not exist, or where we never connect', async () => {
    const strict = createSend({
      agent: createAgent({ allowPrivate: false }),
      allowPrivate: false,
      now: () => new Date(),
    });
    const to = (inbox: string) => strict({ inbox, body: BODY, key });
    const before = peer.requests.length;
    expect(await to('https://nobody.invalid/inbox')).toMatchObject({ cause: 'no-such-host' });
    for (const inbox of [
      `${peer.origin}/inbox`,
      'https://127.0.0.1/inbox',
      'https://m.example:25/',
      'no URL',
    ])
      expect(await to(inbox)).toMatchObject({ kind: 'no-answer', cause: 'refused-address' });
    expect(peer.requests.length).toBe(before);
  });
});

test('parseRetryAfter takes seconds and dates', () => {
  const now = new Date('2026-11-21T10:00:00Z');
  const at = (header: unknown) => parseRetryAfter(header, now);
  expect(at('0')).toBe(0);
  expect(at(' 30 ')).toBe(30);
  expect(at('Sat, 21 Nov 2026 10:02:00 GMT')).toBe(120);
  expect(at('Sat, 21 Nov 2026 09:00:00 GMT')).toBe(0);
  expect(at('9999999999')).toBe(604_800);
  expect(at('Fri, 31 Dec 9999 23:59:59 GMT')).toBe(604_800);
  expect(['', '-1', '1.5', '1e3', 'soon', '99999999999', ['1'], undefined].map(at)).toEqual(
    Array(8).fill(undefined),
  );
});
