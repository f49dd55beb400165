import { createServer, type Socket } from 'node:net';
import { portOf } from '../port-of.ts';

/**
 * Inboxes that take everything: 202 for each POST. No HTTP library, so that what is measured is the sender.
 * `onPost` hears of each as soon as it is complete, before it is answered.
 */
export type HttpSink = {
  /** One origin for each listener. */
  readonly origins: readonly string[];
  readonly close: () => void;
};

const ACCEPTED = 'HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n';
const END_OF_HEAD = Buffer.from('\r\n\r\n');

export const startHttpSink = async (listeners: number, onPost: () => void): Promise<HttpSink> => {
  const sockets = new Set<Socket>();
  const servers = Array.from({ length: listeners }, () =>
    createServer({ noDelay: true }, (socket) => {
      sockets.add(socket);
      socket.once('close', () => sockets.delete(socket));
      socket.on('error', () => socket.destroy());
      takePosts(socket, onPost);
    }),
  );
  const ports = await Promise.all(servers.map(portOf));
  return {
    origins: ports.map((port) => `http://127.0.0.1:${port}`),
    close: () => {
      for (const server of servers) server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
};

const takePosts = (socket: Socket, onPost: () => void): void => {
  let received: Buffer = Buffer.alloc(0);
  socket.on('data', (chunk: Buffer) => {
    received = received.length === 0 ? chunk : Buffer.concat([received, chunk]);
    for (;;) {
      const end = endOfPost(received);
      if (end === undefined || end > received.length) return;
      received = received.subarray(end);
      onPost();
      socket.write(ACCEPTED);
    }
  });
};

/** How many bytes the first request has; undefined while its head is not whole. */
const endOfPost = (bytes: Buffer): number | undefined => {
  const head = bytes.indexOf(END_OF_HEAD);
  if (head === -1) return undefined;
  const length = /^content-length: *(\d+)/imu.exec(bytes.toString('latin1', 0, head))?.[1] ?? '0';
  return head + END_OF_HEAD.length + Number(length);
};
