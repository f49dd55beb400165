import { connect, type Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { createServer, type Server, type TLSSocket } from 'node:tls';
import type { KeyedCertificate } from './certificates.ts';

/** A running TLS terminator. */
export type Terminator = {
  readonly port: number;
  /** Closes the port and every connection; resolves once the port is free. */
  stop(): Promise<void>;
};

/**
 * Ends TLS on 127.0.0.1 for all names of `routes` (host name → loopback port of a plain HTTP server) and passes the
 * bytes on unread, chosen by the name of the TLS handshake (SNI, RFC 6066 3): bodies, header order and header
 * spelling stay as the peer sent them, and signatures over them stay valid. `routes` is read anew for each
 * connection, so names may be added later. A name without a route, or a server that is away, closes the connection.
 * Throws with one sentence where the port is still taken after `waitMs` milliseconds, or needs root.
 */
export async function startTerminator(
  leaf: KeyedCertificate,
  routes: ReadonlyMap<string, number>,
  port = 443,
  waitMs = 0,
): Promise<Terminator> {
  const open = new Set<Socket>();
  const track = (socket: Socket) => {
    open.add(socket);
    socket.once('close', () => open.delete(socket));
  };
  const server = createServer({ cert: leaf.certificate, key: leaf.key, ALPNProtocols: ['http/1.1'] });
  server.on('connection', track);
  server.on('secureConnection', (client) => {
    // servername is false for a client that names no host, a string otherwise.
    const target = typeof client.servername === 'string' ? routes.get(client.servername) : undefined;
    if (target === undefined) client.destroy();
    else track(join(client, target));
  });
  await listen(server, port, waitMs);
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : port,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of open) socket.destroy();
      }),
  };
}

const TRY_AGAIN_MS = 100;

async function listen(server: Server, port: number, waitMs: number): Promise<void> {
  const deadline = Date.now() + waitMs;
  for (;;) {
    try {
      await new Promise<void>((resolve, reject) => {
        server.once('error', reject);
        server.listen(port, '127.0.0.1', () => {
          server.off('error', reject);
          resolve();
        });
      });
      return;
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? error.code : undefined;
      if (code === 'EADDRINUSE' && Date.now() < deadline) await pause(TRY_AGAIN_MS);
      else throw explain(error, code, port);
    }
  }
}

function join(client: TLSSocket, port: number): Socket {
  const backend = connect({ port, host: '127.0.0.1' });
  client.pipe(backend);
  backend.pipe(client);
  // A reset on one side is a reset on the other; 'close' follows each 'error'.
  client.on('error', () => backend.destroy());
  backend.on('error', () => client.destroy());
  client.on('close', () => backend.destroy());
  backend.on('close', () => client.destroySoon());
  return backend;
}

function explain(error: unknown, code: unknown, port: number): unknown {
  if (code === 'EADDRINUSE')
    return new Error(`Port ${port} is taken by another program: stop it and start again.`, { cause: error });
  if (code === 'EACCES')
    return new Error(`Port ${port} cannot be opened: run this as root.`, { cause: error });
  return error;
}
