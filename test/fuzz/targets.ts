import { readdirSync, readFileSync } from 'node:fs';
import { nameUndo } from '../../src/activitypub/name-undo.ts';
import { parseActivity, peekActivity } from '../../src/activitypub/parse.ts';
import { parseActor } from '../../src/activitypub/parse-actor.ts';
import { parseJson } from '../../src/activitypub/parse-json.ts';
import { readSignature } from '../../src/activitypub/signatures/verify.ts';
import type { RawRequest } from '../../src/activitypub/types.ts';
import { readResource } from '../../src/activitypub/webfinger-query.ts';
import { htmlToText } from '../../src/bridge/html-to-text.ts';
import { noteToMessages } from '../../src/bridge/note-to-message.ts';
import { countBytes } from '../../src/bridge/text.ts';
import { parseResource } from '../../src/bridge/webfinger-resource.ts';
import { elementToXml } from '../../src/xmpp/element.ts';
import { parseStanza } from '../../src/xmpp/parse.ts';
import { renderStanza } from '../../src/xmpp/render.ts';
import { parseXml } from '../support/xml.ts';
import { LARGE_ACTIVITIES } from './large.ts';
import { mutateBytes, mutateJson } from './mutate.ts';
import type { Target } from './target.ts';

const encoder = new TextEncoder();
const texts = (...list: readonly string[]): readonly Uint8Array[] => list.map((each) => encoder.encode(each));
const asText = (input: Uint8Array): string => new TextDecoder().decode(input);
/** Each byte a character, as Node gives header fields. */
const asLatin1 = (input: Uint8Array): string => Buffer.from(input).toString('latin1');

const corpus = (folder: string, keep: (name: string) => boolean): readonly Uint8Array[] => {
  const place = new URL(`../corpus/${folder}/`, import.meta.url);
  return readdirSync(place)
    .filter(keep)
    .sort()
    .map((name) => readFileSync(new URL(name, place)));
};

const isJson = (bytes: Uint8Array): boolean => parseJson(bytes).ok;
const wild = (keep: (name: string) => boolean): readonly Uint8Array[] => corpus('wild', keep).filter(isJson);

/** Noncharacters, controls and lone halves: one of them closes the component's stream for everybody. */
const ILLEGAL = /[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/u;

const mustBeXml = (text: string): void => {
  if (ILLEGAL.test(text)) throw new Error('a character that XML does not allow');
  parseXml(text);
};

const NOW = new Date('2026-11-21T10:00:00Z');
const FACTS = {
  from: 'bob%peer.test@ap.test',
  to: 'alice@xmpp.test',
  selfHrefs: ['https://ap.test/u/01', 'https://ap.test/@alice'],
  stanzaId: (part: number) => `s${part}`,
  visibility: 'direct',
  others: [],
  acceptedAt: NOW.toISOString(),
} as const;

const checkActivity = (input: Uint8Array): void => {
  const json = parseJson(input);
  if (!json.ok) return;
  const said = nameUndo(json.value, 'https://ap.example') ?? json.value;
  peekActivity(said);
  const activity = parseActivity(said);
  if (!activity.ok) return;
  const { value } = activity;
  if (value.type !== 'Create' && value.type !== 'Update') return;
  if (!('note' in value) || value.note === undefined) return;
  const messages = noteToMessages(value.note, FACTS);
  if (messages.length === 0) throw new Error('a note that shows nothing');
  for (const message of messages) mustBeXml(elementToXml(renderStanza(message, { now: NOW })));
};

const request = (headers: RawRequest['headers'], body = '{}'): RawRequest => ({
  method: 'POST',
  target: '/inbox?a=b',
  headers: [['host', 'ap.test'], ['date', NOW.toUTCString()], ...headers],
  body: encoder.encode(body),
});

/** One header field a line, the name in front. */
const checkSignature = (input: Uint8Array): void => {
  const headers = asLatin1(input)
    .split('\n')
    .slice(0, 100)
    .map((line) => {
      const colon = line.indexOf(':');
      return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()] as const;
    });
  readSignature(request(headers), { now: NOW, hosts: ['ap.test'], origin: 'https://ap.test' });
};

const SIGNATURES = texts(
  [
    'signature: keyId="https://peer.test/users/bob#main-key",algorithm="rsa-sha256",headers="(request-target) host date digest content-type",signature="c2lnbmF0dXJl"',
    'digest: SHA-256=RBNvo1WzZ4oRRq0W9+hknpT7T8If536DEMBg9hyq/4o=',
    'content-type: application/activity+json',
  ].join('\n'),
  'signature: keyId="https://peer.test/k",algorithm="hs2019",created=1795255200,expires=1795258800,headers="(request-target) (created) (expires) host digest",signature="AAAA"\ndigest: SHA-256=RBNvo1WzZ4oRRq0W9+hknpT7T8If536DEMBg9hyq/4o=',
  [
    'signature-input: sig1=("@method" "@target-uri" "content-digest");created=1795255200;keyid="https://peer.test/users/bob#main-key";alg="rsa-v1_5-sha256"',
    'signature: sig1=:c2lnbmF0dXJl:',
    'content-digest: sha-256=:RBNvo1WzZ4oRRq0W9+hknpT7T8If536DEMBg9hyq/4o=:',
  ].join('\n'),
);

