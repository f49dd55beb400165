import { expect, test } from 'vitest';
import type { RefusalReason } from '../../src/bridge/outcome.ts';
import { refusalToError } from '../../src/xmpp/refusal-to-error.ts';

const EXPECTED: Record<RefusalReason, readonly [string, string]> = {
  'malformed-address': ['jid-malformed', 'modify'],
  'not-found': ['item-not-found', 'cancel'],
  gone: ['gone', 'cancel'],
  'host-not-found': ['remote-server-not-found', 'cancel'],
  'host-unreachable': ['remote-server-timeout', 'wait'],
  'refused-by-host': ['forbidden', 'auth'],
  'blocked-by-person': ['forbidden', 'auth'],
  policy: ['policy-violation', 'modify'],
  'over-limit': ['resource-constraint', 'wait'],
  'not-registered': ['registration-required', 'auth'],
  'registration-closed': ['not-allowed', 'cancel'],
  'domain-not-allowed': ['forbidden', 'auth'],
  encrypted: ['not-acceptable', 'modify'],
  'too-long': ['not-acceptable', 'modify'],
  'not-supported': ['feature-not-implemented', 'cancel'],
  'rejected-by-host': ['not-acceptable', 'modify'],
  internal: ['internal-server-error', 'wait'],
};
const REASONS = Object.keys(EXPECTED) as RefusalReason[];

test.each(REASONS)('%s', (reason) => {
  const [condition, type] = EXPECTED[reason];
  expect(refusalToError({ reason }, 'Why.', 'en')).toEqual({ condition, type, text: 'Why.', lang: 'en' });
});

test('gone names the new address as a URI (RFC 5122), every other reason none', () => {
  const movedTo = 'new\\27s%snac.test@ap.test';
  expect(refusalToError({ reason: 'gone', movedTo }, '', 'en').uri).toBe(
    'xmpp:new%5C27s%25snac.test@ap.test',
  );
  expect(refusalToError({ reason: 'policy', movedTo }, '', 'en')).not.toHaveProperty('uri');
});
