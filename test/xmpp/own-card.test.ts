import { xml } from '@xmpp/component';
import { expect, test } from 'vitest';
import { makeSmallPicture } from '../../src/media/small-picture.ts';
import type { Element } from '../../src/xmpp/element.ts';
import { parseAvatarData, parseOwnCard } from '../../src/xmpp/own-card.ts';
import { payloadOf, readOwnCard } from '../../src/xmpp/read-own-card.ts';
import { parseXml } from '../support/xml.ts';

const card = (inner: string) => parseOwnCard(parseXml(`<vCard xmlns='vcard-temp'>${inner}</vCard>`));
const photo = (binval: string) =>
  card(`<PHOTO><TYPE>image/png</TYPE><BINVAL>${binval}</BINVAL></PHOTO>`)?.photo;
const pubsub = (data: string) =>
  parseXml(
    `<pubsub xmlns='http://jabber.org/protocol/pubsub'><items node='urn:xmpp:avatar:data'><item id='a'><data xmlns='urn:xmpp:avatar:data'>${data}</data></item></items></pubsub>`,
  );
const decoded = (bytes: Uint8Array | undefined) => bytes && Buffer.from(bytes).toString('latin1');

test('name, words and picture of a card', () => {
  expect(
    card('<FN> Alice\n Liddell </FN><NICKNAME>al</NICKNAME><DESC>I like\nbridges.</DESC><NOTE>n</NOTE>'),
  ).toEqual({ name: 'Alice Liddell', bio: 'I like\nbridges.', photo: undefined });
  expect(card('<FN/><NICKNAME>al</NICKNAME><DESC> </DESC><NOTE>note</NOTE>')).toMatchObject({
    name: 'al',
    bio: 'note',
  });
  expect(card('')).toEqual({ name: undefined, bio: undefined, photo: undefined });
  expect(decoded(photo('aGVs\n  bG8=\r\n'))).toBe('hello');
});

test.each([
  '',
  '   ',
  'aGVsbG8',
  'aGVs*G8=',
  '=aGVsbG8',
  'aGVsbG8=aGVsbG8=',
  'data:image/png;base64,aGVs',
  'aGV_bG8-',
])('%j is no base64', (text) => {
  expect(photo(text)).toBeUndefined();
});

test('an SVG in a card is read and never shown', async () => {
  const svg = '<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>';
  const bytes = photo(Buffer.from(svg).toString('base64'));
  expect(decoded(bytes)).toBe(svg);
  expect(await makeSmallPicture(bytes ?? new Uint8Array())).toBeUndefined();
});

test('a picture above 4 MiB is not decoded', () => {
  const most = Buffer.alloc(4 * 1024 * 1024).toString('base64');
  const binval = (text: string): Element => {
    const photoWith = xml('PHOTO', {}, xml('BINVAL', {}, text));
    return xml('vCard', { xmlns: 'vcard-temp' }, photoWith);
  };
  expect(parseOwnCard(binval(most))?.photo).toHaveLength(4 * 1024 * 1024);
  expect(parseOwnCard(binval(`${most}AAAA`))?.photo).toBeUndefined();
  expect(parseOwnCard(binval('A'.repeat(8_000_000)))?.photo).toBeUndefined();
  expect(parseOwnCard(binval(' '.repeat(8_000_000)))?.photo).toBeUndefined();
});

test('what stands elsewhere than the protocol says is not read', () => {
  for (const inner of [
    '<PHOTO><PHOTO><BINVAL>aGVsbG8=</BINVAL></PHOTO></PHOTO>',
    '<BINVAL>aGVsbG8=</BINVAL>',
    '<PHOTO><EXTVAL>http://127.0.0.1/x.png</EXTVAL></PHOTO>',
    '<PHOTO><BINVAL><b>aGVsbG8=</b></BINVAL></PHOTO>',
    "<PHOTO xmlns='other'><BINVAL>aGVsbG8=</BINVAL></PHOTO>",
    '<FN><b>x</b></FN>',
    '<N><FN>x</FN></N>',
    "<DESC xmlns='other'>x</DESC>",
  ])
    expect(card(inner)).toEqual({ name: undefined, bio: undefined, photo: undefined });
  expect(parseOwnCard(parseXml("<vCard xmlns='other'><FN>x</FN></vCard>"))).toBeUndefined();
  expect(parseOwnCard(parseXml("<card xmlns='vcard-temp'><FN>x</FN></card>"))).toBeUndefined();
});

test('a name that is too long is no name, words that are too long are cut', () => {
  const found = card(`<FN>${'x'.repeat(51)}</FN><DESC>${'é'.repeat(60_000)}</DESC>`);
  expect(found?.name).toBeUndefined();
  expect(found?.bio).toBe(`${'é'.repeat(499)}…`);
  expect(card('<FN>a&#x202e;b</FN>')?.name).toBe('ab');
});

test('the avatar of PEP', () => {
  expect(decoded(parseAvatarData(pubsub('aGVsbG8=')))).toBe('hello');
  expect(parseAvatarData(pubsub('<svg/>'))).toBeUndefined();
  expect(parseAvatarData(parseXml("<pubsub xmlns='http://jabber.org/protocol/pubsub'/>"))).toBeUndefined();
});

test('PEP is asked only where the card has no picture', async () => {
  const asked: string[] = [];
  const answering = (answers: Readonly<Record<string, Element>>) => async (_to: string, what: Element) => {
    asked.push(what.getName());
    return answers[what.getName()];
  };
  const empty = parseXml("<vCard xmlns='vcard-temp'><FN>Al</FN></vCard>");
  const full = parseXml("<vCard xmlns='vcard-temp'><PHOTO><BINVAL>aGVsbG8=</BINVAL></PHOTO></vCard>");
  const jid = 'alice@xmpp.example';
  expect(decoded((await readOwnCard(answering({ vCard: full, pubsub: pubsub('AAAA') }), jid))?.photo)).toBe(
    'hello',
  );
  expect(asked.splice(0)).toEqual(['vCard']);
  const both = await readOwnCard(answering({ vCard: empty, pubsub: pubsub('aGVsbG8=') }), jid);
  expect([both?.name, decoded(both?.photo)]).toEqual(['Al', 'hello']);
  expect(asked.splice(0)).toEqual(['vCard', 'pubsub']);
  expect((await readOwnCard(answering({ pubsub: pubsub('aGVsbG8=') }), jid))?.name).toBeUndefined();
  expect((await readOwnCard(answering({ vCard: empty }), jid))?.photo).toBeUndefined();
  expect(await readOwnCard(answering({}), jid)).toBeUndefined();
});

test('an error has no payload', () => {
  expect(payloadOf(parseXml("<iq type='error'><vCard xmlns='vcard-temp'/></iq>"))).toBeUndefined();
  expect(payloadOf(parseXml("<iq type='result'/>"))).toBeUndefined();
  expect(payloadOf(parseXml("<iq type='result'><vCard xmlns='vcard-temp'/></iq>"))?.getName()).toBe('vCard');
  expect(payloadOf(undefined)).toBeUndefined();
});
