import { createServer, type Socket } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { createAgent } from '../../src/activitypub/agent.ts';
import { createGetJson, FETCH_LIMITS } from '../../src/activitypub/fetch.ts';
import { createSend } from '../../src/activitypub/send.ts';
import { makeKey } from './support/keys.ts';

/** A peer that writes bytes of its own choice: what no HTTP server would say. */
let origin: string;
let speak: (socket: Socket, turn: number) => void = () => undefined;
const heard: string[] = [];
const sockets = new Set<Socket>();
const server = createServer((socket) => {
  sockets.add(socket);
  let text = '';
  let turn = 0;
  socket.on('error', () => undefined).setEncoding('latin1');
  socket.on('data', (chunk: string) => {
    text += chunk;
    for (let end = text.indexOf('\r\n\r\n'); end >= 0; end = text.indexOf('\r\n\r\n')) {
      heard.push(text.slice(0, end));
      text = text.slice(end + 4);
      turn += 1;
      speak(socket, turn);
    }
  });
});
beforeAll(async () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  server.listen(0, '127.0.0.1', resolve);
  await promise;
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  origin = `http://127.0.0.1:${address.port}`;
});
afterEach(() => {
  heard.length = 0;
  for (const socket of sockets) socket.destroy();
  sockets.clear();
});
afterAll(async () => {
  await agent.destroy();
  server.close();
});

const agent = createAgent({ allowPrivate: true });
const key = makeKey('https://ap.example/actor#main-key');
const deps = { agent, allowPrivate: true, sign: async () => key, now: () => new Date() };
const getJson = createGetJson(deps);
const hasty = createGetJson({ ...deps, limits: { ...FETCH_LIMITS, deadlineMs: 150 } });
const send = createSend(deps);
const hastySend = createSend({ ...deps, deadlineMs: 150 });

const HEAD = 'HTTP/1.1 200 OK\r\nContent-Type: application/activity+json\r\n';
const CONTINUE = 'HTTP/1.1 100 Continue\r\n\r\n';

/** Writes again and again until the other end has enough. */
const pour = (socket: Socket, text: string, everyMs: number): void => {
  const timer = setInterval(() => socket.write(text), everyMs);
  socket.once('close', () => clearInterval(timer));
};

const inTime = async <T>(work: Promise<T>): Promise<T> => {
  const began = performance.now();
  const done = await work;
  expect(performance.now() - began).toBeLessThan(5_000);
  return done;
};
const UNREACHABLE = { ok: false, refusal: { reason: 'host-unreachable' } };
const post = (by = send) => by({ inbox: `${origin}/inbox`, body: '{}', key });

describe('an answer that does not end', () => {
  const ENDLESS: readonly (readonly [string, (socket: Socket) => void])[] = [
    ['is put off (100) and never comes', (socket) => void socket.write(CONTINUE)],
    ['is put off for ever', (socket) => pour(socket, CONTINUE, 5)],
    ['is processed (102) for ever', (socket) => pour(socket, 'HTTP/1.1 102 Processing\r\nX-A: b\r\n\r\n', 5)],
    ['stops in the status line', (socket) => void socket.write('HTTP/1.1 2')],
    [
      'has headers without an end, one at a time',
      (socket) => {
        socket.write(HEAD);
        pour(socket, 'X-Filler: 1\r\n', 5);
      },
    ],
    [
      'has a header without an end',
      (socket) => {
        socket.write(`${HEAD}X-Filler: `);
        pour(socket, 'a'.repeat(4_096), 1);
      },
    ],
  ];
  test.each(ENDLESS)('%s: is given up', async (_, answer) => {
    speak = answer;
    expect(await inTime(hasty(`${origin}/u`))).toMatchObject(UNREACHABLE);
    expect(await inTime(post(hastySend))).toMatchObject({ kind: 'no-answer' });
  });

  test('comes byte by byte: is given up, however often a byte comes', async () => {
    speak = (socket) => {
      socket.write(`${HEAD}Content-Length: 1000\r\n\r\n{`);
      pour(socket, ' ', 5);
    };
    expect(await inTime(hasty(`${origin}/u`))).toMatchObject(UNREACHABLE);
  });

  test('is spread over redirects: all of them have one time together', async () => {
    speak = (socket) => {
      const [, path = ''] = /^GET (\S+)/u.exec(heard.at(-1) ?? '') ?? [];
      const more = path.length < 4;
      setTimeout(() => {
        const head = more ? `HTTP/1.1 302 Found\r\nLocation: ${path}a\r\n` : HEAD;
        socket.write(`${head}Content-Length: 2\r\n\r\n{}`);
      }, 80);
    };
    expect(await getJson(`${origin}/a`)).toMatchObject({ ok: true });
    expect(await inTime(hasty(`${origin}/a`))).toMatchObject(UNREACHABLE);
  });

  test('has more than 16 KiB of headers: is cut long before the time is over', async () => {
    speak = (socket) =>
      void socket.write(`${HEAD}X-Filler: ${'a'.repeat(20_000)}\r\nContent-Length: 2\r\n\r\n{}`);
    expect(await inTime(getJson(`${origin}/u`))).toMatchObject(UNREACHABLE);
  });
});

