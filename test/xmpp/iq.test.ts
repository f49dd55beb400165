import { xml } from '@xmpp/component';
import { describe, expect, test } from 'vitest';
import { done, refuse } from '../../src/bridge/outcome.ts';
import { refusalText } from '../../src/bridge/sentences.ts';
import { entityCaps } from '../../src/xmpp/caps.ts';
import { discoHandlers } from '../../src/xmpp/disco.ts';
import { contactInfo, gatewayInfo } from '../../src/xmpp/features.ts';
import { answerIq, type IqHandler } from '../../src/xmpp/iq.ts';
import { refusalToError } from '../../src/xmpp/refusal-to-error.ts';
import { parseXml } from '../support/xml.ts';

const ALICE = 'alice@xmpp.test/phone';
const CONTACT = 'carol%snac.test@ap.test';
const own = (name: string, answer: IqHandler['answer']): IqHandler => ({
  type: 'get',
  name,
  namespace: 'urn:test',
  answer,
});
const caps = entityCaps({ node: 'https://ap.test/', name: 'Fediverse' });
const handlers = [
  ...discoHandlers({
    domain: 'ap.test',
    version: '1.2.3',
    facts: { name: 'Fediverse' },
    caps,
    findPerson: (_, { user, host }) =>
      Promise.resolve(user === 'carol' ? done(undefined) : refuse('not-found', { host })),
    toError: (refusal) => refusalToError(refusal, refusalText(refusal), 'en'),
  }),
  own('throws', () => {
    throw new Error('broken');
  }),
  own('rejects', () => Promise.reject(new Error('broken'))),
  own('hangs', () => new Promise(() => {})),
  own('payload', ({ payload }) => ({ kind: 'result', payload: xml('echo', { of: payload.name }) })),
];
const ask = async (inner: string, attrs: string) => {
  const problems: string[] = [];
  const iq = parseXml(`<iq from='${ALICE}' ${attrs}>${inner}</iq>`);
  const answer = await answerIq({ handlers, onProblem: (problem) => problems.push(problem) }, iq, 20);
  return { text: answer?.toString(), problems };
};
const get = (inner: string, to = 'ap.test') => ask(inner, `to='${to}' type='get' id='i1'`);

describe('exactly one answer', () => {
  test.each([
    ["<throws xmlns='urn:test'/>", 'internal-server-error', 1],
    ["<rejects xmlns='urn:test'/>", 'internal-server-error', 1],
    ["<hangs xmlns='urn:test'/>", 'remote-server-timeout', 1],
    ["<unknown xmlns='urn:test'/>", 'service-unavailable', 0],
    ["<throws xmlns='urn:other'/>", 'service-unavailable', 0],
    ["<payload xmlns='urn:test'/>", '<echo of="payload"/>', 0],
    ['', 'bad-request', 0],
    ["<payload xmlns='urn:test'/><payload xmlns='urn:test'/>", 'bad-request', 0],
  ])('%s: %s', async (inner, expected, problems) => {
    const answer = await get(inner);
    expect(answer.text).toContain(expected);
    expect(answer.text).toContain(`id="i1" from="ap.test" to="${ALICE}"`);
    expect(answer.problems).toHaveLength(problems);
  });

  test.each(["type='set'", "type='odd'", ''])('for the type %s', async (type) => {
    const { text } = await ask("<payload xmlns='urn:test'/>", `to='ap.test' id='i1' ${type}`);
    expect(text).toContain(type === "type='set'" ? 'service-unavailable' : 'bad-request');
  });

  test.each(["type='result'", "type='error'"])('but none for %s', async (type) => {
    expect((await ask('', `to='ap.test' id='i1' ${type}`)).text).toBeUndefined();
  });

  test('and none where nobody could get it', async () => {
    const iq = parseXml("<iq to='ap.test' type='get' id='i1'><x xmlns='y'/></iq>");
    expect(await answerIq({ handlers, onProblem: () => {} }, iq)).toBeUndefined();
  });

  test('from the address that was asked, as it was spelled', async () => {
    const alias = 'Carol\\40snac.test@ap.test';
    expect((await get("<ping xmlns='urn:xmpp:ping'/>", alias)).text).toBe(
      `<iq id="i1" from="${alias}" to="${ALICE}" type="result"/>`,
    );
  });
});

