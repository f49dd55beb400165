import { createServer, type IncomingMessage } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { claimsSignature, collectBody, headerOf, toRawRequest } from '../../src/activitypub/raw-request.ts';

const server = createServer();
let socket: Socket;
let request: IncomingMessage;

/** Sends the head of a POST and hands over the request, its body still to come. */
const begin = async (headers: readonly string[]): Promise<void> => {
  const arrived = new Promise<IncomingMessage>((resolve) => server.once('request', resolve));
  socket.write(`${['POST /in%62ox?a=%zz HTTP/1.1', 'Host: ap.example', ...headers].join('\r\n')}\r\n\r\n`);
  request = await arrived;
};

beforeEach(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address: AddressInfo | string | null = server.address();
  if (typeof address !== 'object' || address === null) throw new Error('not listening');
  socket = connect(address.port, '127.0.0.1').on('error', () => undefined);
});

afterEach(async () => {
  socket.destroy();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

const LIMITS = { maxBytes: 8, deadlineMs: 5_000 };

test('the bytes are what came, in whatever pieces', async () => {
  await begin(['Content-Length: 6']);
  const read = collectBody(request, LIMITS);
  socket.write('a\r\n');
  socket.write(Buffer.from([0xff, 0, 98]));
  expect(await read).toEqual({ kind: 'whole', body: Buffer.from([97, 13, 10, 0xff, 0, 98]) });
});

test('no body is an empty one', async () => {
  await begin([]);
  expect(await collectBody(request, LIMITS)).toEqual({ kind: 'whole', body: Buffer.alloc(0) });
});

test('too large: said only once the rest is drained, so that the answer is not lost', async () => {
  await begin(['Content-Length: 20']);
  const read = collectBody(request, LIMITS);
  socket.write('0123456789');
  socket.write('0123456789');
  expect(await read).toEqual({ kind: 'too-large' });
  expect(request.complete).toBe(true);
});

test('far too large: said at once', async () => {
  await begin(['Content-Length: 33']);
  expect(await collectBody(request, LIMITS)).toEqual({ kind: 'too-large' });
});

test('endless: cut at the four-fold', async () => {
  await begin(['Transfer-Encoding: chunked']);
  const read = collectBody(request, LIMITS);
  socket.write(`21\r\n${'a'.repeat(33)}\r\n`);
  expect(await read).toEqual({ kind: 'too-large' });
  expect(request.complete).toBe(false);
});

test('too slow', async () => {
  await begin(['Content-Length: 8']);
  const read = collectBody(request, { ...LIMITS, deadlineMs: 20 });
  socket.write('a');
  expect(await read).toEqual({ kind: 'too-slow' });
});

test('the peer goes away', async () => {
  await begin(['Content-Length: 8']);
  const read = collectBody(request, LIMITS);
  socket.destroy();
  expect(await read).toEqual({ kind: 'broken' });
});

test('target and header order stay as they came, repeats too', async () => {
  await begin(['X-Two: b', 'DATE: now', 'x-two: a']);
  const raw = toRawRequest(request, { target: request.url ?? '', body: new Uint8Array([1]) });
  expect(raw).toEqual({
    method: 'POST',
    target: '/in%62ox?a=%zz',
    headers: [
      ['host', 'ap.example'],
      ['x-two', 'b'],
      ['date', 'now'],
      ['x-two', 'a'],
    ],
    body: new Uint8Array([1]),
  });
  expect(headerOf(raw, 'x-two')).toBe('b');
  expect(headerOf(raw, 'absent')).toBeUndefined();
});

test.each([
  [['Signature: x'], true],
  [['Signature-Input: sig1=()'], true],
  [['Authorization: Signature keyId="x"'], true],
  [['Authorization: Bearer x'], false],
  [[], false],
])('%j claims a signature: %s', async (headers, claims) => {
  await begin(headers);
  const raw = toRawRequest(request, { target: '/', body: new Uint8Array() });
  expect(claimsSignature(raw)).toBe(claims);
});

test('a body for which there is no room is not kept, however small', async () => {
  await begin(['Content-Length: 6']);
  const asked: number[] = [];
  const read = collectBody(request, LIMITS, (bytes) => {
    asked.push(bytes);
    return false;
  });
  socket.write('abcdef');
  expect(await read).toEqual({ kind: 'crowded' });
  expect(asked).toEqual([6]);
});
