import { connect, type Socket } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { SERVER_FIGURES, type ServerFigures } from '../../src/activitypub/server.ts';
import { ACTIVITY_TYPE, BOB, createPorts, follow, startServer } from './server-fixture.ts';

const open: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of open.splice(0).toReversed()) await close();
});

type Caller = {
  readonly write: (text: string) => void;
  readonly end: () => void;
  /** Resolves once what came back holds the text. */
  readonly until: (text: string) => Promise<void>;
  /** The same, so many times. */
  readonly untilTimes: (text: string, times: number) => Promise<void>;
  /** All that came back, once the other end hung up. */
  readonly closed: Promise<string>;
};

const call = (port: number): Caller => {
  let text = '';
  const looks = new Set<() => void>();
  const socket: Socket = connect(port, '127.0.0.1');
  open.push(() => socket.destroy());
  socket.setEncoding('latin1').on('data', (chunk: string) => {
    text += chunk;
    for (const look of looks) look();
  });
  const closed = new Promise<string>((resolve) => {
    socket.on('error', () => undefined).on('close', () => resolve(text));
  });
  const untilTimes = (wanted: string, times: number): Promise<void> =>
    new Promise((resolve) => {
      const look = (): void => {
        if (text.split(wanted).length > times) resolve();
      };
      looks.add(look);
      look();
    });
  return {
    write: (bytes) => void socket.write(bytes),
    end: () => void socket.destroy(),
    until: (wanted) => untilTimes(wanted, 1),
    untilTimes,
    closed,
  };
};

const start = async (figures: Partial<ServerFigures>) => {
  const fakes = createPorts();
  const server = await startServer(fakes.ports, {}, { lookEveryMs: 20, closeMs: 50, ...figures });
  open.push(server.close);
  const { port } = server;
  if (port === undefined) throw new Error('no port');
  return { ...fakes, ...server, call: () => call(port) };
};

const BODY = JSON.stringify(follow);
const head = (address = '192.0.2.1', length = BODY.length): string =>
  [
    'POST /inbox HTTP/1.1',
    'Host: ap.example',
    `Content-Type: ${ACTIVITY_TYPE}`,
    `Signature: ${BOB}`,
    `X-Forwarded-For: ${address}`,
    `Content-Length: ${length}`,
    '',
    '',
  ].join('\r\n');
const LIVE = 'GET /livez HTTP/1.1\r\nHost: ap.example\r\n\r\n';

test('the figures', () => {
  expect(SERVER_FIGURES).toEqual({
    bodyBytes: 1_048_576,
    headersMs: 10_000,
    bodyMs: 15_000,
    keepAliveMs: 75_000,
    lookEveryMs: 2_000,
    connections: 1_000,
    requestsOfConnection: 8,
    heldBytes: 134_217_728,
    requestsPerTurn: 1,
    refusals: { perSecond: 800, burst: 100, longestMs: 2_000 },
    closeMs: 5_000,
  });
});

describe('who is slow is hung up on', () => {
  test.each([
    ['with nothing said', ''],
    ['in the first line', 'POST /inb'],
    ['in the headers', 'POST /inbox HTTP/1.1\r\nHost: ap.exam'],
  ])('%s', async (_, text) => {
    const { call, authentications } = await start({ headersMs: 60 });
    const caller = call();
    caller.write(text);
    expect(await caller.closed).toMatch(/^HTTP\/1\.1 408 Request Timeout\r\nConnection: close\r\n/u);
    expect(authentications()).toBe(0);
  });

  test('with headers that never end, however often one comes', async () => {
    const { call } = await start({ headersMs: 60 });
    const caller = call();
    caller.write('POST /inbox HTTP/1.1\r\n');
    const timer = setInterval(() => caller.write('X-A: b\r\n'), 5);
    expect(await caller.closed).toMatch(/^HTTP\/1\.1 408 /u);
    clearInterval(timer);
  });

  test('with headers that are too large: at once', async () => {
    const { call } = await start({});
    const caller = call();
    caller.write(`GET / HTTP/1.1\r\nHost: ap.example\r\nX-A: ${'b'.repeat(20_000)}\r\n\r\n`);
    expect(await caller.closed).toMatch(/^HTTP\/1\.1 431 /u);
  });

  test('with a body byte by byte: that is said, and nothing of it is looked at', async () => {
    const { call, authentications, answered } = await start({ bodyMs: 60 });
    const caller = call();
    caller.write(head());
    const timer = setInterval(() => caller.write('{'), 5);
    const answer = await caller.closed;
    clearInterval(timer);
    expect(answer).toMatch(/^HTTP\/1\.1 408 /u);
    expect(answer).toContain('Connection: close\r\n');
    expect(answer).toContain('\r\n\r\nThe body took too long.\n');
    expect([authentications(), answered]).toEqual([0, [408]]);
  });

  test('between two requests', async () => {
    const { call } = await start({ keepAliveMs: 60 });
    const caller = call();
    caller.write(LIVE);
    expect((await caller.closed).match(/HTTP\/1\.1 \d+/gu)).toEqual(['HTTP/1.1 200']);
  });
});

