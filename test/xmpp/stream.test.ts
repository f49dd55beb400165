import { afterEach, describe, expect, test } from 'vitest';
import type { StreamOptions } from '../../src/xmpp/stream-options.ts';
import {
  type FakeScript,
  type FakeServer,
  startFakeServer,
  streamError,
} from '../support/fake-xmpp-server.ts';
import { chatMessage, isOnline, QUICK, type TestStream, testStream } from '../support/stream.ts';

const ALICE = 'alice@xmpp.test/phone';
const CONTACT = 'carol%snac.test@ap.test';
const servers: FakeServer[] = [];
const streams: TestStream[] = [];

afterEach(async () => {
  await Promise.all(streams.splice(0).map((stream) => stream.stop()));
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

const open = async (script: FakeScript = {}, fields: Partial<StreamOptions> = {}) => {
  const server = await startFakeServer(script);
  servers.push(server);
  const stream = testStream({
    host: '127.0.0.1',
    port: server.port,
    domain: 'ap.test',
    secret: 'secret',
    ...fields,
  });
  streams.push(stream);
  stream.start();
  return { server, stream };
};
const openOnline = async (fields: Partial<StreamOptions> = {}) => {
  const { server, stream } = await open({}, fields);
  const connection = await server.accepted();
  await stream.untilState(isOnline);
  return { server, stream, connection };
};
const message = (body: string, id = 'a1') =>
  `<message type='chat' from='${ALICE}' to='${CONTACT}' id='${id}'><body>${body}</body></message>`;
const isSettled = ({ problem }: { problem: string | undefined }) => problem !== undefined;

describe('a handshake that fails', () => {
  test.each([
    [{ secret: 'other' }, 'refuses the secret'],
    [{ onHeader: `>${streamError('host-unknown')}` }, 'has no component ap.test'],
    [{ onHandshake: streamError('conflict') }, 'another connection for the component'],
    [{ onHandshake: streamError('system-shutdown') }, 'shutting down'],
    [{ onHandshake: streamError('see-other-host') }, 'see-other-host'],
    [{ onHandshake: '<stream:error/>' }, 'not well formed'],
    [{ onHandshake: '<what/>' }, 'closed the connection'],
    [{ onHeader: ' garbage & <<< >' }, 'component protocol'],
    [{ onHeader: "><features xmlns='x'/>" }, 'component protocol'],
  ] satisfies [FakeScript, string][])('%j is told in words', async (script, words) => {
    const { stream } = await open(script, { timing: { ...QUICK, open: 150 } });
    expect((await stream.untilState(isSettled)).problem).toContain(words);
  });

  test('a conflict is tried again until the other one is gone', async () => {
    const { server, stream } = await open({ onHandshake: streamError('conflict') });
    await stream.untilState(isSettled);
    await stream.untilState(({ status }) => status === 'connecting');
    await stream.untilState(({ status }) => status === 'down');
    expect(server.handshakes()).toBeGreaterThanOrEqual(2);
  });
});

describe('a connection that breaks', () => {
  test.each([
    ['bad XML', '<message></presence>'],
    ['an unknown entity', message('&nbsp;')],
    ['an illegal character reference', message('&#0;')],
    ['a closing tag too many', '</stream:stream></x></y>'],
    ['an empty stream error', '<stream:error/>'],
    ['text after the end', '</stream:stream>hello<x/>'],
  ])('by %s comes back', async (_, xml) => {
    const { server, stream, connection } = await openOnline();
    connection.write(xml);
    await server.accepted();
    await stream.untilState(isOnline);
    expect(stream.send(chatMessage({ to: ALICE }))).toBe('written');
  });

  test('by silence is noticed: the ping is not answered', async () => {
    const timing = { ...QUICK, pingAfter: 40, pongWithin: 40 };
    const { server, stream, connection } = await openOnline({ timing });
    expect(await connection.until('urn:xmpp:ping')).toContain('from="ap.test" to="ap.test"');
    const down = await stream.untilState(({ status }) => status === 'down');
    expect(down.problem).toContain('no longer answers');
    await connection.closed;
    await server.accepted();
    await stream.untilState(isOnline);
  });

  test('is told to waiting barriers at once', async () => {
    const { stream, connection } = await openOnline();
    const barrier = stream.barrier(60_000);
    connection.end();
    expect(await barrier).toBe(false);
  });
});

describe('a ping that comes back', () => {
  test.each([
    [
      'as the question',
      (id: string) =>
        `<iq type='get' id='${id}' from='ap.test' to='ap.test'><ping xmlns='urn:xmpp:ping'/></iq>`,
    ],
    ['as a result', (id: string) => `<iq type='result' id='${id}' from='ap.test' to='ap.test'/>`],
    [
      'as an error',
      (id: string) => `<iq type='error' id='${id}' from='ap.test' to='ap.test'><error type='cancel'/></iq>`,
    ],
  ])('%s proves that what went before was taken', async (_, back) => {
    const { stream, connection } = await openOnline();
    stream.send(chatMessage({ to: ALICE }));
    const barrier = stream.barrier(2_000);
    const sent = await connection.until('urn:xmpp:ping');
    expect(sent.indexOf('<body>hello')).toBeLessThan(sent.indexOf('urn:xmpp:ping'));
    connection.write(back(/id="(rt[^"]+)"/u.exec(sent)?.[1] ?? ''));
    expect(await barrier).toBe(true);
  });

  test('does not count when somebody else sends its id', async () => {
    const { stream, connection } = await openOnline();
    const barrier = stream.barrier(100);
    const sent = await connection.until('urn:xmpp:ping');
    const id = /id="(rt[^"]+)"/u.exec(sent)?.[1] ?? '';
    connection.write(`<iq type='result' id='${id}' from='${ALICE}' to='ap.test'/>`);
    expect(await barrier).toBe(false);
  });

  test('is not asked for while stanzas come in', async () => {
    const { stream, connection } = await openOnline({ timing: { ...QUICK, pingAfter: 200 } });
    for (let n = 0; n < 8; n += 1) {
      connection.write(message('x', `n${n}`));
      await stream.nextStanza();
      await new Promise((resolve) => setTimeout(resolve, 40));
    }
    stream.send(chatMessage({ to: ALICE, id: 'mark' }));
    expect(await connection.until('id="mark"')).not.toContain('urn:xmpp:ping');
  });
});

