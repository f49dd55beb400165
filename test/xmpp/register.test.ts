import { expect, test } from 'vitest';
import { done, refuse } from '../../src/bridge/outcome.ts';
import { refusalText } from '../../src/bridge/sentences.ts';
import { answerIq } from '../../src/xmpp/iq.ts';
import { refusalToError } from '../../src/xmpp/refusal-to-error.ts';
import { registerHandlers } from '../../src/xmpp/register.ts';
import { parseXml } from '../support/xml.ts';

const asked: string[] = [];
const note = (what: string, jid: string): boolean => {
  asked.push(`${what} ${jid}`);
  return jid.startsWith('alice@');
};
const handlers = registerHandlers({
  domain: 'ap.test',
  toError: (refusal) => refusalToError(refusal, refusalText(refusal), 'en'),
  look: async (jid) => done({ isRegistered: note('look', jid), text: 'You are <here>.' }),
  register: async (jid) => (note('register', jid) ? done(undefined) : refuse('registration-closed')),
  remove: async (jid) => (note('remove', jid) ? done(undefined) : refuse('not-registered')),
});
const ask = async (type: 'get' | 'set', inner: string, from = 'alice', to = 'ap.test'): Promise<string> => {
  const query = `<query xmlns='jabber:iq:register'>${inner}</query>`;
  const iq = parseXml(`<iq from='${from}@xmpp.test/phone' to='${to}' type='${type}' id='i1'>${query}</iq>`);
  return (await answerIq({ handlers, onProblem: () => undefined }, iq))?.toString() ?? '';
};

test('who is registered is told so', async () => {
  expect(await ask('get', '')).toContain(
    '<registered/><instructions>You are &lt;here&gt;.</instructions></query>',
  );
  expect(await ask('get', '', 'bob')).not.toContain('<registered/>');
});

test('a set registers whom the server says, whatever is filled in', async () => {
  expect(await ask('set', '<username>root</username><password>x</password>')).toContain('type="result"');
  expect(asked.at(-1)).toBe('register alice@xmpp.test');
  expect(await ask('set', '', 'bob')).toMatch(/type="cancel"><not-allowed.*<text [^>]*>[A-Z][^<]+\./u);
});

test('remove stands alone', async () => {
  expect(await ask('set', '<remove/>')).toContain('type="result"');
  expect(asked.at(-1)).toBe('remove alice@xmpp.test');
  expect(await ask('set', '<remove/>', 'bob')).toContain('registration-required');
  const before = asked.length;
  expect(await ask('set', '<remove/><username>alice</username>')).toContain('bad-request');
  expect(asked).toHaveLength(before);
});

test('a contact registers nobody', async () => {
  expect(await ask('set', '', 'alice', 'bob%peer.test@ap.test')).toContain('service-unavailable');
});