describe('connections', () => {
  test('above the most there may be are hung up on; when one is over, another is served', async () => {
    const { call } = await start({ connections: 3 });
    const callers = [call(), call(), call()];
    for (const caller of callers) caller.write(LIVE);
    for (const caller of callers) await caller.until('alive');
    const refused = call();
    refused.write(LIVE);
    expect(await refused.closed).toBe('');
    callers[0]?.end();
    await callers[0]?.closed;
    await expect
      .poll(async () => {
        const next = call();
        next.write(LIVE);
        const said = await Promise.race([next.until('alive').then(() => 'alive'), next.closed]);
        next.end();
        return said;
      })
      .toBe('alive');
  });
});

describe('bodies that wait for their end', () => {
  test('of one address fill an eighth of the room: its next one is told to come again', async () => {
    const { call, accepted } = await start({ heldBytes: 8 * 2 * BODY.length });
    const slow = call();
    slow.write(head('192.0.2.1', 2 * BODY.length) + BODY + BODY.slice(0, 10));
    await expect.poll(async () => (await postWhole(call, '192.0.2.1')).slice(0, 12)).toBe('HTTP/1.1 503');
    const answer = await postWhole(call, '192.0.2.1');
    expect(answer).toContain('\r\nRetry-After: 10\r\n');
    expect(answer).toContain('\r\nConnection: close\r\n');
    expect(answer).toContain('\r\n\r\nToo much is under way; please try again later.\n');
    const before = accepted.length;
    expect(await postWhole(call, '192.0.2.2')).toMatch(/^HTTP\/1\.1 202 /u);
    slow.end();
    await expect.poll(async () => (await postWhole(call, '192.0.2.1')).slice(0, 12)).toBe('HTTP/1.1 202');
    expect(accepted.length).toBe(before + 2);
  });

  test('of many addresses fill all of it', async () => {
    const { call } = await start({ heldBytes: 8 * BODY.length });
    const slow = Array.from({ length: 8 }, (_, index) => {
      const caller = call();
      caller.write(head(`192.0.2.${index}`, BODY.length) + BODY.slice(0, -1));
      return caller;
    });
    await expect.poll(async () => (await postWhole(call, '198.51.100.1')).slice(0, 12)).toBe('HTTP/1.1 503');
    for (const caller of slow) caller.end();
    await expect.poll(async () => (await postWhole(call, '198.51.100.1')).slice(0, 12)).toBe('HTTP/1.1 202');
  });
});

/** The whole answer to a whole request. */
const postWhole = async (callNow: () => Caller, address: string): Promise<string> => {
  const caller = callNow();
  caller.write(head(address).replace('Host:', 'Connection: close\r\nHost:') + BODY);
  return await caller.closed;
};

test('who sends on and on without waiting for an answer is hung up on, and others are served meanwhile', async () => {
  const { call } = await start({});
  const flood = call();
  flood.write(LIVE.repeat(5_000));
  expect((await flood.closed).match(/^HTTP/gmu)?.length ?? 0).toBeLessThanOrEqual(8);
  const other = call();
  other.write(LIVE.repeat(8));
  await other.untilTimes('200 OK', 8);
});

test('one connection serves one request after the other', async () => {
  const { call } = await start({});
  const client = call();
  for (let n = 1; n <= 50; n += 1) {
    client.write(LIVE.replace('\r\n\r\n', `\r\nX-N: ${n}\r\n\r\n`));
    await client.untilTimes('HTTP/1.1 200 OK', n);
  }
});

test('a refusal that would have to wait too long is not sent, and what is accepted is taken all the same', async () => {
  const { call } = await start({ refusals: { perSecond: 1, burst: 1, longestMs: 150 } });
  const bad = head().replace(/Signature: .*\r\n/u, '');
  const callers = Array.from({ length: 6 }, () => call());
  for (const caller of callers) caller.write(`${bad}${BODY}`);
  const answers = await Promise.all(
    callers.map((caller) => Promise.race([caller.closed, caller.until('401').then(() => '401')])),
  );
  expect(answers.filter((answer) => answer === '401').length).toBeGreaterThan(0);
  expect(answers.filter((answer) => answer === '').length).toBeGreaterThan(0);
  const good = call();
  good.write(`${head()}${BODY}`);
  await good.until('202 Accepted');
});

test('two Host headers are refused, read or written, whatever they say', async () => {
  const server = await start({});
  for (const [line, second] of [
    ['GET /u/alice1', 'ap.example'],
    ['POST /inbox', 'evil.example'],
  ] as const) {
    const { write, closed } = server.call();
    write(`${line} HTTP/1.1\r\nHost: ap.example\r\nhost: ${second}\r\nConnection: close\r\n\r\n`);
    expect(await closed).toMatch(/^HTTP\/1\.1 400 /u);
  }
  expect(server.authentications()).toBe(0);
});
