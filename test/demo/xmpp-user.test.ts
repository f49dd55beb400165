import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readMessage } from '../../demo/xmpp-user.ts';
import { anyString } from '../support/any-string.ts';

const ALICE = 'alice@xmpp.test';
const carbon = (from: string, direction: string) =>
  `<ns0:message xmlns:ns0="jabber:client" from="${from}" to="${ALICE}/x">` +
  `<ns1:${direction} xmlns:ns1="urn:xmpp:carbons:2"><ns2:forwarded xmlns:ns2="urn:xmpp:forward:0">` +
  `<ns0:message from="${ALICE}/gajim" to="bob@xmpp.test" type="chat"><ns0:body>Hi &amp; bye</ns0:body></ns0:message>` +
  `</ns2:forwarded></ns1:${direction}></ns0:message>`;

test('a message is shown as what its body says', () => {
  const xml = `<message from="bob@xmpp.test/r" to="${ALICE}"><body>a &lt;b&gt;</body><active/></message>`;
  expect(readMessage(xml, ALICE)).toEqual({
    direction: 'received',
    from: 'bob@xmpp.test/r',
    to: ALICE,
    text: 'a <b>',
  });
});

test.each(['sent', 'received'] as const)(
  'a carbon of what was %s is shown as what it carries',
  (direction) => {
    expect(readMessage(carbon(ALICE, direction), ALICE)).toEqual({
      direction,
      from: `${ALICE}/gajim`,
      to: 'bob@xmpp.test',
      text: 'Hi & bye',
    });
  },
);

test('a carbon that comes from somebody else is nothing', () => {
  expect(readMessage(carbon('mallory@xmpp.test', 'sent'), ALICE)).toBeUndefined();
});

test('an error shows its text and not the body that came back', () => {
  const xml = `<message type="error" from="x@ap.test"><body>Hi</body><error><gone/><text>They left.</text></error></message>`;
  expect(readMessage(xml, ALICE)?.text).toBe('(not delivered) They left.');
});

test.each(['', '<message from="a@b"/>', '<message from="a@b"><body/></message>', '<presence/>', 'no xml'])(
  'without a text nothing is shown: %s',
  (xml) => expect(readMessage(xml, ALICE)).toBeUndefined(),
);

test('no text makes it throw', () => {
  fc.assert(
    fc.property(anyString(), (body) => {
      readMessage(`<message from="a@b"><body>${body}</body></message>`, ALICE);
    }),
  );
});
