import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { OutgoingStanza, StanzaError } from '../../src/bridge/stanza.ts';
import { elementToXml } from '../../src/xmpp/element.ts';
import { parseStanza } from '../../src/xmpp/parse.ts';
import { renderStanza } from '../../src/xmpp/render.ts';
import { anyString } from '../support/any-string.ts';
import { chatMessage } from '../support/stream.ts';
import { parseXml } from '../support/xml.ts';

const FROM = 'carol%snac.test@ap.test';
const TO = 'alice@xmpp.test';
const NOW = new Date('2026-01-01T12:00:00Z');
const render = (stanza: OutgoingStanza): string => elementToXml(renderStanza(stanza, { now: NOW }));

describe('messages', () => {
  test('as they are on the wire', () => {
    expect(render(chatMessage({ to: TO, lang: 'de', subject: 'CW', replyTo: { id: 'r', to: TO } }))).toBe(
      `<message type="chat" id="m1" from="${FROM}" to="${TO}" xml:lang="de"><subject>CW</subject><body>hello</body>` +
        `<origin-id xmlns="urn:xmpp:sid:0" id="m1"/><reply xmlns="urn:xmpp:reply:0" id="r" to="${TO}"/></message>`,
    );
  });

  test('a name is an event of its node (XEP-0172 4.1)', () => {
    expect(render({ kind: 'nick', from: FROM, to: TO, nick: 'Bob <b>' })).toBe(
      `<message type="headline" from="${FROM}" to="${TO}"><event xmlns="http://jabber.org/protocol/pubsub#event">` +
        '<items node="http://jabber.org/protocol/nick"><item id="current">' +
        '<nick xmlns="http://jabber.org/protocol/nick">Bob &lt;b&gt;</nick></item></items></event></message>',
    );
  });

  test('a picture is an event of its node (XEP-0084 4.2)', () => {
    const photo = { sha1: 'a'.repeat(40), size: 7 };
    expect(render({ kind: 'avatar', from: FROM, to: TO, photo })).toContain(
      `<items node="urn:xmpp:avatar:metadata"><item id="${photo.sha1}"><metadata xmlns="urn:xmpp:avatar:metadata"><info id="${photo.sha1}" type="image/png" bytes="7"/>`,
    );
  });

  test('a correction names the first id', () => {
    expect(render(chatMessage({ to: TO, replaces: 'm0' }))).toContain(
      '<replace xmlns="urn:xmpp:message-correct:0" id="m0"/>',
    );
  });

  test('a retraction has a fallback for clients that know none, and is to be stored', () => {
    const text = render(chatMessage({ to: TO, retracts: 'm0', body: 'deleted' }));
    expect(text).toContain('<retract xmlns="urn:xmpp:message-retract:1" id="m0"/>');
    expect(text).toContain('<fallback xmlns="urn:xmpp:fallback:0" for="urn:xmpp:message-retract:1"/>');
    expect(text).toContain('<store xmlns="urn:xmpp:hints"/>');
    expect(render(chatMessage({ to: TO, retracts: 'm0', body: '' }))).not.toMatch(/<body|<fallback/u);
  });

  test('a file goes out of band beside the same body', () => {
    const oob = { url: 'https://a.test/?b&c', desc: 'a cat' };
    expect(render(chatMessage({ to: TO, body: oob.url, oob }))).toContain(
      '<x xmlns="jabber:x:oob"><url>https://a.test/?b&amp;c</url><desc>a cat</desc></x>',
    );
  });

  test.each([
    ['2026-01-01T11:58:59.000Z', true],
    ['2026-01-01T11:59:30.000Z', false],
    ['2027-01-01T00:00:00.000Z', false],
    ['no time at all', false],
  ])('published at %s is late: %s', (publishedAt, isLate) => {
    const text = render(chatMessage({ to: TO, publishedAt }));
    expect(text.includes(`<delay xmlns="urn:xmpp:delay" from="ap.test" stamp="${publishedAt}"/>`)).toBe(
      isLate,
    );
    expect(text.includes('<delay')).toBe(isLate);
  });
});

