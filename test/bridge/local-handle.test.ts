import { expect, test } from 'vitest';
import { localHandle } from '../../src/bridge/local-handle.ts';

const rules = { domain: 'ap.example', jidDomains: new Set(['xmpp.example']) };

test.each([
  ['alice', 'alice@xmpp.example', 'alice@xmpp.example'],
  ['alice_xmpp_example', 'alice@xmpp.example', 'alice_xmpp_example@ap.example'],
  ['alice_x', 'alice.x@xmpp.example', 'alice_x@ap.example'],
  ['alice', 'alice@other.example', 'alice@ap.example'],
])('%s of %s is %s', (name, jid, handle) => {
  expect(localHandle({ name, jid }, rules)).toBe(handle);
});

test('without the option all are at the gateway', () => {
  const none = { domain: 'ap.example', jidDomains: new Set<string>() };
  expect(localHandle({ name: 'alice', jid: 'alice@xmpp.example' }, none)).toBe('alice@ap.example');
});
