import { describe, expect, test } from 'vitest';
import { createRosterNamer } from '../../src/app-rosters.ts';
import { parsePrivileges } from '../../src/xmpp/privileges.ts';
import { parseXml } from '../support/xml.ts';

const advertisement = (inner: string, { from = 'xmpp.test', version = 2 } = {}) =>
  parseXml(
    `<message from='${from}' to='ap.test'><privilege xmlns='urn:xmpp:privilege:${version}'>${inner}</privilege></message>`,
  );

describe('what a server lets the component do (XEP-0356)', () => {
  test.each([1, 2])('in the namespace of version %i', (version) => {
    const inner = "<perm access='roster' type='both'/><perm access='message' type='outgoing'/>";
    expect(parsePrivileges(advertisement(inner, { version }))).toEqual({
      domain: 'xmpp.test',
      roster: 'both',
      version,
      questions: new Set(),
    });
  });

  test.each([
    ["<perm access='roster' type='get'/>", 'get'],
    ["<perm access='roster' type='everything'/>", 'none'],
    ["<perm access='roster'/>", 'none'],
    ["<perm access='message' type='outgoing'/>", 'none'],
    ['', 'none'],
  ])('%s is %s', (inner, roster) => {
    expect(parsePrivileges(advertisement(inner))).toMatchObject({ roster });
  });

  test('questions in the name of a user, however they are nested', () => {
    const inner =
      "<perm access='iq'><namespace ns='a' type='get'><namespace ns='b' type='both'/><namespace ns='c' type='set'/></namespace></perm>";
    expect(parsePrivileges(advertisement(inner))).toMatchObject({ questions: new Set(['a', 'b']) });
  });

  test('nobody but a domain advertises, and a stanza that was sent on is none', () => {
    const perm = "<perm access='roster' type='both'/>";
    expect(parsePrivileges(advertisement(perm, { from: 'mallory@xmpp.test' }))).toBeUndefined();
    expect(parsePrivileges(advertisement(perm, { from: 'xmpp.test/x' }))).toBeUndefined();
    expect(parsePrivileges(advertisement("<forwarded xmlns='urn:xmpp:forward:0'/>"))).toBeUndefined();
    expect(
      parsePrivileges(parseXml("<message from='xmpp.test' to='ap.test'><body>x</body></message>")),
    ).toBeUndefined();
  });
});

describe('names in rosters', () => {
  const BOB = 'bob%peer.test@ap.test';
  const setUp = (items: string, answer = 'result') => {
    const asked: string[] = [];
    const namer = createRosterNamer({
      homeDomains: ['xmpp.test'],
      log: { info: () => undefined },
      question: async ({ type, to, payload }) => {
        asked.push(`${type} ${to} ${payload.toString()}`);
        return parseXml(`<iq type='${answer}'><query xmlns='jabber:iq:roster'>${items}</query></iq>`);
      },
    });
    const allow = (domain = 'xmpp.test', roster: 'both' | 'none' | 'set' = 'both', version: 1 | 2 = 2) =>
      namer.onPrivileges({ domain, roster, version, questions: new Set<string>() });
    const name = async (jid = 'alice@xmpp.test'): Promise<readonly string[]> => {
      namer.name(jid, BOB, 'Bob (@bob@peer.test)');
      await new Promise((resolve) => setImmediate(resolve));
      return asked;
    };
    return { namer, allow, name };
  };
  const unnamed = `<item jid='${BOB}' subscription='to'/>`;

  test('an item without a name gets one, and nothing is said of the subscription', async () => {
    const { allow, name } = setUp(`<item jid='x@y'/>${unnamed}`);
    allow();
    expect((await name())[1]).toBe(
      `set alice@xmpp.test <query xmlns="jabber:iq:roster"><item jid="${BOB}" name="Bob (@bob@peer.test)"><group>Fediverse</group></item></query>`,
    );
  });

  test.each([
    ['has a name', `<item jid='${BOB}' name='Robert' subscription='to'/>`, 'result'],
    ['is not there', '', 'result'],
    ['cannot be read', unnamed, 'error'],
  ])('one that %s is left alone', async (_, items, answer) => {
    const { allow, name } = setUp(items, answer);
    allow();
    expect(await name()).toHaveLength(1);
  });

  test('a roster that may have ended the stream is not read again', async () => {
    const asked: string[] = [];
    const namer = createRosterNamer({
      homeDomains: ['xmpp.test'],
      log: { info: () => undefined },
      question: ({ to }) => {
        asked.push(to);
        return new Promise(() => undefined);
      },
    });
    for (let times = 0; times < 2; times += 1) {
      namer.onPrivileges({ domain: 'xmpp.test', roster: 'both', version: 2, questions: new Set<string>() });
      namer.name('alice@xmpp.test', BOB, 'Bob');
      namer.forget();
    }
    expect(asked).toEqual(['alice@xmpp.test']);
  });

  test('nothing is written to a server that did not say that it may be', async () => {
    const { allow, name, namer } = setUp(unnamed);
    expect(await name()).toEqual([]);
    allow('xmpp.test', 'set');
    expect(await name()).toEqual([]);
    allow('xmpp.test', 'both', 1);
    expect(await name()).toEqual([]);
    allow('stranger.test');
    expect(await name('eve@stranger.test')).toEqual([]);
    allow();
    namer.forget();
    expect(await name()).toEqual([]);
  });
});
