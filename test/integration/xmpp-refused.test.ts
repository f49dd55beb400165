import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { OutgoingMessage } from '../../src/bridge/stanza.ts';
import { createOutbox, type OutboxFailure } from '../../src/xmpp/outbox.ts';
import { STREAM_LIMITS } from '../../src/xmpp/stream-options.ts';
import { type Prosody, startProsody } from '../support/prosody.ts';
import { chatMessage, isOnline, testStream } from '../support/stream.ts';
import { connectClient } from '../support/xmpp-client.ts';

const ALICE = 'alice@xmpp.test';
/** What the proxy makes ill-formed on its way: the gateway itself can write nothing of the kind. */
const BREAK = 'BREAK-HERE';
let prosody: Prosody;
let proxy: Server;
const sockets = new Set<Socket>();

beforeAll(async () => {
  prosody = await startProsody({
    domain: 'xmpp.test',
    componentDomain: 'ap.test',
    componentSecret: 'secret',
    users: { alice: 'secret' },
  });
  proxy = createServer((gateway) => {
    const server = connect(prosody.componentPort, '127.0.0.1');
    for (const [from, to] of [
      [gateway, server],
      [server, gateway],
    ] as const) {
      sockets.add(from);
      from.on('error', () => {});
      from.on('close', () => to.destroy());
    }
    gateway.on('data', (data) => {
      server.write(data.toString('latin1').replaceAll(BREAK, '</body><&'), 'latin1');
    });
    server.pipe(gateway);
  }).listen(0, '127.0.0.1');
  await once(proxy, 'listening');
});
afterAll(async () => {
  for (const socket of sockets) socket.destroy();
  proxy?.close();
  await prosody?.stop();
});

const portOf = (server: Server): number => {
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
};

/** Writes the messages over a real stream until each is taken or given up. */
const carry = async (messages: readonly OutgoingMessage[]) => {
  const taken: string[] = [];
  const failed = new Map<string, OutboxFailure>();
  const done = Promise.withResolvers<void>();
  let wake = (): void => {};
  const stream = testStream({
    host: '127.0.0.1',
    port: portOf(proxy),
    domain: 'ap.test',
    secret: 'secret',
    // As if we did not know how much the server takes.
    limits: { ...STREAM_LIMITS, outbound: 4 * 1024 * 1024 },
    onState: () => wake(),
  });
  const settle = (): void => {
    if (taken.length + failed.size === messages.length) done.resolve();
  };
  const outbox = createOutbox<string>({
    claim: async (limit) =>
      messages
        .filter(({ id }) => !taken.includes(id) && !failed.has(id))
        .slice(0, limit)
        .map((stanza) => ({ id: stanza.id, stanza })),
    taken: async (ids) => {
      taken.push(...ids);
      settle();
    },
    release: async () => {},
    fail: async (id, failure) => {
      failed.set(id, failure);
      settle();
    },
    stream,
    log: { info: () => {}, warn: () => {} },
    pollMs: 20,
    batch: 10,
  });
  wake = outbox.wake;
  stream.start();
  await stream.untilState(isOnline);
  outbox.start();
  await done.promise;
  await outbox.stop();
  await stream.stop();
  return { taken, failed: Object.fromEntries(failed) };
};

test.each([
  ['too large for the server', 'x'.repeat(600 * 1024)],
  ['not well-formed', BREAK],
])('a stanza that is %s is set aside once it is proven guilty; all others arrive', async (name, body) => {
  const ids = [1, 2, 3, 4, 5].map((n) => `${name} ${n}`);
  const guilty = ids[2] ?? '';
  const result = await carry(
    ids.map((id) => chatMessage({ to: ALICE, id, body: id === guilty ? body : id })),
  );
  expect(result.failed).toEqual({ [guilty]: 'closes-stream' });
  expect(result.taken).toEqual(ids.filter((id) => id !== guilty));
  const client = await connectClient({
    jid: ALICE,
    password: 'secret',
    host: '127.0.0.1',
    port: prosody.c2sPort,
  });
  await client.next(({ id }) => id === ids.at(-1));
  // What the guilty one took down with it went again: a client tells repeats by their id.
  const seen = new Set(client.seen().flatMap(({ id }) => (id?.startsWith(name) ? id : [])));
  await client.close();
  expect([...seen]).toEqual(result.taken);
});
