import { afterEach, describe, expect, test } from 'vitest';
import { chatMessage, isOnline, QUICK } from '../support/stream.ts';
import { ALICE, CONTACT, createBench, message } from '../support/stream-bench.ts';

const { open, openOnline, closeAll } = createBench();
afterEach(closeAll);

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

  describe('told to end while the server takes the handshake', () => {
    test('hears what the server hands over with its answer, and ends in order', async () => {
      const { promise: asked, resolve: ask } = Promise.withResolvers<void>();
      const states: string[] = [];
      const { server, stream } = await open(
        {
          beforeAnswer: ask,
          onHandshake: `<handshake/>${message('first words')}`,
          onClose: message('last words'),
        },
        { onState: ({ status }) => void states.push(status) },
      );
      await asked;
      await stream.stop();
      const connection = await server.accepted();
      await connection.closed;
      expect(stream.stanzas).toMatchObject([{ body: 'first words' }, { body: 'last words' }]);
      expect(states).not.toContain('online');
      expect(server.handshakes()).toBe(1);
    });

    test('waits for no server that does not answer', async () => {
      const { promise: asked, resolve: ask } = Promise.withResolvers<void>();
      const { stream } = await open(
        { beforeAnswer: ask, onHandshake: '' },
        { timing: { ...QUICK, close: 100 } },
      );
      await asked;
      const begun = performance.now();
      await stream.stop();
      // Much longer, and still less than the time of a handshake.
      expect(performance.now() - begun).toBeLessThan(8_000);
      expect(stream.state()).toEqual({ status: 'down', problem: undefined });
    });
  });
});
