import { describe, expect, test } from 'vitest';
import { done, refuse } from '../../src/bridge/outcome.ts';
import { refusalText } from '../../src/bridge/sentences.ts';
import { type FindDeps, findHandlers } from '../../src/xmpp/find.ts';
import { answerIq } from '../../src/xmpp/iq.ts';
import { questionHandlers } from '../../src/xmpp/questions.ts';
import { refusalToError } from '../../src/xmpp/refusal-to-error.ts';
import { parseXml } from '../support/xml.ts';

const BOB = { jid: 'bob%peer.test@ap.test', name: 'Bob <b> (@bob@peer.test)' };
const asked: string[] = [];
const findTyped: FindDeps['findTyped'] = (asker, text) => {
  asked.push(`${asker}: ${text}`);
  if (text === '') return Promise.resolve(undefined);
  if (text.includes('bob')) return Promise.resolve(done(BOB));
  const reason = text.includes('silent') ? 'host-unreachable' : 'not-found';
  return Promise.resolve(refuse(reason, { host: 'peer.test' }));
};
const now = new Date('2026-11-21T10:00:00Z');
const handlers = [
  ...findHandlers({
    domain: 'ap.test',
    findTyped,
    toError: (refusal) => refusalToError(refusal, refusalText(refusal), 'en'),
  }),
  ...questionHandlers({ domain: 'ap.test', now: () => now, startedAt: new Date('2026-11-21T09:00:00Z') }),
];
const ask = async (type: 'get' | 'set', inner: string, to = 'ap.test'): Promise<string> => {
  const iq = parseXml(`<iq from='alice@xmpp.test/phone' to='${to}' type='${type}' id='i1'>${inner}</iq>`);
  const answer = await answerIq({ handlers, onProblem: () => undefined }, iq);
  return answer?.toString() ?? '';
};

describe('an address asked for in the words of the Fediverse (XEP-0100 6)', () => {
  const prompt = (text: string): string =>
    `<query xmlns='jabber:iq:gateway'><prompt>${text}</prompt></query>`;

  test('the question says what to type', async () => {
    const text = await ask('get', "<query xmlns='jabber:iq:gateway'/>");
    expect(text).toContain('@bob@mastodon.example');
    expect(text).toContain('<prompt>Handle</prompt>');
  });

  test('the answer is the canonical address', async () => {
    expect(await ask('set', prompt('@bob@peer.test'))).toContain(`<jid>${BOB.jid}</jid>`);
    expect(asked.at(-1)).toBe('alice@xmpp.test: @bob@peer.test');
  });

  test.each([
    ['', 'jid-malformed'],
    ['@eve@peer.test', 'item-not-found'],
    ['@silent@peer.test', 'remote-server-timeout'],
  ])('“%s” is %s, in a sentence', async (typed, condition) => {
    const text = await ask('set', prompt(typed));
    expect(text).toContain(condition);
    expect(text).toMatch(/<text [^>]*>[A-Z][^<]+\.<\/text>/u);
  });

  test('a contact is not asked for others', async () => {
    expect(await ask('get', "<query xmlns='jabber:iq:gateway'/>", BOB.jid)).toContain('service-unavailable');
  });
});

describe('a search (XEP-0055)', () => {
  const plain = (text: string): string => `<query xmlns='jabber:iq:search'><nick>${text}</nick></query>`;
  const form = (text: string): string =>
    `<query xmlns='jabber:iq:search'><x xmlns='jabber:x:data' type='submit'><field var='FORM_TYPE'><value>jabber:iq:search</value></field><field var='nick'><value>${text}</value></field></x></query>`;

  test('offers a field and a form', async () => {
    const text = await ask('get', "<query xmlns='jabber:iq:search'/>");
    expect(text).toContain('<nick/>');
    expect(text).toMatch(/<x xmlns="jabber:x:data" type="form">.*var="nick" type="text-single"/u);
  });

  test('finds one person, answered as it was asked', async () => {
    expect(await ask('set', plain('@bob@peer.test'))).toContain(
      `<item jid="${BOB.jid}"><nick>Bob &lt;b&gt; (@bob@peer.test)</nick></item>`,
    );
    const table = await ask('set', form('@bob@peer.test'));
    expect(table).toContain('<reported><field var="jid" type="jid-single" label="Address"/>');
    expect(table).toContain(`<field var="jid"><value>${BOB.jid}</value></field>`);
  });

  test('finds nobody without an error, and tells trouble as such', async () => {
    expect(await ask('set', plain('@eve@peer.test'))).toContain('<query xmlns="jabber:iq:search"/>');
    expect(await ask('set', form('@eve@peer.test'))).not.toContain('<item>');
    expect(await ask('set', plain('@silent@peer.test'))).toContain('remote-server-timeout');
    expect(await ask('set', plain(''))).toContain('jid-malformed');
  });
});

describe('what clients ask by themselves', () => {
  test.each([
    ['get', "<query xmlns='jabber:iq:last'/>", 'ap.test', 'seconds="3600"'],
    ['get', "<query xmlns='jabber:iq:last'/>", BOB.jid, 'service-unavailable'],
    ['get', "<time xmlns='urn:xmpp:time'/>", 'ap.test', '<utc>2026-11-21T10:00:00.000Z</utc>'],
    ['get', "<time xmlns='urn:xmpp:time'/>", BOB.jid, 'service-unavailable'],
    [
      'set',
      "<pubsub xmlns='http://jabber.org/protocol/pubsub'><publish node='x'/></pubsub>",
      BOB.jid,
      'forbidden',
    ],
    ['set', "<query xmlns='urn:xmpp:mam:2'/>", BOB.jid, 'service-unavailable'],
    ['get', "<blocklist xmlns='urn:xmpp:blocking'/>", BOB.jid, 'service-unavailable'],
    ['get', "<query xmlns='jabber:iq:privacy'/>", 'ap.test', 'service-unavailable'],
  ] as const)('%s %s of %s', async (type, inner, to, expected) => {
    expect(await ask(type, inner, to)).toContain(expected);
  });
});
