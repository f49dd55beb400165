import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';

export type Peer = {
  /** `http://127.0.0.1:port` */
  readonly origin: string;
  readonly host: string;
  readonly requests: readonly IncomingMessage[];
  /** How many came, whether they asked for anything or not. */
  readonly connections: () => number;
  readonly close: () => Promise<void>;
};

/** A server on loopback that plays a stranger; it remembers what it was asked. */
export const startPeer = async (
  listener: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<Peer> => {
  const requests: IncomingMessage[] = [];
  const remember: RequestListener = (request, response) => {
    requests.push(request);
    listener(request, response);
  };
  let connections = 0;
  const server = createServer(remember).on('connection', () => {
    connections += 1;
  });
  const { promise, resolve } = Promise.withResolvers<void>();
  server.listen(0, '127.0.0.1', resolve);
  await promise;
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  const host = `127.0.0.1:${address.port}`;
  return {
    origin: `http://${host}`,
    host,
    requests,
    connections: () => connections,
    close: async () => {
      const { promise: closed, resolve: done } = Promise.withResolvers<void>();
      server.close(() => done());
      server.closeAllConnections();
      await closed;
    },
  };
};
