import { describe, expect, test } from 'vitest';
import { type Asked, permit, type Rules, refusesBridging } from '../../src/bridge/policy.ts';

const RULES: Rules = {
  homeDomains: ['xmpp.example'],
  allowedDomains: ['friends.example'],
  registration: 'open',
};
const ASKED: Asked = {
  act: 'first-message',
  sender: 'alice@xmpp.example/phone',
  registered: true,
  recipient: { handle: { user: 'bob', host: 'm.example' }, summary: undefined, bridgeable: undefined },
  hostBlocked: false,
  blockedByPerson: false,
  blockedByUser: false,
};
const at = (host: string): Asked['recipient'] => ({ ...ASKED.recipient, handle: { user: 'bob', host } });
const says = (summary: string): Asked['recipient'] => ({ ...ASKED.recipient, summary });

const decide = (asked: Partial<Asked>, rules: Partial<Rules> = {}): string => {
  const outcome = permit({ ...RULES, ...rules }, { ...ASKED, ...asked });
  return outcome.ok ? 'ok' : outcome.refusal.reason;
};

test.each<[string, Partial<Asked>, Partial<Rules>, string]>([
  ['a home user', {}, {}, 'ok'],
  ['a home user, unregistered', { registered: false }, {}, 'ok'],
  ['a user of an allowed domain', { sender: 'a@friends.example' }, {}, 'ok'],
  ['a stranger', { sender: 'a@else.example' }, {}, 'domain-not-allowed'],
  ['a stranger on a subdomain', { sender: 'a@x.xmpp.example' }, {}, 'domain-not-allowed'],
  ['no JID at all', { sender: '@@' }, {}, 'domain-not-allowed'],
  ['unregistered, on request', { registered: false }, { registration: 'request' }, 'not-registered'],
  ['unregistered, closed', { registered: false }, { registration: 'closed' }, 'not-registered'],
  ['registered, closed', {}, { registration: 'closed' }, 'ok'],
  ['blocked by the person', { blockedByPerson: true }, {}, 'blocked-by-person'],
  [
    'blocked by the person, in an old chat',
    { blockedByPerson: true, act: 'message' },
    {},
    'blocked-by-person',
  ],
  ['the user blocked the person', { blockedByUser: true }, {}, 'policy'],
  ['a blocked host', { hostBlocked: true }, {}, 'policy'],
  ['a blocked host, in an old chat', { hostBlocked: true, act: 'message' }, {}, 'policy'],
  ['#nobridge, first message', { recipient: says('<p>Hi #NoBridge</p>') }, {}, 'policy'],
  ['#nobridge, follow', { recipient: says('#nobridge'), act: 'follow' }, {}, 'policy'],
  ['#nobridge, an answer', { recipient: says('#nobridge'), act: 'message' }, {}, 'ok'],
  ['not bridgeable', { recipient: { ...ASKED.recipient, bridgeable: false } }, {}, 'policy'],
  ['bridgeable', { recipient: { ...ASKED.recipient, bridgeable: true } }, {}, 'ok'],
])('%s', (_, asked, rules, expected) => {
  expect(decide(asked, rules)).toBe(expected);
});

describe('#nobridge', () => {
  test.each([
    [
      '<a class="mention hashtag" rel="tag" href="https://m.example/tags/nobridge">#<span>nobridge</span></a>',
      true,
    ],
    ['no#nobridge', false],
    ['#nobridges', false],
    ['#nobridge_', false],
    ['nobridge', false],
    ['(#nobridge).', true],
    ['<a href="https://m.example/#nobridge">x</a>', true],
    ['', false],
  ])('%j: %s', (summary, expected) => {
    expect(refusesBridging({ summary, bridgeable: undefined })).toBe(expected);
  });

  test('holds against bridgeable: true', () => {
    expect(refusesBridging({ summary: '#nobridge', bridgeable: true })).toBe(true);
  });
});

test('a refusal names the host', () => {
  expect(permit(RULES, { ...ASKED, hostBlocked: true, recipient: at('bad.example') })).toEqual({
    ok: false,
    refusal: { reason: 'policy', host: 'bad.example' },
  });
});
