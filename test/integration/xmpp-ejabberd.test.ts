import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { createOutbox, type OutboxRow } from '../../src/xmpp/outbox.ts';
import { type Ejabberd, missingEjabberd, startEjabberd } from '../support/ejabberd.ts';
import { chatMessage, isOnline, QUICK, type TestStream, testStream } from '../support/stream.ts';
import { connectClient, type XmppClient } from '../support/xmpp-client.ts';

const DOMAIN = 'ap.test';
const CONTACT = 'carol%snac.test@ap.test';
const ALICE = 'alice@xmpp.test';
const missing = missingEjabberd();
/** The reason stands in the name of what is skipped. */
const check = missing === undefined ? test : test.skip;
const label = missing === undefined ? 'ejabberd' : `ejabberd (skipped: ${missing})`;

let ejabberd: Ejabberd | undefined;
const streams: TestStream[] = [];
const clients: XmppClient[] = [];

beforeAll(async () => {
  if (missing !== undefined) return;
  ejabberd = await startEjabberd({
    domain: 'xmpp.test',
    componentDomain: DOMAIN,
    componentSecret: 'secret',
    users: { alice: 'secret' },
  });
});
afterAll(() => ejabberd?.stop());
afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.close()));
  await Promise.all(streams.splice(0).map((stream) => stream.stop()));
});

const server = (): Ejabberd => {
  if (ejabberd === undefined) throw new Error('ejabberd does not run');
  return ejabberd;
};
const open = (fields: Partial<Parameters<typeof testStream>[0]> = {}): TestStream => {
  const { componentPort } = server();
  const stream = testStream({
    host: '127.0.0.1',
    port: componentPort,
    domain: DOMAIN,
    secret: 'secret',
    ...fields,
  });
  streams.push(stream);
  stream.start();
  return stream;
};
const logIn = async (): Promise<XmppClient> => {
  const { c2sPort } = server();
  const client = await connectClient({ jid: ALICE, password: 'secret', host: '127.0.0.1', port: c2sPort });
  clients.push(client);
  return client;
};

check(`${label}: the handshake, and a barrier comes back`, async () => {
  const stream = open();
  await stream.untilState(isOnline);
  expect(await stream.barrier(20_000)).toBe(true);
});

check(`${label}: a wrong secret is named`, async () => {
  const state = await open({ secret: 'wrong' }).untilState(({ problem }) => problem !== undefined);
  expect(state.status).not.toBe('online');
  expect(state.problem).toContain('refuses the secret of the component ap.test');
});

check(`${label}: messages both ways`, async () => {
  const stream = open();
  await stream.untilState(isOnline);
  const client = await logIn();
  client.send({ do: 'send', to: CONTACT, body: 'Hello Carol', id: 'out1', receipt: true });
  expect(await stream.nextStanza(({ id }) => id === 'out1')).toMatchObject({
    kind: 'message',
    fromBare: ALICE,
    to: CONTACT,
    body: 'Hello Carol',
    wantsReceipt: true,
  });
  // Her presence went before that message, so by now she is there to be written to.
  stream.send(chatMessage({ to: ALICE, id: 'in1', body: 'Hello <Alice> & all' }));
  expect(await client.next(({ id }) => id === 'in1')).toMatchObject({
    from: CONTACT,
    body: 'Hello <Alice> & all',
  });
});

check(`${label}: when a barrier is back, all that was written before it is with the server`, async () => {
  const COUNT = 2_000;
  const stream = open();
  await stream.untilState(isOnline);
  for (let n = 1; n <= COUNT; n += 1) stream.send(chatMessage({ to: ALICE, id: `b${n}`, body: `${n}` }));
  expect(await stream.barrier(40_000)).toBe(true);
  // The connection is cut at once: what the server has not taken by now is lost.
  await stream.stop();
  const client = await logIn();
  await client.next(({ id }) => id === `b${COUNT}`, 20_000);
  const ids = client.seen().flatMap(({ id }) => (/^b\d+$/u.test(id ?? '') ? (id ?? '') : []));
  expect(ids).toEqual(Array.from({ length: COUNT }, (_, n) => `b${n + 1}`));
});

check(`${label}: while the component is away its messages come back`, async () => {
  const client = await logIn();
  client.send({ do: 'send', to: CONTACT, body: 'Is anybody there?', id: 'away1' });
  const bounce = await client.next(({ id, type }) => id === 'away1' && type === 'error');
  expect(bounce.error?.condition).toMatch(/^(remote-server-not-found|remote-server-timeout|forbidden)$/u);
});

check(`${label}: an error for a stanza of ours names it`, async () => {
  const stream = open();
  await stream.untilState(isOnline);
  stream.send(chatMessage({ to: 'nobody@xmpp.test', id: 'lost1' }));
  expect(await stream.nextStanza(({ kind }) => kind === 'bounce')).toMatchObject({
    stanza: 'message',
    id: 'lost1',
    from: 'nobody@xmpp.test',
    to: CONTACT,
    condition: 'service-unavailable',
    errorType: 'cancel',
  });
});

/**
 * NOTE an orderly end: after kill -9 ejabberd has forgotten messages that it had taken for somebody absent (its
 * Mnesia tables are written to disk now and then), and no barrier can know that.
 */
check(`${label}: a restart in the middle loses nothing, and keeps the order`, async () => {
  const COUNT = 400;
  const rows = Array.from({ length: COUNT }, (_, index): OutboxRow<number> => {
    const id = `o${index + 1}`;
    return { id: index + 1, stanza: chatMessage({ to: ALICE, id, body: id }) };
  });
  const taken = new Set<number>();
  const allTaken = Promise.withResolvers<void>();
  let wake = (): void => {};
  let broken: Promise<void> | undefined;
  const stream = open({ timing: QUICK, onState: () => wake() });
  await stream.untilState(isOnline);
  const outbox = createOutbox<number>({
    claim: async (limit) => rows.filter(({ id }) => !taken.has(id)).slice(0, limit),
    taken: async (ids) => {
      for (const id of ids) taken.add(id);
      if (taken.size >= COUNT / 2) broken ??= server().restart();
      if (taken.size === COUNT) allTaken.resolve();
    },
    release: async () => {},
    fail: async (id, failure) => allTaken.reject(new Error(`${id}: ${failure}`)),
    stream,
    log: { info: () => {}, warn: () => {} },
    pollMs: 50,
    batch: 50,
  });
  wake = outbox.wake;
  outbox.start();
  await allTaken.promise;
  await broken;
  await outbox.stop();
  const client = await logIn();
  await client.next(({ body }) => body === `o${COUNT}`, 20_000);
  const ids = client.seen().flatMap(({ id }) => (id?.startsWith('o') ? id : []));
  expect([...new Set(ids)]).toEqual(rows.map(({ stanza }) => stanza.id));
});