describe('what comes in whole', () => {
  test('keeps a character whole that two packets share', async () => {
    const { stream, connection } = await openOnline();
    const bytes = Buffer.from(message('Grüße 👋'));
    for (const byte of bytes) connection.write(Buffer.from([byte]));
    expect(await stream.nextStanza()).toMatchObject({ body: 'Grüße 👋' });
  });

  test('in the same packet as the end of the handshake is not lost', async () => {
    const { stream } = await open({ onHandshake: `<handshake/>${message('early')}` });
    expect(await stream.nextStanza()).toMatchObject({ body: 'early' });
  });

  test('above the limit ends the connection, not the process', async () => {
    const { server, stream, connection } = await openOnline();
    connection.write(message('x'.repeat(600 * 1024)));
    const down = await stream.untilState(({ status }) => status === 'down');
    expect(down.problem).toContain('above the size limit');
    const next = await server.accepted();
    await stream.untilState(isOnline);
    next.write(message('y'.repeat(500 * 1024), 'a2'));
    expect(await stream.nextStanza()).toMatchObject({ id: 'a2' });
    expect(stream.stanzas).toHaveLength(1);
  });
});

describe('what comes in and makes no sense', () => {
  test.each([
    ['a sender that is no JID', message('x').replace(ALICE, '@@/')],
    ['no sender', message('x').replace(`from='${ALICE}'`, '')],
    ['an iq without a payload', `<iq type='get' from='${ALICE}' to='ap.test' id='i'/>`],
    ['an unknown stanza', '<what/>'],
    [
      'deep nesting',
      `<message from='${ALICE}' to='${CONTACT}'>${'<a>'.repeat(50_000)}${'</a>'.repeat(50_000)}</message>`,
    ],
  ])('with %s is survived on the same connection', async (_, xml) => {
    const { stream, connection } = await openOnline();
    connection.write(xml);
    connection.write(message('after', 'last'));
    await stream.nextStanza(({ id }) => id === 'last');
    expect(stream.state().status).toBe('online');
  });

  test('goes on when handlers throw, reject, or answer an iq twice as large as allowed', async () => {
    let count = 0;
    const { stream, connection } = await openOnline({
      onStanza: () => {
        count += 1;
        if (count === 1) throw new Error('first');
        return count === 2 ? Promise.reject(new Error('second')) : undefined;
      },
      onIq: async (iq) => {
        iq.children = ['x'.repeat(400 * 1024)];
        return iq;
      },
    });
    for (const id of ['1', '2', '3']) connection.write(message('x', id));
    connection.write(`<iq type='get' from='${ALICE}' to='ap.test' id='i'><q xmlns='x'/></iq>`);
    expect(await connection.until('</iq>')).toContain('resource-constraint');
    await stream.nextStanza(({ id }) => id === '3');
    expect(stream.warnings.filter((text) => text === 'a stanza handler failed')).toHaveLength(2);
  });

  test('waits in the socket while too many handlers are at work', async () => {
    const finish: (() => void)[] = [];
    const { stream, connection } = await openOnline({
      limits: { outbound: 200_000, inbound: 500_000, handlers: 4 },
      onStanza: () => new Promise<void>((resolve) => finish.push(resolve)),
    });
    for (let n = 0; n < 5; n += 1) connection.write(message('x', `n${n}`));
    await stream.nextStanza(({ id }) => id === 'n4');
    connection.write(message('x', 'late'));
    expect(await stream.barrier(100)).toBe(false);
    expect(stream.stanzas).toHaveLength(5);
    for (const done of finish.splice(0)) done();
    await stream.nextStanza(({ id }) => id === 'late');
    for (const done of finish.splice(0)) done();
  });
});

