import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { findFreePort } from '../support/free-port.ts';
import { type Prosody, startProsody } from '../support/prosody.ts';
import { chatMessage, isOnline, QUICK, type TestStream, testStream } from '../support/stream.ts';
import { connectClient, type XmppClient } from '../support/xmpp-client.ts';

const DOMAIN = 'ap.test';
const CONTACT = 'carol%snac.test@ap.test';
const ALICE = 'alice@xmpp.test';
let prosody: Prosody;
const streams: TestStream[] = [];
const clients: XmppClient[] = [];

beforeAll(async () => {
  prosody = await startProsody({
    domain: 'xmpp.test',
    componentDomain: DOMAIN,
    componentSecret: 'geheimnis-ü',
    users: { alice: 'secret' },
  });
});
afterAll(() => prosody?.stop());
afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.close()));
  await Promise.all(streams.splice(0).map((stream) => stream.stop()));
});

const open = (fields: Partial<Parameters<typeof testStream>[0]> = {}): TestStream => {
  const stream = testStream({
    host: '127.0.0.1',
    port: prosody.componentPort,
    domain: DOMAIN,
    secret: 'geheimnis-ü',
    ...fields,
  });
  streams.push(stream);
  stream.start();
  return stream;
};
const login = async (): Promise<XmppClient> => {
  const client = await connectClient({
    jid: ALICE,
    password: 'secret',
    host: '127.0.0.1',
    port: prosody.c2sPort,
  });
  clients.push(client);
  return client;
};
const isSettled = ({ problem }: { problem: string | undefined }) => problem !== undefined;

describe('the handshake', () => {
  test('succeeds with a secret that is not ASCII, and a barrier comes back', async () => {
    const stream = open();
    await stream.untilState(isOnline);
    expect(await stream.barrier(20_000)).toBe(true);
  });

  test('names a wrong secret', async () => {
    const state = await open({ secret: 'wrong' }).untilState(isSettled);
    expect(state.problem).toContain('refuses the secret of the component ap.test');
  });

  test('names a component that the server does not know', async () => {
    const state = await open({ domain: 'other.test' }).untilState(isSettled);
    expect(state.problem).toContain('has no component other.test');
  });

  test('names a server that is not there, and a port that is for clients', async () => {
    const refused = await open({ port: await findFreePort() }).untilState(isSettled);
    expect(refused.problem).toContain('connection refused');
    const wrong = await open({ port: prosody.c2sPort }).untilState(isSettled);
    expect(wrong.status).not.toBe('online');
  });
});

