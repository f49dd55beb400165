import { connect, createServer, type Server, type Socket } from 'node:net';

/** A wire between two programs that a test can spoil. */
export type TcpProxy = {
  readonly port: number;
  /** How many connections are open. */
  connections(): number;
  /** From now on each piece travels so many milliseconds longer, in both directions. */
  delay(ms: number): void;
  /** While true nothing passes and nobody is told: bytes are swallowed, connections stay open, new ones too. */
  blackhole(on: boolean): void;
  /** While true new connections are closed at once. */
  refuse(on: boolean): void;
  /** Ends every connection with a RST on both sides. */
  reset(): void;
  /** Ends each connection with a RST once so many bytes have gone towards the target; undefined ends that. */
  resetAfter(bytes: number | undefined): void;
  stop(): Promise<void>;
};

type Pair = { readonly client: Socket; readonly target: Socket };

type Wire = {
  delayMs: number;
  isDark: boolean;
  isClosed: boolean;
  maxBytes: number | undefined;
  readonly pairs: Set<Pair>;
};

/** Passes bytes from a free loopback port to `targetPort`, unread and in order, until it is told otherwise. */
export const startTcpProxy = async (targetPort: number): Promise<TcpProxy> => {
  const wire: Wire = {
    delayMs: 0,
    isDark: false,
    isClosed: false,
    maxBytes: undefined,
    pairs: new Set(),
  };
  const server = createServer({ allowHalfOpen: true }, (client) => {
    if (wire.isClosed) client.resetAndDestroy();
    else join(wire, client, connect({ port: targetPort, host: '127.0.0.1', allowHalfOpen: true }));
  });
  const reset = (): void => {
    for (const pair of wire.pairs) resetPair(pair);
  };
  return {
    port: await listen(server),
    connections: () => wire.pairs.size,
    delay: (ms) => {
      wire.delayMs = ms;
    },
    blackhole: (on) => {
      wire.isDark = on;
    },
    refuse: (on) => {
      wire.isClosed = on;
    },
    reset,
    resetAfter: (bytes) => {
      wire.maxBytes = bytes;
    },
    stop: async () => {
      const closed = new Promise<void>((resolve) => {
        server.close(() => resolve());
      });
      reset();
      await closed;
    },
  };
};

const listen = (server: Server): Promise<number> =>
  new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      if (typeof address === 'object' && address !== null) resolve(address.port);
    });
  });

const resetPair = ({ client, target }: Pair): void => {
  client.resetAndDestroy();
  target.resetAndDestroy();
};

const join = (wire: Wire, client: Socket, target: Socket): void => {
  const pair = { client, target };
  wire.pairs.add(pair);
  let sent = 0;
  carry(wire, client, target, (bytes) => {
    sent += bytes;
    if (wire.maxBytes !== undefined && sent >= wire.maxBytes) resetPair(pair);
  });
  carry(wire, target, client, () => {});
  for (const [one, other] of [
    [client, target],
    [target, client],
  ] as const) {
    one.on('error', () => {
      // In the dark the other side hears of nothing, as with a cable that was pulled.
      if (!wire.isDark) other.resetAndDestroy();
    });
    one.on('close', () => {
      if (client.destroyed && target.destroyed) wire.pairs.delete(pair);
    });
  }
};

const carry = (wire: Wire, from: Socket, to: Socket, onPassed: (bytes: number) => void): void => {
  /** Ends when all that was read so far is passed on: a delayed piece holds up those behind it. */
  let passed: Promise<void> = Promise.resolve();
  const pass = (step: () => void): void => {
    if (wire.isDark) return;
    const due = performance.now() + wire.delayMs;
    passed = passed.then(async () => {
      const wait = due - performance.now();
      if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait));
      if (!to.destroyed) step();
    });
  };
  from.on('data', (piece: Buffer) =>
    pass(() => {
      if (!to.write(piece)) {
        from.pause();
        to.once('drain', () => from.resume());
      }
      onPassed(piece.length);
    }),
  );
  from.on('end', () => pass(() => to.end()));
};