describe('what goes out', () => {
  test('is down before the start and after the stop, and never throws', async () => {
    const { stream } = await openOnline();
    await stream.stop();
    expect(stream.send(chatMessage({ to: ALICE }))).toBe('down');
    expect(await stream.barrier(1_000)).toBe(false);
    expect(stream.state()).toEqual({ status: 'down', problem: undefined });
  });

  test.each([
    ['too-large', chatMessage({ to: ALICE, body: 'x'.repeat(300 * 1024) })],
    ['too-large', chatMessage({ to: ALICE, body: '<'.repeat(60 * 1024) })],
    ['invalid', chatMessage({ to: ALICE, from: 'someone@else.test' })],
    ['invalid', chatMessage({ to: '@' })],
    ['written', chatMessage({ to: ALICE, body: 'x'.repeat(190 * 1024) })],
  ])('%s', async (result, stanza) => {
    const { stream, connection } = await openOnline();
    expect(stream.send(stanza)).toBe(result);
    stream.send(chatMessage({ to: ALICE, id: 'mark' }));
    const sent = await connection.until('id="mark"');
    expect(sent.includes('id="m1"')).toBe(result === 'written');
  });

  test('ends in order: closing tag, then what the server still had to say, handlers waited for', async () => {
    let isDone = false;
    const { server, stream } = await open(
      { onClose: message('last words') },
      {
        onStanza: async () => {
          await new Promise((resolve) => setTimeout(resolve, 50));
          isDone = true;
        },
      },
    );
    await server.accepted();
    await stream.untilState(isOnline);
    await stream.stop();
    expect(stream.stanzas).toMatchObject([{ body: 'last words' }]);
    expect(isDone).toBe(true);
  });
});