describe('a length that is not true', () => {
  test('too long: what was cut off is no document', async () => {
    speak = (socket) => void socket.end(`${HEAD}Content-Length: 100\r\n\r\n{}`);
    expect(await inTime(getJson(`${origin}/u`))).toMatchObject(UNREACHABLE);
  });

  test('too long, and the connection stays open: is given up', async () => {
    speak = (socket) => void socket.write(`${HEAD}Content-Length: 100\r\n\r\n{}`);
    expect(await inTime(hasty(`${origin}/u`))).toMatchObject(UNREACHABLE);
  });

  test('too short: the rest is never taken for the answer to another question', async () => {
    const forged = `${HEAD}Content-Length: 14\r\n\r\n{"forged":true}`;
    speak = (socket, turn) =>
      void socket.write(
        turn === 1
          ? `${HEAD}Content-Length: 2\r\n\r\n{}${forged}`
          : `${HEAD}Content-Length: 12\r\n\r\n{"true":"1"}`,
      );
    for (let times = 0; times < 3; times += 1) {
      const fetched = await inTime(getJson(`${origin}/u${times}`));
      expect(JSON.stringify(fetched)).not.toContain('forged');
    }
  });

  test('told twice, or together with chunks: no document', async () => {
    for (const lengths of [
      'Content-Length: 2\r\nContent-Length: 20\r\n\r\n{}',
      'Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n',
      'Content-Length: -2\r\n\r\n{}',
      'Content-Length: 0x2\r\n\r\n{}',
    ]) {
      speak = (socket) => void socket.end(HEAD + lengths);
      expect([lengths, await inTime(getJson(`${origin}/u`))]).toMatchObject([lengths, UNREACHABLE]);
    }
  });

  test('chunks whose sizes are none', async () => {
    for (const chunks of ['zz\r\n{}\r\n0\r\n\r\n', '-2\r\n{}\r\n0\r\n\r\n', 'fffffffffffffffff\r\n{}']) {
      speak = (socket) => void socket.end(`${HEAD}Transfer-Encoding: chunked\r\n\r\n${chunks}`);
      expect([chunks, await inTime(getJson(`${origin}/u`))]).toMatchObject([chunks, UNREACHABLE]);
    }
  });
});

describe('what a URL carries', () => {
  const ODD = [
    '/a\r\nX-Evil: 1\r\n\r\nGET /evil',
    '/a%0d%0aX-Evil:%201%0d%0a%0d%0aGET%20/evil',
    '/a\nX-Evil: 1',
    '/a\0X-Evil: 1',
    '/a X-Evil: 1 HTTP/1.1',
    '/a\tb',
    '/a\\..\\X-Evil: 1',
    '/a?q=\r\nX-Evil: 1',
    '/a#\r\nX-Evil: 1',
    '/a\u2028X-Evil: 1\u0100\u010d\u010a',
  ];
  const expectOneRequest = (): void => {
    expect(heard).toHaveLength(1);
    const [line = '', ...headers] = heard[0]?.split('\r\n') ?? [];
    expect(line).toMatch(/^(?:GET|POST) \/[!-"$-~]* HTTP\/1\.1$/u);
    expect(headers.filter((header) => !/^[a-z-]+: [ -~]+$/iu.test(header))).toEqual([]);
    expect(headers.map((header) => header.split(':')[0]?.toLowerCase())).not.toContain('x-evil');
  };

  test.each(ODD)('%j becomes one request without a header of its own', async (path) => {
    speak = (socket) => void socket.end(`${HEAD}Content-Length: 2\r\n\r\n{}`);
    expect(await getJson(origin + path)).toMatchObject({ ok: true });
    expectOneRequest();
    heard.length = 0;
    expect(await send({ inbox: origin + path, body: '{}', key })).toMatchObject({ status: 200 });
    // The body is of two bytes; it is not heard.
    expectOneRequest();
  });

  test.each(['a:b@', 'a@', ':b@', '%0d%0a@'])('%j before the host: nobody is asked', async (userinfo) => {
    const url = origin.replace('//', `//${userinfo}`);
    expect(await getJson(`${url}/u`)).toMatchObject({ ok: false, refusal: { reason: 'policy' } });
    expect(await send({ inbox: `${url}/u`, body: '{}', key })).toMatchObject({ cause: 'refused-address' });
    expect(heard).toEqual([]);
  });

  test('a redirect carries no more than that either', async () => {
    speak = (socket) =>
      void socket.write(
        heard.length === 1
          ? 'HTTP/1.1 302 Found\r\nLocation: /b%0d%0aX-Evil:%201\\c#d\r\nContent-Length: 0\r\n\r\n'
          : `${HEAD}Content-Length: 2\r\n\r\n{}`,
      );
    expect(await getJson(`${origin}/u`)).toMatchObject({ ok: true });
    heard.shift();
    expectOneRequest();
  });
});
