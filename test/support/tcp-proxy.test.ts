import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { startTcpProxy, type TcpProxy } from './tcp-proxy.ts';
import { createUndoStack } from './undo.ts';

const undo = createUndoStack();
afterEach(() => undo.run());

/** A server that says everything back, behind a proxy. */
const start = async (): Promise<{ proxy: TcpProxy; dial: () => Promise<Socket> }> => {
  const server = createServer((socket) => {
    socket.on('error', () => {});
    socket.pipe(socket);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  undo.add(() => server.close());
  const address = server.address();
  if (typeof address !== 'object' || address === null) throw new Error('no port');
  const proxy = await startTcpProxy(address.port);
  undo.add(() => proxy.stop());
  return {
    proxy,
    dial: async () => {
      const socket = connect(proxy.port, '127.0.0.1');
      undo.add(() => socket.destroy());
      await once(socket, 'connect');
      return socket;
    },
  };
};

const read = async (socket: Socket, length: number): Promise<string> => {
  let text = '';
  while (text.length < length) {
    const [piece]: Buffer[] = await once(socket, 'data');
    text += piece?.toString() ?? '';
  }
  return text;
};

test('what goes in comes out, in order, and the end with it', async () => {
  const { dial } = await start();
  const socket = await dial();
  const sent = 'causeway'.repeat(20_000);
  socket.write(sent);
  expect(await read(socket, sent.length)).toBe(sent);
  socket.end();
  await once(socket, 'end');
});

test('a delay holds pieces up without mixing them', async () => {
  const { proxy, dial } = await start();
  proxy.delay(60);
  const socket = await dial();
  const before = performance.now();
  socket.write('one');
  socket.write('two');
  expect(await read(socket, 6)).toBe('onetwo');
  // There and back, 60 ms each; a timer may be a little early, and without it the way takes 1 ms.
  expect(performance.now() - before).toBeGreaterThan(110);
});

test('in the dark nothing passes and nobody hears of it', async () => {
  const { proxy, dial } = await start();
  const socket = await dial();
  proxy.blackhole(true);
  const heard: string[] = [];
  for (const event of ['data', 'end', 'error', 'close']) socket.on(event, () => heard.push(event));
  socket.write('swallowed');
  await dial();
  expect(heard).toEqual([]);
  proxy.blackhole(false);
  socket.write('seen');
  expect(await read(socket, 4)).toBe('seen');
});

test('a reset is an error on both sides, and takes every connection', async () => {
  const { proxy, dial } = await start();
  const sockets = [await dial(), await dial()];
  sockets[0]?.write('x');
  await read(sockets[0] ?? missing(), 1);
  const errors = sockets.map((socket) => once(socket, 'error'));
  proxy.reset();
  for (const [error] of await Promise.all(errors)) expect(error).toMatchObject({ code: 'ECONNRESET' });
  expect(proxy.connections()).toBe(0);
});

test('a reset after so many bytes, and refused connections', async () => {
  const { proxy, dial } = await start();
  proxy.resetAfter(10);
  const socket = await dial();
  socket.write('0123456789');
  const [error] = await once(socket, 'error');
  expect(error).toMatchObject({ code: 'ECONNRESET' });
  proxy.refuse(true);
  const refused = connect(proxy.port, '127.0.0.1');
  await once(refused, 'error');
  expect(refused.destroyed).toBe(true);
});

const missing = (): never => {
  throw new Error('no socket');
};
