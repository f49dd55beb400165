import { type Element, xml } from '@xmpp/component';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { IncomingMessage } from '../../src/bridge/stanza.ts';
import { parseStanza } from '../../src/xmpp/parse.ts';
import { anyString } from '../support/any-string.ts';
import { parseXml } from '../support/xml.ts';

const FROM = 'alice@xmpp.test/phone';
const TO = 'carol%snac.test@ap.test';
const message = (inner: string, attrs = "type='chat' id='a1'"): IncomingMessage => {
  const stanza = parseStanza(parseXml(`<message from='${FROM}' to='${TO}' ${attrs}>${inner}</message>`));
  if (stanza?.kind !== 'message') throw new Error('not a message');
  return stanza;
};

describe('addresses and types', () => {
  test('the canonical form of both addresses', () => {
    const stanza = parseStanza(
      parseXml(
        `<message from='Alice@XMPP.test/Phone' to='Carol%Snac.Test@AP.test' id='a1'><body>x</body></message>`,
      ),
    );
    expect(stanza).toMatchObject({
      from: 'alice@xmpp.test/Phone',
      fromBare: 'alice@xmpp.test',
      to: TO,
      toBare: TO,
      type: 'normal',
    });
  });

  test.each([
    `<iq from='${FROM}' to='${TO}' type='get' id='1'/>`,
    `<message to='${TO}'><body>x</body></message>`,
    `<message from='${FROM}'><body>x</body></message>`,
    `<message from='@' to='${TO}'><body>x</body></message>`,
    `<presence from='${FROM}' to='${TO}' type='sometimes'/>`,
    `<message from='${FROM}' to='${TO}'><sent xmlns='urn:xmpp:carbons:2'/></message>`,
    `<message from='${FROM}' to='${TO}'><received xmlns='urn:xmpp:carbons:2'/></message>`,
  ])('nothing: %s', (text) => {
    expect(parseStanza(parseXml(text))).toBeUndefined();
  });

  test('an unknown message type is normal (RFC 6121 5.2.2)', () => {
    expect(message('<body>x</body>', "type='shout'").type).toBe('normal');
  });

  test.each([
    ['', 'available'],
    ["type='subscribe'", 'subscribe'],
    ["type='probe'", 'probe'],
  ])('presence %s is %s', (attrs, type) => {
    const stanza = parseStanza(parseXml(`<presence from='${FROM}' to='${TO}' ${attrs}/>`));
    expect(stanza).toMatchObject({ kind: 'presence', type, id: undefined });
  });
});

describe('errors', () => {
  const STANZAS = 'urn:ietf:params:xml:ns:xmpp-stanzas';
  test.each([
    [
      `<error type='wait'><text xmlns='${STANZAS}'>t</text><gone xmlns='${STANZAS}'/></error>`,
      'gone',
      'wait',
    ],
    [`<error type='odd'><mystery xmlns='${STANZAS}'/></error>`, 'undefined-condition', 'cancel'],
    [`<error type='auth'><forbidden xmlns='other'/></error>`, 'undefined-condition', 'auth'],
    ['', 'undefined-condition', 'cancel'],
  ])('%s', (inner, condition, errorType) => {
    for (const stanza of ['message', 'presence'])
      expect(
        parseStanza(
          parseXml(`<${stanza} from='${FROM}' to='${TO}' type='error' id='a1'>${inner}</${stanza}>`),
        ),
      ).toMatchObject({ kind: 'bounce', stanza, id: 'a1', condition, errorType });
  });
});

describe('body and language', () => {
  test.each([
    ["xml:lang='de'", '<body>Hallo</body>', 'Hallo', 'de'],
    ["xml:lang='de'", "<body xml:lang='en'>Hello</body><body>Hallo</body>", 'Hallo', 'de'],
    ["xml:lang='fr'", "<body xml:lang='en'>Hello</body><body xml:lang='fr'>Salut</body>", 'Salut', 'fr'],
    ['', "<body xml:lang='pt-BR'>Oi</body>", 'Oi', 'pt-BR'],
    [
      '',
      '<body>no language, whatever the stream says</body>',
      'no language, whatever the stream says',
      undefined,
    ],
    ["xml:lang='not a language'", '<body>x</body>', 'x', undefined],
    ['', '<body/>', undefined, undefined],
    ['', "<body xmlns='http://www.w3.org/1999/xhtml'>x</body>", undefined, undefined],
  ])('%s %s', (attrs, inner, body, lang) => {
    expect(message(inner, attrs)).toMatchObject({ body, lang });
  });

  test('a subject comes beside the body', () => {
    expect(message('<subject>CW</subject><body>x</body>')).toMatchObject({ subject: 'CW', body: 'x' });
  });
});

