import { xml } from '@xmpp/component';
import { expect, test } from 'vitest';
import { unwrapAnswer, wrapQuestion } from '../../src/xmpp/privileged-iq.ts';
import { parseXml } from '../support/xml.ts';

test('a question in the name of a user (XEP-0356 6.3)', () => {
  expect(wrapQuestion('alice@xmpp.test', xml('vCard', { xmlns: 'vcard-temp' })).toString()).toBe(
    '<privileged_iq xmlns="urn:xmpp:privilege:2"><iq xmlns="jabber:client" type="get" id="wrapped" to="alice@xmpp.test"><vCard xmlns="vcard-temp"/></iq></privileged_iq>',
  );
});

const answer = (inner: string): string | undefined =>
  unwrapAnswer(parseXml(`<iq type='result'>${inner}</iq>`))?.toString();
const sentOn = (iq: string): string =>
  `<privilege xmlns='urn:xmpp:privilege:2'><forwarded xmlns='urn:xmpp:forward:0'>${iq}</forwarded></privilege>`;

test('its answer is what was sent on, where that is a result', () => {
  expect(answer(sentOn("<iq xmlns='jabber:client' type='result'><vCard xmlns='vcard-temp'/></iq>"))).toBe(
    '<vCard xmlns="vcard-temp"/>',
  );
});

test.each([
  ['an error', sentOn("<iq xmlns='jabber:client' type='error'><error/></iq>")],
  ['an empty result', sentOn("<iq xmlns='jabber:client' type='result'/>")],
  ['a message', sentOn("<message xmlns='jabber:client' type='result'><x/></message>")],
  ['nothing', sentOn('')],
  ['something else', "<x xmlns='y'/>"],
])('of %s there is nothing', (_, inner) => {
  expect(answer(inner)).toBeUndefined();
});

test('of no answer there is nothing', () => {
  expect(unwrapAnswer(undefined)).toBeUndefined();
});
