import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';

const HEADER =
  "<?xml version='1.0'?><stream:stream xmlns='jabber:component:accept' xmlns:stream='http://etherx.jabber.org/streams'";

export type FakeConnection = {
  readonly write: (data: string | Buffer) => void;
  /** Resolves when what came in so far holds the text; everything so far is the value. */
  readonly until: (text: string) => Promise<string>;
  readonly end: () => void;
  readonly closed: Promise<void>;
};

export type FakeServer = {
  readonly port: number;
  /** The next connection whose handshake is done. */
  readonly accepted: () => Promise<FakeConnection>;
  readonly handshakes: () => number;
  readonly close: () => Promise<void>;
};

/** What the server says to a stream header, and to the handshake. */
export type FakeScript = {
  readonly secret?: string;
  /** Instead of a header: the rest of it, and what follows. */
  readonly onHeader?: string;
  /** Instead of `<handshake/>`. */
  readonly onHandshake?: string;
  /** Called between the client's handshake and the answer to it. */
  readonly beforeAnswer?: () => void;
  /** What it still says when it is told goodbye; its own closing tag by itself. */
  readonly onClose?: string;
};

export const streamError = (condition: string): string =>
  `<stream:error><${condition} xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error></stream:stream>`;

/** A scripted server end of XEP-0114 on loopback; it speaks only when told to. */
export const startFakeServer = async (script: FakeScript = {}): Promise<FakeServer> => {
  const sockets = new Set<Socket>();
  const ready: FakeConnection[] = [];
  const waiting: ((connection: FakeConnection) => void)[] = [];
  let handshakes = 0;
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    const connection = createFakeConnection(socket);
    void shakeHands(connection, script, (isAccepted) => {
      handshakes += 1;
      if (!isAccepted) return;
      const waiter = waiting.shift();
      if (waiter === undefined) ready.push(connection);
      else waiter(connection);
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return {
    port: address.port,
    accepted: () => {
      const connection = ready.shift();
      return connection === undefined
        ? new Promise((resolve) => waiting.push(resolve))
        : Promise.resolve(connection);
    },
    handshakes: () => handshakes,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
};

const shakeHands = async (
  connection: FakeConnection,
  { secret = 'secret', onHeader, onHandshake = '<handshake/>', onClose = '', beforeAnswer }: FakeScript,
  onHandshakeSeen: (isAccepted: boolean) => void,
): Promise<void> => {
  await connection.until('<stream:stream');
  connection.write(HEADER + (onHeader ?? " id='s1'>"));
  const received = await connection.until('</handshake>');
  const isRight = received.includes(createHash('sha1').update(`s1${secret}`).digest('hex'));
  beforeAnswer?.();
  connection.write(isRight ? onHandshake : streamError('not-authorized'));
  onHandshakeSeen(isRight && onHandshake.startsWith('<handshake/>'));
  await connection.until('</stream:stream>');
  connection.write(`${onClose}</stream:stream>`);
};

const createFakeConnection = (socket: Socket): FakeConnection => {
  let received = '';
  const waiting = new Set<() => void>();
  socket.setEncoding('utf8');
  socket.on('data', (text: string) => {
    received += text;
    for (const look of waiting) look();
  });
  return {
    write: (data) => void socket.write(data),
    until: (text) =>
      new Promise((resolve) => {
        const look = (): void => {
          if (!received.includes(text)) return;
          waiting.delete(look);
          resolve(received);
        };
        waiting.add(look);
        look();
      }),
    end: () => void socket.destroy(),
    closed: new Promise((resolve) => {
      socket.once('close', () => resolve());
    }),
  };
};
