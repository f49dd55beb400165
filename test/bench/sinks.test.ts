import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { openRawConnection } from '../../bench/raw-http.ts';
import { startHttpSink } from '../../bench/sinks/http-sink.ts';
import { createTally } from '../../bench/sinks/tally.ts';
import { startXmppSink } from '../../bench/sinks/xmpp-sink.ts';
import { createUndoStack } from '../support/undo.ts';

const undo = createUndoStack();
afterEach(() => undo.run());

const request = (body: string): Buffer =>
  Buffer.from(`POST /inbox HTTP/1.1\r\nHost: peer.test\r\nContent-Length: ${body.length}\r\n\r\n${body}`);

const openSink = async () => {
  let posts = 0;
  const sink = await startHttpSink(1, () => {
    posts += 1;
  });
  undo.add(sink.close);
  return { port: Number(new URL(sink.origins[0] ?? '').port), posts: () => posts };
};

const openSocket = async (
  port: number,
): Promise<{ socket: Socket; until: (text: string) => Promise<string> }> => {
  const socket = connect({ port, host: '127.0.0.1' });
  undo.add(() => socket.destroy());
  await once(socket, 'connect');
  let received = '';
  socket.setEncoding('utf8').on('data', (text: string) => {
    received += text;
  });
  return {
    socket,
    until: async (text) => {
      while (!received.includes(text)) await once(socket, 'data');
      return received;
    },
  };
};

test('each POST is taken and answered, one after the other on one connection', async () => {
  const { port, posts } = await openSink();
  const connection = await openRawConnection(port);
  undo.add(connection.close);
  for (const body of ['', 'a', 'b'.repeat(200_000)]) await connection.post(request(body));
  expect(posts()).toBe(3);
});

test('a body that comes in pieces, with the next request behind it, is counted once', async () => {
  const { port, posts } = await openSink();
  const { socket, until } = await openSocket(port);
  const both = Buffer.concat([request('0123456789'), request('xyz')]);
  const cut = both.indexOf('56789');
  socket.write(both.subarray(0, cut));
  socket.write(both.subarray(cut));
  await until('\r\n\r\nHTTP/1.1 202 ');
  expect(posts()).toBe(2);
});

test('the load notices an answer that is not 202', async () => {
  const { createServer } = await import('node:http');
  const server = createServer((_request, response) => response.writeHead(401).end());
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  undo.add(() => server.close());
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  const connection = await openRawConnection(address.port);
  undo.add(connection.close);
  await expect(connection.post(request('x'))).rejects.toThrow('401');
});

test('a tally tells the seconds from the first to the last', async () => {
  let now = 0;
  const tally = createTally(() => now);
  const waited = tally.waitFor(3);
  for (now of [1_000, 1_500, 3_000]) tally.add();
  await expect(waited).resolves.toBe(2);
  const again = tally.waitFor(2);
  for (now of [5_000, 5_250]) tally.add();
  await expect(again).resolves.toBe(0.25);
});

test('the XMPP end shakes hands, hands over messages and sends every iq back to its sender', async () => {
  const messages: string[] = [];
  const sink = await startXmppSink((xml) => messages.push(xml));
  undo.add(sink.close);
  const { socket, until } = await openSocket(sink.port);
  socket.write("<stream:stream xmlns='jabber:component:accept' to='ap.test'>");
  await until("id='s1'");
  socket.write('<handshake>00</handshake>');
  await until('<handshake/>');
  // Cut in the middle of a tag.
  socket.write('<message id="1"><body>a</body></mess');
  socket.write('age><message id="2"/><message id="3"></message>');
  socket.write('<iq type="get" id="rt-1" from="ap.test" to="ap.test"><ping/></iq>');
  const answer = await until("id='rt-1'");
  expect(answer).toContain("<iq type='result' id='rt-1' from='ap.test' to='ap.test'/>");
  expect(messages[0]).toBe('<message id="1"><body>a</body></message>');
  expect(messages).toHaveLength(2);
  sink.write('<message id="back"/>');
  await until('<message id="back"/>');
});