describe('the other kinds', () => {
  const error: StanzaError = {
    type: 'cancel',
    condition: 'gone',
    text: 'Fort.',
    lang: 'de',
    uri: 'xmpp:n@ap.test',
  };
  const inner =
    '<error type="cancel"><gone xmlns="urn:ietf:params:xml:ns:xmpp-stanzas">xmpp:n@ap.test</gone>' +
    '<text xmlns="urn:ietf:params:xml:ns:xmpp-stanzas" xml:lang="de">Fort.</text></error>';
  test.each<[OutgoingStanza, string]>([
    [
      { kind: 'receipt', id: 'r1', from: FROM, to: TO, received: 'a1' },
      `<message type="chat" id="r1" from="${FROM}" to="${TO}"><received xmlns="urn:xmpp:receipts" id="a1"/><store xmlns="urn:xmpp:hints"/></message>`,
    ],
    [
      { kind: 'message-error', id: 'a1', from: FROM, to: TO, error },
      `<message type="error" id="a1" from="${FROM}" to="${TO}">${inner}</message>`,
    ],
    [
      { kind: 'presence-error', from: FROM, to: TO, error },
      `<presence type="error" from="${FROM}" to="${TO}">${inner}</presence>`,
    ],
    [
      { kind: 'message-error', id: 'a1', from: FROM, to: TO, error: { ...error, condition: 'forbidden' } },
      `<message type="error" id="a1" from="${FROM}" to="${TO}">${inner.replace('>xmpp:n@ap.test</gone>', '/>').replace('<gone', '<forbidden')}</message>`,
    ],
    [
      { kind: 'presence', type: 'subscribe', from: FROM, to: TO, nick: 'Carol & co' },
      `<presence type="subscribe" from="${FROM}" to="${TO}"><nick xmlns="http://jabber.org/protocol/nick">Carol &amp; co</nick></presence>`,
    ],
    [
      { kind: 'presence', type: 'available', from: FROM, to: TO, status: 'hi' },
      `<presence from="${FROM}" to="${TO}"><status>hi</status><x xmlns="vcard-temp:x:update"/></presence>`,
    ],
    [
      { kind: 'presence', type: 'available', from: FROM, to: TO, photo: '' },
      `<presence from="${FROM}" to="${TO}"><x xmlns="vcard-temp:x:update"><photo/></x></presence>`,
    ],
    [
      { kind: 'presence', type: 'available', from: FROM, to: TO, photo: 'abc' },
      `<presence from="${FROM}" to="${TO}"><x xmlns="vcard-temp:x:update"><photo>abc</photo></x></presence>`,
    ],
    [
      { kind: 'presence', type: 'available', from: 'ap.test', to: TO },
      `<presence from="ap.test" to="${TO}"/>`,
    ],
    [
      { kind: 'presence', type: 'unavailable', from: FROM, to: TO },
      `<presence type="unavailable" from="${FROM}" to="${TO}"/>`,
    ],
  ])('%j', (stanza, text) => {
    expect(render(stanza)).toBe(text);
  });
});

test('available presence carries the caps of who is present, and no other does', () => {
  const caps = { gateway: { node: 'n', ver: 'g' }, contact: { node: 'n', ver: 'c' } };
  const of = (from: string, type: 'available' | 'unavailable') =>
    elementToXml(renderStanza({ kind: 'presence', type, from, to: TO }, { now: NOW, caps }));
  const c = (ver: string) =>
    `<c xmlns="http://jabber.org/protocol/caps" hash="sha-1" node="n" ver="${ver}"/>`;
  expect(of(FROM, 'available')).toContain(c('c'));
  expect(of('ap.test', 'available')).toContain(c('g'));
  expect(of(FROM, 'unavailable')).not.toContain('<c ');
});

describe('any text', () => {
  const text = anyString({ minLength: 1 });
  test('comes out as well-formed XML and is read back', () => {
    fc.assert(
      fc.property(text, text, fc.option(text, { nil: undefined }), (body, id, subject) => {
        const rendered = render(
          chatMessage({ to: TO, body: `b${body}`, id: `i${id}`, ...(subject && { subject }) }),
        );
        expect(rendered.isWellFormed()).toBe(true);
        const back = parseStanza(parseXml(rendered));
        expect(back).toMatchObject({ kind: 'message', fromBare: FROM, wantsReceipt: false });
        // Once clean, a text survives the way out and in unchanged.
        if (back?.kind !== 'message') throw new Error('not a message');
        const again = parseStanza(
          parseXml(render(chatMessage({ to: TO, body: back.body ?? '', id: `i${id}` }))),
        );
        expect(again).toMatchObject({ body: back.body });
      }),
    );
  });

  test.each([
    ['\u0000\u0008\u000b\u001f', ''],
    ['a\ud800b\udfffc', 'abc'],
    ['\ufffe\uffff', ''],
    ['👋\t\n', '👋\t\n'],
    [']]>', ']]&gt;'],
  ])('%j is written as %j', (body, expected) => {
    const rendered = render(chatMessage({ to: TO, body: `<${body}>` }));
    expect(rendered).toContain(`<body>&lt;${expected}&gt;</body>`);
  });
});
