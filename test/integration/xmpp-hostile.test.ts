import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Prosody, startProsody } from '../support/prosody.ts';
import { chatMessage, isOnline, type TestStream, testStream } from '../support/stream.ts';
import { connectClient, type XmppClient } from '../support/xmpp-client.ts';

const CONTACT = 'carol%snac.test@ap.test';
let prosody: Prosody;
let stream: TestStream;
let client: XmppClient;

beforeAll(async () => {
  prosody = await startProsody({
    domain: 'xmpp.test',
    componentDomain: 'ap.test',
    componentSecret: 'secret',
    users: { alice: 'secret' },
  });
  stream = testStream({
    host: '127.0.0.1',
    port: prosody.componentPort,
    domain: 'ap.test',
    secret: 'secret',
  });
  stream.start();
  await stream.untilState(isOnline);
  client = await connectClient({
    jid: 'alice@xmpp.test',
    password: 'secret',
    host: '127.0.0.1',
    port: prosody.c2sPort,
  });
});
afterAll(async () => {
  await client?.close();
  await stream?.stop();
  await prosody?.stop();
});

test.each([
  ['control characters', '\u0000\u0001\u001b[31m\u007f'],
  ['lone surrogates', '\ud83d \udc4b \ud83d'],
  ['noncharacters', '\ufffe\uffff\u{1fffe}\u{10ffff}'],
  ['markup', '</body></message></stream:stream><!-- ]]> &nbsp; &#0;'],
  ['190 KB', 'ü'.repeat(95_000)],
])('a real server takes a message with %s, and the stream goes on', async (_, body) => {
  expect(
    stream.send(chatMessage({ to: 'alice@xmpp.test', body: `>${body}<`, subject: body.slice(0, 50) })),
  ).toBe('written');
  expect(await stream.barrier(20_000)).toBe(true);
  const message = await client.next(({ event }) => event === 'message');
  expect(message.body?.startsWith('>')).toBe(true);
  expect(message.body?.endsWith('<')).toBe(true);
});

test('what is above the limit is never written', async () => {
  expect(stream.send(chatMessage({ to: 'alice@xmpp.test', body: 'x'.repeat(1024 * 1024) }))).toBe(
    'too-large',
  );
  expect(await stream.barrier(20_000)).toBe(true);
});

test('what a client sends in one piece of 200 KB arrives whole', async () => {
  const body = '👋'.repeat(50_000);
  client.send({ do: 'send', to: CONTACT, body, id: 'big' });
  expect(await stream.nextStanza(({ id }) => id === 'big')).toMatchObject({ body });
});

test('a server that stands still is noticed', async () => {
  const watched = testStream({
    host: '127.0.0.1',
    port: prosody.componentPort,
    domain: 'ap.test',
    secret: 'secret',
    timing: {
      open: 20_000,
      pingAfter: 100,
      pongWithin: 1_000,
      backoffFirst: 50,
      backoffMax: 50,
      stable: 60_000,
      close: 500,
    },
  });
  await stream.stop();
  watched.start();
  await watched.untilState(isOnline);
  expect(await watched.barrier(20_000)).toBe(true);
  prosody.freeze(true);
  const down = await watched.untilState(({ status }) => status === 'down');
  prosody.freeze(false);
  expect(down.problem).toContain('no longer answers');
  await watched.untilState(isOnline);
  await watched.stop();
});
