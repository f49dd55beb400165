import { afterEach, describe, expect, test, vi } from 'vitest';
import { type FakeScript, streamError } from '../support/fake-xmpp-server.ts';
import { chatMessage, isOnline, QUICK } from '../support/stream.ts';
import { ALICE, createBench, message } from '../support/stream-bench.ts';

const { open, openOnline, closeAll } = createBench();
afterEach(closeAll);
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
  ] satisfies [FakeScript, string][])('%j is told in words', async (script, words) => {
    const { stream } = await open(script);
    expect((await stream.untilState(isSettled)).problem).toContain(words);
  });

  test.each([' garbage & <<< >', "><features xmlns='x'/>"])(
    '%j is given up after a time',
    async (onHeader) => {
      const { stream } = await open({ onHeader }, { timing: { ...QUICK, open: 150 } });
      expect((await stream.untilState(isSettled)).problem).toContain('component protocol');
    },
  );

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
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
    try {
      const { stream, connection } = await openOnline({ timing: { ...QUICK, pingAfter: 200 } });
      for (let n = 0; n < 8; n += 1) {
        connection.write(message('x', `n${n}`));
        await stream.nextStanza();
        await vi.advanceTimersByTimeAsync(150);
      }
      stream.send(chatMessage({ to: ALICE, id: 'mark' }));
      expect(await connection.until('id="mark"')).not.toContain('urn:xmpp:ping');
      await vi.advanceTimersByTimeAsync(200);
      await connection.until('urn:xmpp:ping');
    } finally {
      vi.useRealTimers();
    }
  });
});
