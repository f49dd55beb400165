import { expect, test } from 'vitest';
import { ForbiddenAddressError } from '../../src/activitypub/agent.ts';
import { nameFailure } from '../../src/activitypub/network-failure.ts';

const withCode = (code: string): Error => Object.assign(new Error('secret text'), { code });

test.each([
  ['no-such-host', withCode('ENOTFOUND')],
  ['connection', withCode('EAI_AGAIN')],
  ['refused-address', new ForbiddenAddressError('x')],
  ['refused-address', new Error('outer', { cause: new ForbiddenAddressError('x') })],
  ['tls', withCode('SELF_SIGNED_CERT_IN_CHAIN')],
  ['tls', withCode('CERT_HAS_EXPIRED')],
  ['tls-name', withCode('ERR_TLS_CERT_ALTNAME_INVALID')],
  ['tls', withCode('UNABLE_TO_VERIFY_LEAF_SIGNATURE')],
  ['timeout', withCode('UND_ERR_HEADERS_TIMEOUT')],
  ['timeout', AbortSignal.abort(new DOMException('late', 'TimeoutError')).reason],
  ['connection', withCode('ECONNREFUSED')],
  ['connection', new AggregateError([withCode('ECONNREFUSED'), withCode('EHOSTUNREACH')])],
  ['timeout', new AggregateError([withCode('ETIMEDOUT')])],
  ['connection', new Error('anything')],
  ['connection', 'not even an error'],
  ['connection', undefined],
] as const)('%s', (cause, error) => {
  expect(nameFailure(error)).toMatchObject({ kind: 'no-answer', cause });
});

test('the problem is made of codes, never of text', () => {
  expect(nameFailure(withCode('ECONNRESET')).problem).toBe('ECONNRESET Error');
  expect(nameFailure(7).problem).toBe('unknown');
});

test('a loop of causes ends', () => {
  const error = new Error('loop');
  error.cause = error;
  expect(nameFailure(error).cause).toBe('connection');
});
