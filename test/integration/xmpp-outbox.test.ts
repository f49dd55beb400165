import { afterAll, beforeAll, expect, test } from 'vitest';
import { createOutbox, type OutboxRow } from '../../src/xmpp/outbox.ts';
import { type Prosody, startProsody } from '../support/prosody.ts';
import { chatMessage, isOnline, QUICK, testStream } from '../support/stream.ts';
import { connectClient } from '../support/xmpp-client.ts';

const COUNT = 400;
let prosody: Prosody;

beforeAll(async () => {
  prosody = await startProsody({
    domain: 'xmpp.test',
    componentDomain: 'ap.test',
    componentSecret: 'secret',
    users: { alice: 'secret' },
  });
});
afterAll(() => prosody?.stop());

test('kill -9 of the server in the middle loses nothing, and a repeat has the same id', async () => {
  const rows = Array.from({ length: COUNT }, (_, index): OutboxRow<number> => {
    const id = `o${index + 1}`;
    return { id: index + 1, stanza: chatMessage({ to: 'alice@xmpp.test', id, body: id }) };
  });
  const taken = new Set<number>();
  let released = 0;
  let wake = (): void => {};
  let killed: Promise<void> | undefined;
  const stream = testStream({
    host: '127.0.0.1',
    port: prosody.componentPort,
    domain: 'ap.test',
    secret: 'secret',
    timing: QUICK,
    onState: () => wake(),
  });
  const allTaken = Promise.withResolvers<void>();
  const outbox = createOutbox<number>({
    claim: async (limit) => rows.filter(({ id }) => !taken.has(id)).slice(0, limit),
    taken: async (ids) => {
      for (const id of ids) taken.add(id);
      // The next batch is written to a server that dies under it.
      if (taken.size >= COUNT / 2) killed ??= prosody.kill();
      if (taken.size === COUNT) allTaken.resolve();
    },
    release: async (ids) => {
      released += ids.length;
    },
    fail: async (id, failure) => allTaken.reject(new Error(`${id}: ${failure}`)),
    stream,
    log: { info: () => {}, warn: () => {} },
    pollMs: 50,
    batch: 50,
  });
  wake = outbox.wake;
  stream.start();
  await stream.untilState(isOnline);
  outbox.start();
  await stream.untilState(({ status }) => status === 'down');
  await killed;
  await prosody.restart();
  await allTaken.promise;
  await outbox.stop();
  // They waited for alice on the server's disk, through its death: what was taken before it and what after.
  const client = await connectClient({
    jid: 'alice@xmpp.test',
    password: 'secret',
    host: '127.0.0.1',
    port: prosody.c2sPort,
  });
  await client.next(({ body }) => body === `o${COUNT}`);
  const bodies = client
    .seen()
    .flatMap(({ event, body }) => (event === 'message' && body !== undefined ? [body] : []));
  const firsts = [...new Set(bodies)];
  expect(firsts).toEqual(rows.map(({ stanza }) => stanza.id));
  expect(bodies.length - firsts.length).toBeLessThanOrEqual(released);
  await client.close();
  await stream.stop();
});