describe('a client that is logged in', () => {
  test('gets a message, a receipt and an error, and its own message arrives', async () => {
    const stream = open();
    await stream.untilState(isOnline);
    const client = await login();
    client.send({ do: 'send', to: CONTACT, body: 'Hallo 👋 "<&>', id: 'a1', receipt: true, lang: 'de' });
    const said = await stream.nextStanza(({ kind }) => kind === 'message');
    expect(said).toMatchObject({
      fromBare: ALICE,
      to: CONTACT,
      id: 'a1',
      body: 'Hallo 👋 "<&>',
      lang: 'de',
      wantsReceipt: true,
    });
    expect(stream.send({ kind: 'receipt', id: 'r1', from: CONTACT, to: ALICE, received: 'a1' })).toBe(
      'written',
    );
    const receipt = await client.next(({ event }) => event === 'receipt');
    expect(receipt).toMatchObject({ from: CONTACT, received: 'a1' });
    stream.send(chatMessage({ to: ALICE, body: 'Grüße\u0000 \ud800 <b>', lang: 'de' }));
    const message = await client.next(({ event }) => event === 'message');
    expect(message).toMatchObject({ from: CONTACT, body: 'Grüße  <b>', lang: 'de', type: 'chat' });
    stream.send({
      kind: 'message-error',
      id: 'a1',
      from: CONTACT,
      // To the full JID: a server drops an error to a bare one (RFC 6121 8.5.2.1.1).
      to: said.from,
      error: { type: 'cancel', condition: 'gone', text: 'Moved.', lang: 'en', uri: 'xmpp:new@ap.test' },
    });
    const error = await client.next(({ event, type }) => event === 'message' && type === 'error');
    expect(error.error).toEqual({
      type: 'cancel',
      condition: 'gone',
      uri: 'xmpp:new@ap.test',
      text: 'Moved.',
      lang: 'en',
    });
  });

  test('subscribes to a contact', async () => {
    const stream = open();
    await stream.untilState(isOnline);
    const client = await login();
    client.send({ do: 'presence', to: CONTACT, type: 'subscribe' });
    expect(await stream.nextStanza((s) => s.kind === 'presence' && s.type === 'subscribe')).toMatchObject({
      from: ALICE,
      to: CONTACT,
    });
    stream.send({ kind: 'presence', type: 'subscribed', from: CONTACT, to: ALICE });
    stream.send({ kind: 'presence', type: 'available', from: CONTACT, to: ALICE, status: 'hi' });
    const available = await client.next((e) => e.event === 'presence' && e.status === 'hi');
    expect(available.from).toBe(CONTACT);
  });

  test.each([
    { to: DOMAIN, name: 'query', namespace: 'http://jabber.org/protocol/disco#info', holds: 'activitypub' },
    { to: CONTACT, name: 'query', namespace: 'http://jabber.org/protocol/disco#info', holds: 'registered' },
    { to: DOMAIN, name: 'query', namespace: 'http://jabber.org/protocol/disco#items', holds: 'disco#items' },
    { to: DOMAIN, name: 'query', namespace: 'jabber:iq:version', holds: '1.2.3' },
    { to: DOMAIN, name: 'ping', namespace: 'urn:xmpp:ping', holds: 'type="result"' },
    { to: CONTACT, name: 'ping', namespace: 'urn:xmpp:ping', holds: 'type="result"' },
    { to: CONTACT, name: 'what', namespace: 'urn:example:unknown', holds: 'service-unavailable' },
  ])('asks $to for $namespace and reads $holds', async ({ to, name, namespace, holds }) => {
    const stream = open();
    await stream.untilState(isOnline);
    const client = await login();
    client.send({ do: 'iq', to, id: 'q1', name, namespace });
    const answer = await client.next(({ event, id }) => event === 'iq' && id === 'q1');
    expect(answer.from).toBe(to);
    expect(answer.xml).toContain(holds);
  });
});

describe('after trouble', () => {
  test('a restart of the server ends with online again, and a wait for the barrier is not in vain', async () => {
    const stream = open();
    await stream.untilState(isOnline);
    const restarted = prosody.restart();
    await stream.untilState(({ status }) => status !== 'online');
    expect(stream.send(chatMessage({ to: ALICE }))).toBe('down');
    expect(await stream.barrier(1_000)).toBe(false);
    await restarted;
    await stream.untilState(isOnline);
    expect(await stream.barrier(20_000)).toBe(true);
  });

  test('kill -9 of the server is noticed and survived', async () => {
    const stream = open();
    await stream.untilState(isOnline);
    await prosody.kill();
    const down = await stream.untilState(({ status }) => status === 'down');
    expect(down.problem).toBeDefined();
    await prosody.restart();
    await stream.untilState(isOnline);
    expect(await stream.barrier(20_000)).toBe(true);
  });

  test('a second gateway takes over and the first one says conflict', async () => {
    const first = open();
    await first.untilState(isOnline);
    const second = open({ timing: { ...QUICK, backoffFirst: 500, backoffMax: 500 } });
    const state = await first.untilState(isSettled);
    expect(state.problem).toContain('another connection for the component ap.test');
    await first.stop();
    await second.untilState(isOnline);
  });

  test('an orderly stop hands over what the server had sent before', async () => {
    const stream = open();
    await stream.untilState(isOnline);
    const client = await login();
    for (let n = 1; n <= 200; n += 1) client.send({ do: 'send', to: CONTACT, body: `${n}`, id: `s${n}` });
    await stream.nextStanza(({ kind }) => kind === 'message');
    await stream.stop();
    const taken = new Set(stream.stanzas.map(({ id }) => id).filter((id) => id?.startsWith('s')));
    const lost = await Promise.all(
      Array.from({ length: 200 }, (_, index) => `s${index + 1}`)
        .filter((id) => !taken.has(id))
        .map((id) => client.next((event) => event.id === id && event.type === 'error')),
    );
    expect(taken.size + lost.length).toBe(200);
  });
});