describe('references', () => {
  test('receipt, reply, correction and files', () => {
    expect(
      message(
        `<body>x</body><request xmlns='urn:xmpp:receipts'/><reply xmlns='urn:xmpp:reply:0' id='r' to='${TO}'/>` +
          `<replace xmlns='urn:xmpp:message-correct:0' id='first'/><x xmlns='jabber:x:oob'><url> https://a/b </url></x>`,
      ),
    ).toMatchObject({ wantsReceipt: true, replyTo: 'r', replaces: 'first', oob: ['https://a/b'] });
  });

  test.each([
    "<retract xmlns='urn:xmpp:message-retract:1' id='r'/>",
    "<apply-to xmlns='urn:xmpp:fasten:0' id='r'><retract xmlns='urn:xmpp:message-retract:0'/></apply-to>",
    "<retract xmlns='urn:xmpp:message-retract:1' id='r'/><body>I took it back</body><fallback xmlns='urn:xmpp:fallback:0' for='urn:xmpp:message-retract:1'/>",
  ])('retraction: %s', (inner) => {
    expect(message(inner)).toMatchObject({ retracts: 'r', body: undefined, signalOnly: false });
  });

  test('a fastening of something else takes nothing back', () => {
    expect(
      message("<apply-to xmlns='urn:xmpp:fasten:0' id='r'><other xmlns='x'/></apply-to>").retracts,
    ).toBeUndefined();
  });

  test('reactions are a bounded set; an empty one counts', () => {
    const ns = "xmlns='urn:xmpp:reactions:0'";
    expect(
      message(
        `<reactions ${ns} id='r'><reaction> 👍 </reaction><reaction>👍</reaction><reaction/></reactions>`,
      ),
    ).toMatchObject({
      reactions: { to: 'r', emojis: ['👍'] },
      signalOnly: false,
    });
    expect(message(`<reactions ${ns} id='r'/>`).reactions).toEqual({ to: 'r', emojis: [] });
    expect(message(`<reactions ${ns}/>`).reactions).toBeUndefined();
    const many = Array.from({ length: 500 }, (_, index) => `<reaction>${index}</reaction>`).join('');
    expect(message(`<reactions ${ns} id='r'>${many}</reactions>`).reactions?.emojis).toHaveLength(32);
  });
});

describe('encryption and signals', () => {
  test.each([
    [
      "<body>You cannot read this</body><encrypted xmlns='eu.siacs.conversations.axolotl'><payload/></encrypted>",
    ],
    ["<encrypted xmlns='urn:xmpp:omemo:2'><header/><payload/></encrypted>"],
    ["<body>x</body><x xmlns='jabber:x:encrypted'>abc</x>"],
    ["<openpgp xmlns='urn:xmpp:openpgp:0'>abc</openpgp>"],
    ["<body>x</body><encryption xmlns='urn:xmpp:eme:0' namespace='urn:example'/>"],
    ['<body>aesgcm://host/file#key</body>'],
    ["<body>see</body><x xmlns='jabber:x:oob'><url>AESGCM://host/file#key</url></x>"],
    ['<body>?OTR:AAMC</body>'],
  ])('refused as encrypted: %s', (inner) => {
    expect(message(inner)).toMatchObject({ encrypted: true, signalOnly: false });
  });

  test.each([
    ["<encrypted xmlns='eu.siacs.conversations.axolotl'><header/></encrypted>"],
    ["<active xmlns='http://jabber.org/protocol/chatstates'/>"],
    ["<received xmlns='urn:xmpp:receipts' id='x'/>"],
    ["<displayed xmlns='urn:xmpp:chat-markers:0' id='x'/><no-store xmlns='urn:xmpp:hints'/>"],
    ['<subject>only</subject>'],
    [''],
  ])('nothing to carry: %s', (inner) => {
    expect(message(inner).signalOnly).toBe(true);
  });

  test.each([
    [
      "<body>x</body><active xmlns='http://jabber.org/protocol/chatstates'/><no-copy xmlns='urn:xmpp:hints'/>",
    ],
    ['<body>what is aesgcm:// for?</body>'],
    ["<x xmlns='jabber:x:oob'><url>https://a/b</url></x>"],
  ])('something to carry: %s', (inner) => {
    expect(message(inner)).toMatchObject({ encrypted: false, signalOnly: false });
  });
});

describe('whatever the tree', () => {
  const names = [
    'message',
    'presence',
    'body',
    'reply',
    'reactions',
    'reaction',
    'fallback',
    'error',
    'x',
    'url',
    'encrypted',
  ];
  const spaces = [
    'jabber:client',
    'urn:xmpp:reply:0',
    'urn:xmpp:reactions:0',
    'urn:xmpp:fallback:0',
    'jabber:x:oob',
  ];
  const attrs = fc.dictionary(
    fc.constantFrom('id', 'type', 'from', 'to', 'for', 'start', 'end', 'xml:lang', '__proto__'),
    fc.oneof(anyString(), fc.constantFrom('error', 'chat', 'a@b/c', '0', '99999999999')),
  );
  const { tree } = fc.letrec<{ tree: Element }>((tie) => ({
    tree: fc
      .tuple(
        fc.constantFrom(...names),
        fc.constantFrom(...spaces, undefined),
        attrs,
        fc.array(fc.oneof({ maxDepth: 4 }, anyString(), tie('tree')), { maxLength: 5 }),
      )
      .map(([name, xmlns, attributes, children]) => xml(name, { ...attributes, xmlns }, ...children)),
  }));

  test('never throws, and what it returns is clean', () => {
    fc.assert(
      fc.property(fc.constantFrom('message', 'presence'), tree, (name, element) => {
        element.name = name;
        element.attrs = { ...element.attrs, from: FROM, to: TO };
        const stanza = parseStanza(element);
        expect(JSON.stringify(stanza) ?? '').not.toMatch(/\\u00[01]|\\ud[89a-f]|\ufffe|\uffff/iu);
      }),
      { numRuns: 500 },
    );
  });
});