describe('discovery', () => {
  const info = (inside = '') => `<query xmlns='http://jabber.org/protocol/disco#info' ${inside}/>`;
  test('the gateway says what it is', async () => {
    const { text } = await get(info());
    expect(text).toContain('<identity category="gateway" type="activitypub" name="Fediverse"/>');
    for (const feature of gatewayInfo({ name: '' }).features)
      expect(text).toContain(`<feature var="${feature}"/>`);
  });

  test('a contact is an account', async () => {
    const { text } = await get(info(), CONTACT);
    expect(text).toContain('<identity category="account" type="registered"/>');
    for (const feature of contactInfo.features) expect(text).toContain(`<feature var="${feature}"/>`);
  });

  test.each([
    ['ap.test', caps.gateway, 'gateway'],
    [CONTACT, caps.contact, 'account'],
  ])(
    '%s answers for the node of its caps as for none (XEP-0115 6.2)',
    async (to, { node, ver }, category) => {
      const { text = '' } = await get(info(`node='${node}#${ver}'`), to);
      const inner = (xmlText: string) => /<query[^>]*>(.*)<\/query>/u.exec(xmlText)?.[1];
      expect(text).toContain(`node="${node}#${ver}"`);
      expect(text).toContain(`category="${category}"`);
      expect(inner(text)).toBe(inner((await get(info(), to)).text ?? ''));
    },
  );

  test('the node of the caps of another is not there', async () => {
    const { node, ver } = caps.gateway;
    expect((await get(info(`node='${node}#${ver}'`), CONTACT)).text).toContain('item-not-found');
  });

  test('escaping is never advertised', () => {
    expect([...gatewayInfo({ name: '' }).features, ...contactInfo.features]).not.toContain('jid\\20escaping');
  });

  test.each([
    ['ap.test/x', info(), 'service-unavailable'],
    [`${CONTACT}/x`, info(), 'service-unavailable'],
    ['carol@ap.test', info(), 'jid-malformed'],
    [`me%ap.test@ap.test`, info(), 'jid-malformed'],
    ['eve%snac.test@ap.test', info(), 'item-not-found'],
    ['carol\\40snac.test@ap.test', info(), 'from="carol\\40snac.test@ap.test"'],
    ['else.test', info(), 'service-unavailable'],
    ['ap.test', info("node='x'"), 'item-not-found'],
    [CONTACT, info("node='x'"), 'item-not-found'],
    ['ap.test', "<query xmlns='http://jabber.org/protocol/disco#items' node='x'/>", 'item-not-found'],
    ['carol@ap.test', "<query xmlns='http://jabber.org/protocol/disco#items'/>", 'service-unavailable'],
    ['carol@ap.test', "<ping xmlns='urn:xmpp:ping'/>", 'service-unavailable'],
    [
      CONTACT,
      "<query xmlns='jabber:iq:version'/>",
      'Which client a person of the Fediverse uses is not known here.',
    ],
    ['ap.test', "<query xmlns='jabber:iq:version'/>", '<name>Causeway</name><version>1.2.3</version>'],
    [CONTACT, "<query xmlns='http://jabber.org/protocol/disco#items'/>", 'disco#items"/></iq>'],
    [
      'ap.test',
      "<query xmlns='http://jabber.org/protocol/disco#items' node='http://jabber.org/protocol/commands'/>",
      'type="result"',
    ],
  ])('%s asked %s', async (to, inner, expected) => {
    expect((await get(inner, to)).text).toContain(expected);
  });
});
