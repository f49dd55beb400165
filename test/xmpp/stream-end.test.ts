import { expect, test } from 'vitest';
import { describeEnd, type StreamEnd } from '../../src/xmpp/stream-end.ts';

const CASES: [StreamEnd, string][] = [
  [{ kind: 'stream-error', condition: 'not-authorized' }, 'xmpp.secret must equal'],
  [{ kind: 'stream-error', condition: 'host-unknown' }, 'Component "ap.test"'],
  [{ kind: 'stream-error', condition: 'conflict' }, 'kick_old'],
  [{ kind: 'stream-error', condition: 'system-shutdown' }, 'shutting down'],
  [{ kind: 'stream-error', condition: 'invalid-from' }, 'invalid-from'],
  [{ kind: 'socket', code: 'ECONNREFUSED' }, 'is it running'],
  [{ kind: 'socket', code: 'ENOTFOUND' }, 'cannot be resolved'],
  [{ kind: 'socket', code: 'EHOSTUNREACH' }, 'cannot be reached'],
  [{ kind: 'socket', code: 'ECONNRESET' }, 'ECONNRESET'],
  [{ kind: 'closed' }, 'closed the connection'],
  [{ kind: 'handshake-timeout' }, 'port for components'],
  [{ kind: 'silent' }, 'no longer answers'],
  [{ kind: 'bad-xml' }, 'not well formed'],
  [{ kind: 'stanza-too-large' }, 'size limit'],
];

test.each(CASES)('%j', (end, words) => {
  const sentence = describeEnd(end, 'ap.test');
  expect(sentence).toContain(words);
  expect(sentence).toMatch(/[.?]$/u);
  // It is also what a readiness probe tells to strangers.
  expect(sentence).not.toMatch(/\d+\.\d+\.\d+\.\d+/u);
});
