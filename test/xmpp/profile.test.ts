import { describe, expect, test } from 'vitest';
import { done, refuse } from '../../src/bridge/outcome.ts';
import { actorToProfile, type Profile } from '../../src/bridge/profile.ts';
import { refusalText } from '../../src/bridge/sentences.ts';
import { answerIq } from '../../src/xmpp/iq.ts';
import { profileHandlers } from '../../src/xmpp/profile.ts';
import { refusalToError } from '../../src/xmpp/refusal-to-error.ts';
import type { ShownPicture } from '../../src/xmpp/vcard.ts';
import { parseXml } from '../support/xml.ts';

const BOB = 'bob%peer.test@ap.test';
const PICTURE: ShownPicture = { sha1: 'a'.repeat(40), bytes: Buffer.from('picture') };
const profile = actorToProfile(
  {
    name: 'Bob <b>',
    preferredUsername: 'Bob',
    handle: { user: 'bob', host: 'peer.test' },
    summary: '<p>I paint.</p><p>And &amp; write.</p>',
    url: 'https://peer.test/@bob',
    fields: [{ name: 'Home', value: '<a href="https://bob.example/">bob.example</a>' }],
  },
  BOB,
);
const gatewayProfile: Profile = { ...profile, fullName: 'Fediverse', jid: 'ap.test' };

const lookedUp: string[] = [];
const handlersWith = (picture: ShownPicture | undefined) =>
  profileHandlers({
    domain: 'ap.test',
    gatewayProfile,
    findProfile: async (asker, { user, host }) => {
      lookedUp.push(`${asker} ${user}@${host}`);
      return user === 'bob'
        ? done({ profile, picture: () => Promise.resolve(picture) })
        : refuse('not-found', { host });
    },
    toError: (refusal) => refusalToError(refusal, refusalText(refusal), 'en'),
  });
const ask = async (inner: string, { to = BOB, hasPicture = true } = {}): Promise<string> => {
  const iq = parseXml(`<iq from='alice@xmpp.test/phone' to='${to}' type='get' id='i1'>${inner}</iq>`);
  const answer = await answerIq(
    { handlers: handlersWith(hasPicture ? PICTURE : undefined), onProblem: () => undefined },
    iq,
  );
  return answer?.toString() ?? '';
};
const items = (node: string, item = ''): string =>
  `<pubsub xmlns='http://jabber.org/protocol/pubsub'><items node='${node}'>${item}</items></pubsub>`;
const TEMP = "<vCard xmlns='vcard-temp'/>";
const FOUR = "<vcard xmlns='urn:ietf:params:xml:ns:vcard-4.0'/>";

test('a profile is plain text, with the handle in the name', () => {
  expect(profile).toMatchObject({
    fullName: 'Bob <b> (@bob@peer.test)',
    nickname: 'Bob <b> (@bob@peer.test)',
    about: 'I paint.\n\nAnd & write.\n\nHome: https://bob.example/',
    url: 'https://peer.test/@bob',
  });
});

describe('cards', () => {
  test('vcard-temp (XEP-0054)', async () => {
    const text = await ask(TEMP);
    expect(text).toContain('<vCard xmlns="vcard-temp"><FN>Bob &lt;b&gt; (@bob@peer.test)</FN>');
    expect(text).toContain('<DESC>I paint.');
    expect(text).toContain(
      `<PHOTO><TYPE>image/png</TYPE><BINVAL>${PICTURE.bytes.toString('base64')}</BINVAL>`,
    );
    expect(await ask(TEMP, { hasPicture: false })).not.toContain('PHOTO');
  });

  test('vCard4 (XEP-0292), asked for and as an item', async () => {
    for (const text of [await ask(FOUR), await ask(items('urn:xmpp:vcard4'))]) {
      expect(text).toContain('<fn><text>Bob &lt;b&gt; (@bob@peer.test)</text></fn>');
      expect(text).toContain('<impp><uri>xmpp:bob%25peer.test@ap.test</uri></impp>');
      expect(text).toContain('<photo><uri>data:image/png;base64,');
    }
  });

  test('of the gateway', async () => {
    expect(await ask(TEMP, { to: 'ap.test' })).toContain('<FN>Fediverse</FN>');
  });

  test('of nobody', async () => {
    const text = await ask(TEMP, { to: 'eve%peer.test@ap.test' });
    expect(text).toContain('item-not-found');
    expect(text).toContain('There is nobody of this name at peer.test.');
    expect(await ask(TEMP, { to: 'eve@ap.test' })).toContain('service-unavailable');
  });
});

describe('nodes (XEP-0060 6.5)', () => {
  test('the avatar: what it is, and its bytes (XEP-0084)', async () => {
    expect(await ask(items('urn:xmpp:avatar:metadata'))).toContain(
      `<item id="${PICTURE.sha1}"><metadata xmlns="urn:xmpp:avatar:metadata"><info id="${PICTURE.sha1}" type="image/png" bytes="7"/></metadata></item>`,
    );
    expect(await ask(items('urn:xmpp:avatar:data', `<item id='${PICTURE.sha1}'/>`))).toContain(
      `<data xmlns="urn:xmpp:avatar:data">${PICTURE.bytes.toString('base64')}</data>`,
    );
  });

  test('another item of it is not there, nor any where there is no picture', async () => {
    expect(await ask(items('urn:xmpp:avatar:data', "<item id='x'/>"))).toContain('item-not-found');
    expect(await ask(items('urn:xmpp:avatar:metadata'), { hasPicture: false })).toContain('item-not-found');
  });

  test('the nick (XEP-0172)', async () => {
    expect(await ask(items('http://jabber.org/protocol/nick'))).toContain(
      '<nick xmlns="http://jabber.org/protocol/nick">Bob &lt;b&gt; (@bob@peer.test)</nick>',
    );
  });

  test.each(['eu.siacs.conversations.axolotl.devicelist', 'urn:xmpp:omemo:2:devices', 'constructor', 'x'])(
    '%s is not there, and nobody is looked up for it',
    async (node) => {
      const before = lookedUp.length;
      expect(await ask(items(node))).toContain('item-not-found');
      expect(lookedUp).toHaveLength(before);
    },
  );
});