const checkHtml = (input: Uint8Array): void => {
  const html = asText(input);
  const text = htmlToText(html);
  if (ILLEGAL.test(text)) throw new Error('a character that XML does not allow');
  // A link is written behind its words, a mark on each side of a span: no more than that is added.
  if (countBytes(text) > 16 * input.length + 64) throw new Error('a text that outgrows its HTML');
};

const HTML = texts(
  '<p><span class="h-card"><a href="https://peer.test/@bob" class="u-url mention">@<span>bob</span></a></span> hi</p><p>a<br>b &lt;b&gt; &amp; <strong>c</strong></p>',
  '<blockquote><p>q</p></blockquote><ul><li>one</li><li>two<ol><li>x</li></ol></li></ul><pre><code>a\n  b</code></pre>',
  '<a href="https://evil.test/"><span class="invisible">https://</span><span class="ellipsis">bank.test/a</span><span class="invisible">bc</span></a><img alt=":x:" src="x"><script>x</script><!-- y --><![CDATA[z]]>',
);

const QUERIES = texts(
  '/.well-known/webfinger?resource=acct:alice@ap.test',
  '/.well-known/webfinger?resource=acct%3Aalice%2540xmpp.test%40ap.test&rel=self',
  '/.well-known/webfinger?resource=xmpp:alice@xmpp.test',
  '/.well-known/webfinger?resource=https://ap.test/@alice',
  '/.well-known/webfinger?resource=acct:alice\\40xmpp.test@ap.test',
);

const checkQuery = (input: Uint8Array): void => {
  const resource = readResource(asLatin1(input));
  if (!resource.ok) return;
  for (const each of resource.value) parseResource(each, { domain: 'ap.test', origin: 'https://ap.test' });
};

const FROM_TO = "from='alice@xmpp.test/phone' to='bob%peer.test@ap.test'";
const STANZAS = texts(
  `<message ${FROM_TO} type='chat' id='a1' xml:lang='en'><body>hi</body><origin-id xmlns='urn:xmpp:sid:0' id='o'/><reply xmlns='urn:xmpp:reply:0' to='bob%peer.test@ap.test' id='r'/><fallback xmlns='urn:xmpp:fallback:0' for='urn:xmpp:reply:0'><body start='0' end='1'/></fallback></message>`,
  `<message ${FROM_TO} type='chat' id='a2'><body>hi</body><replace xmlns='urn:xmpp:message-correct:0' id='a1'/><request xmlns='urn:xmpp:receipts'/></message>`,
  `<message ${FROM_TO} type='error' id='a3'><error type='cancel'><gone xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'>xmpp:x@y</gone><text xmlns='urn:ietf:params:xml:ns:xmpp-stanzas' xml:lang='en'>t</text></error></message>`,
  `<message ${FROM_TO} id='a4'><body>I sent you an OMEMO message</body><encrypted xmlns='eu.siacs.conversations.axolotl'/></message>`,
  `<presence ${FROM_TO} type='subscribe'><nick xmlns='http://jabber.org/protocol/nick'>A</nick></presence>`,
  `<presence ${FROM_TO}><show>away</show><status>s</status></presence>`,
);

/** Not XML at all ends in the stream's parser, which is not ours: no finding. */
const elementOf = (input: Uint8Array): ReturnType<typeof parseXml> | undefined => {
  try {
    return parseXml(asText(input));
  } catch {
    return undefined;
  }
};

const checkStanza = (input: Uint8Array): void => {
  const element = elementOf(input);
  if (element !== undefined) parseStanza(element);
};

const checkActor = (input: Uint8Array): void => {
  const json = parseJson(input);
  if (json.ok) parseActor(json.value, 'https://peer.test/users/bob');
};

export const TARGETS: readonly Target[] = [
  { name: 'signature', seeds: SIGNATURES, mutate: mutateBytes, run: checkSignature },
  {
    name: 'activity',
    seeds: wild((name) => !name.includes('-actor')),
    large: LARGE_ACTIVITIES,
    mutate: mutateJson,
    run: checkActivity,
  },
  { name: 'actor', seeds: wild((name) => name.includes('-actor')), mutate: mutateJson, run: checkActor },
  { name: 'webfinger', seeds: QUERIES, mutate: mutateBytes, run: checkQuery },
  { name: 'html', seeds: HTML, mutate: mutateBytes, run: checkHtml },
  {
    name: 'stanza',
    seeds: [...STANZAS, ...corpus('hostile', (name) => name.endsWith('.xml'))],
    mutate: mutateBytes,
    run: checkStanza,
  },
];
