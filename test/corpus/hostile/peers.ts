import type { ServerResponse } from 'node:http';
import type { HostilePeer } from '../../support/hostile-peer.ts';
import { type Attack, itsMark, type Scene, SHOWN } from './attack.ts';

type Json = Readonly<Record<string, unknown>>;

const REFUSED = 401;

/** The document of an actor that signs with the key of all actors of the peer. */
const actorAt = (peer: HostilePeer, id: string, more: Json = {}): Json => ({
  '@context': 'https://www.w3.org/ns/activitystreams',
  id,
  type: 'Person',
  preferredUsername: 'mallory',
  inbox: `${id}/inbox`,
  publicKey: { id: `${id}#main-key`, owner: id, publicKeyPem: peer.pem },
  ...more,
});

const sendBytes =
  (type: string, document: unknown) =>
  (_: unknown, response: ServerResponse): void =>
    void response.writeHead(200, { 'content-type': type }).end(JSON.stringify(document));

const leadTo =
  (location: string) =>
  (_: unknown, response: ServerResponse): void =>
    void response.writeHead(302, { location }).end();

/** A note by `actor`, with ids of its server, signed with the key that this id is said to name. */
const noteUnder =
  (
    keyIdOf: (scene: Scene, mark: string) => string,
    actorOf: (scene: Scene, mark: string) => string,
  ): Attack['send'] =>
  (scene, mark) => {
    const actor = actorOf(scene, mark);
    const id = `${new URL(actor).origin}/${mark}`;
    const note = scene.note(mark, { id }, { id: `${id}/create` }, actor);
    return scene.signed('mallory', note, { keyId: keyIdOf(scene, mark) });
  };

const ofMark = (scene: Scene, mark: string): string => scene.at(`x/${mark}`);
const keyOfMark = (scene: Scene, mark: string): string => `${ofMark(scene, mark)}#main-key`;
const pathOf = (mark: string): string => `/x/${mark}`;

/** One look at the key, at most one more at who is said to own it, and the same once more where the first leads on. */
const LOOKS = 4;

/** `serve` is what the peer says under the URL of the key; the note is by `actor`, else by the URL itself. */
const keyServed = (
  entry: number,
  name: string,
  serve: (scene: Scene, mark: string) => Parameters<HostilePeer['replies']['set']>[1],
  actorOf: (scene: Scene, mark: string) => string = ofMark,
  status: Attack['status'] = REFUSED,
): Attack => ({
  entry,
  name,
  status,
  asks: LOOKS,
  prepare: (scene, mark) => void scene.peer.replies.set(pathOf(mark), serve(scene, mark)),
  send: noteUnder(keyOfMark, actorOf),
});

const victim = (scene: Scene): string => scene.victim;
const pemOf = ({ peer }: Scene): string => peer.pem;

const keyDocument = (scene: Scene, id: string, owner: string): Json => ({
  '@context': 'https://w3id.org/security/v1',
  id,
  type: 'Key',
  owner,
  publicKeyPem: pemOf(scene),
});

const OWNERS: readonly Attack[] = [
  ...[ofMark, victim].map((actorOf, index) =>
    keyServed(
      3,
      `an actor whose key says that the victim owns it, ${index === 0 ? 'for himself' : 'for the victim'}`,
      (s, m) =>
        actorAt(s.peer, ofMark(s, m), {
          publicKey: { id: keyOfMark(s, m), owner: s.victim, publicKeyPem: pemOf(s) },
        }),
      actorOf,
    ),
  ),
  keyServed(
    3,
    'a key that names the victim as its owner, who does not list it',
    (s, m) => keyDocument(s, keyOfMark(s, m), s.victim),
    victim,
  ),
  keyServed(
    3,
    'a key that names somebody on another server as its owner',
    (s, m) => keyDocument(s, keyOfMark(s, m), s.stranger),
    (s) => s.stranger,
  ),
  keyServed(5, 'an actor with the id of the victim', (s) => actorAt(s.peer, s.victim), victim),
  keyServed(
    5,
    'an actor with the id of the victim and the key of the attacker',
    (s, m) =>
      actorAt(s.peer, s.victim, {
        publicKey: { id: keyOfMark(s, m), owner: s.victim, publicKeyPem: pemOf(s) },
      }),
    victim,
  ),
  keyServed(
    5,
    'an actor with the id of somebody on another server',
    (s) => actorAt(s.peer, s.stranger),
    (s) => s.stranger,
  ),
  keyServed(5, 'a redirect to the victim', (s) => leadTo(s.victim), victim),
  keyServed(5, 'a redirect to the victim, for himself', (s) => leadTo(s.victim)),
  keyServed(
    5,
    'a redirect to another server',
    (s) => leadTo(s.stranger),
    (s) => s.stranger,
    [401, 503],
  ),
  keyServed(6, 'a key with the id of another', (s, m) =>
    keyDocument(s, `${ofMark(s, m)}2#main-key`, ofMark(s, m)),
  ),
  {
    entry: 6,
    name: 'a key with the id of another, though its owner lists it',
    status: REFUSED,
    asks: LOOKS,
    prepare: (s, m) => {
      const [owner, id] = [ofMark(s, m), `${ofMark(s, m)}/key`];
      const publicKey = { id, owner, publicKeyPem: pemOf(s) };
      s.peer.replies.set(pathOf(m), actorAt(s.peer, owner, { publicKey }));
      s.peer.replies.set(`${pathOf(m)}/key`, keyDocument(s, `${id}2`, owner));
    },
    send: noteUnder((s, m) => `${ofMark(s, m)}/key`, ofMark),
  },
  keyServed(6, 'a key without an id', (s, m) => ({ ...keyDocument(s, '', ofMark(s, m)), id: undefined })),
  keyServed(
    6,
    'a key with the id of the victim’s',
    (s) => keyDocument(s, `${s.victim}#main-key`, s.victim),
    victim,
  ),
  {
    entry: 28,
    name: 'the key of the victim, listed by the attacker as his own',
    status: REFUSED,
    asks: LOOKS,
    prepare: (s, m) =>
      void s.peer.replies.set(
        pathOf(m),
        actorAt(s.peer, ofMark(s, m), {
          publicKey: { id: `${s.victim}#main-key`, owner: ofMark(s, m), publicKeyPem: pemOf(s) },
        }),
      ),
    send: noteUnder((s) => `${s.victim}#main-key`, ofMark),
  },
  keyServed(28, 'a list of keys, each the victim’s', (s, m) =>
    actorAt(s.peer, ofMark(s, m), {
      publicKey: [{ id: `${s.victim}#main-key`, owner: ofMark(s, m), publicKeyPem: pemOf(s) }],
    }),
  ),
];

const ANSWERS: readonly Attack[] = [
  ...[404, 410, 401, 403].map((status) =>
    keyServed(25, `a key that is answered with ${status}`, () => status),
  ),
  ...[500, 502, 503, 429].map((status) =>
    keyServed(25, `a key that is answered with ${status}`, () => status, ofMark, [401, 503]),
  ),
  keyServed(
    25,
    'a key whose server hangs up',
    () => (request) => void request.socket.destroy(),
    ofMark,
    [401, 503],
  ),
  keyServed(25, 'a Tombstone', (s, m) => ({ id: ofMark(s, m), type: 'Tombstone' })),
  ...[
    'text/plain',
    'text/html',
    'application/json',
    'application/ld+json',
    'application/xml',
    'image/png',
  ].map((type) =>
    keyServed(37, `an uploaded actor of the type ${type}`, (s, m) =>
      sendBytes(type, actorAt(s.peer, ofMark(s, m))),
    ),
  ),
  keyServed(37, 'no type at all', (s, m) => (_, response) => {
    response.writeHead(200).end(JSON.stringify(actorAt(s.peer, ofMark(s, m))));
  }),
  keyServed(63, 'a redirect to itself', (s, m) => leadTo(ofMark(s, m)), ofMark, [401, 503]),
  keyServed(
    68,
    'an actor of 2 MB',
    (s, m) =>
      sendBytes(
        'application/activity+json',
        actorAt(s.peer, ofMark(s, m), { summary: 'x'.repeat(2_000_000) }),
      ),
    ofMark,
    [401, 503],
  ),
  keyServed(
    76,
    'an actor a thousand deep',
    (s, m) => (_, response) => {
      const deep = `${'['.repeat(1000)}${']'.repeat(1000)}`;
      const text = JSON.stringify(actorAt(s.peer, ofMark(s, m), { summary: 0 })).replace(
        '"summary":0',
        `"tag":${deep}`,
      );
      response.writeHead(200, { 'content-type': 'application/activity+json' }).end(text);
    },
    ofMark,
    [401, 503],
  ),
];

/** Where an actor says that it is to be reached: elsewhere, that other would be flooded in its name. */
const ELSEWHERE: readonly Attack[] = [
  keyServed(38, 'an inbox on another server', (s, m) =>
    actorAt(s.peer, ofMark(s, m), { inbox: `${s.other.origin}/users/stranger/inbox` }),
  ),
  keyServed(38, 'an inbox of ours', (s, m) =>
    actorAt(s.peer, ofMark(s, m), { inbox: `https://${s.domain}/inbox` }),
  ),
  keyServed(38, 'an inbox that is no web address', (s, m) =>
    actorAt(s.peer, ofMark(s, m), { inbox: 'file:///etc/passwd' }),
  ),
  keyServed(38, 'no inbox', (s, m) => actorAt(s.peer, ofMark(s, m), { inbox: undefined })),
];

const keyIdIs = (entry: number, keyId: string): Attack => ({
  entry,
  name: `a key at ${keyId}`,
  status: [401, 403],
  send: (scene, mark) => scene.signed('mallory', scene.note(mark), { keyId }),
});

/** The same at the peer, which would answer. */
const keyAtPeer = (name: string, keyIdOf: (host: string, path: string) => string): Attack => ({
  entry: 27,
  name,
  status: 401,
  prepare: (scene, mark) =>
    void scene.peer.replies.set(pathOf(mark), actorAt(scene.peer, ofMark(scene, mark))),
  send: noteUnder((scene, mark) => keyIdOf(scene.peer.host, pathOf(mark)), ofMark),
});

/** No connection is made: the peers are asked for nothing, and the answer comes at once. */
const PLACES: readonly Attack[] = [
  ...[
    'http://169.254.169.254/latest/meta-data/',
    'http://[::ffff:169.254.169.254]/',
    'http://0.0.0.0/',
    'http://[::]/',
    'http://224.0.0.1/',
    'http://192.0.2.1/',
    'http://[2002:a9fe:a9fe::]/',
    'http://[64:ff9b::a9fe:a9fe]/',
    'http://2852039166/',
    'http://0xa9fea9fe/',
    'http://0251.0376.0251.0376/',
  ].map((keyId) => keyIdIs(26, keyId)),
  ...[
    'https://mallory@peer.test/key',
    'https://mallory:x@peer.test/key',
    'https://peer.test:22/key',
    'https://peer.test:5432/key',
    'https://peer.test:6379/key',
    'file:///etc/passwd',
    'data:application/activity+json,{}',
    'gopher://peer.test:70/_x',
    'ftp://peer.test/key',
    'javascript:1',
    'xmpp:alice@xmpp.test',
    'https:///nobody.invalid/key',
    'https://:443/key',
    'https://peer.test\\@evil.test/key',
    'https://peer.test/key\t',
  ].map((keyId) => keyIdIs(27, keyId)),
  keyAtPeer('a key with a name before the host', (host, path) => `http://mallory@${host}${path}#main-key`),
  keyAtPeer('a key with a password', (host, path) => `http://:x@${host}${path}#main-key`),
  keyAtPeer('a key behind backslashes', (host, path) => `http:\\\\${host}${path}#main-key`),
  keyAtPeer('a key with a space', (host, path) => `http://${host}${path}# main-key`),
];

/** A direct note of Mallory's to Alice, which she is shown. */
const shown = (
  entry: number,
  name: string,
  more: (scene: Scene, mark: string) => { readonly object?: Json; readonly outer?: Json },
): Attack => ({
  entry,
  name,
  ...SHOWN,
  shows: itsMark,
  send: (scene, mark) => {
    const { object, outer } = more(scene, mark);
    return scene.signed('mallory', scene.note(mark, object, outer));
  },
});

const endless = (s: Scene, name: string): Json => ({
  id: s.at(name),
  type: 'Collection',
  totalItems: 1e9,
  first: { type: 'CollectionPage', partOf: s.at(name), next: s.at(`${name}?page=1`) },
});

/** What a note or an actor leads to is never fetched: a context, a collection without end, a banner, a thread. */
const LEADS: readonly Attack[] = [
  shown(72, 'a note with collections without an end', (s) => ({
    object: { replies: endless(s, 'replies'), likes: s.at('likes'), shares: endless(s, 'shares') },
    outer: { instrument: endless(s, 'instruments') },
  })),
  shown(72, 'a note in a thread without an end', (s) => ({
    object: { inReplyTo: s.at('notes/deep'), context: s.at('contexts/deep'), partOf: s.at('pages/0') },
  })),
  shown(73, 'contexts to be fetched', (s) => ({
    object: { '@context': s.at('inner.jsonld') },
    outer: {
      '@context': [
        s.at('context.jsonld'),
        `${s.other.origin}/context.jsonld`,
        { '@import': s.at('more.jsonld'), '@propagate': true },
      ],
    },
  })),
  shown(73, 'a context that makes the note another’s', (s) => ({
    outer: {
      '@context': { attributedTo: s.at('terms#nothing'), author: 'as:attributedTo', content: 'as:summary' },
    },
    object: { author: s.victim },
  })),
  {
    ...shown(74, 'a note with a quote to be fetched', (s) => ({
      object: { quoteUrl: s.at('notes/quoted') },
    })),
    // Named, not fetched.
    shows: (mark) => new RegExp(`^${mark}\\n\\n\\(quotes \\S+/notes/quoted\\)$`, 'u'),
  },
  shown(74, 'a note with pictures and a page to be fetched', (s) => ({
    object: {
      icon: { type: 'Image', url: s.at('huge.png') },
      image: s.at('endless.png'),
      preview: s.at('preview'),
      url: s.at('page'),
      tag: [
        { type: 'Mention', href: s.alice },
        { type: 'Emoji', name: ':x:', icon: { type: 'Image', url: s.at('x.png') } },
        { type: 'Hashtag', name: '#x', href: s.at('tags/x') },
      ],
    },
  })),
  {
    entry: 74,
    name: 'an actor with a banner, collections, and pictures that are no web pictures',
    status: 202,
    may: ['inbox', 'remote_actors', 'remote_keys'],
    send: (s, m) =>
      s.signed('mallory', {
        id: s.at(`${m}/update`),
        type: 'Update',
        actor: s.mallory,
        object: actorAt(s.peer, s.mallory, {
          image: { type: 'Image', url: s.at('banner.png') },
          icon: [{ type: 'Image', url: 'data:image/png;base64,AAAA' }, s.at('second.png')],
          featured: s.at('featured'),
          outbox: s.at('outbox'),
          followers: s.at('followers'),
        }),
      }),
  },
  ...(
    [
      ['tags without an end', '<a ', itsMark],
      ['comments without an end', '<!--', itsMark],
      ['closing tags of nothing', '</p></a></q>', itsMark],
      ['quotes without an end', '<a href="', itsMark],
      ['elements inside of elements', '<b><i>', (m) => new RegExp(`^${m}\\n\\n[*_]{2}&lt;[*_]{2}$`, 'u')],
      ['lists inside of lists', '<ul><li>', (m) => new RegExp(`^${m}\\n\\n(?:- )*&lt;$`, 'u')],
      [
        'ends of sections',
        ']]>',
        (m) => new RegExp(`^${m}\\n\\n(?:\\]\\]&gt;)+…\\n\\(shortened, [^\\n]+\\)$`, 'u'),
      ],
    ] as const satisfies readonly (readonly [string, string, Attack['shows']])[]
  ).map(([what, piece, shows]) => ({
    ...shown(86, `60 KB of ${what}`, (_, m) => ({
      object: { content: `<p>${m}</p>${piece.repeat(60_000 / piece.length)}` },
    })),
    shows,
  })),
];

/** The peer itself is the attack: what it says when the gateway asks, or where it makes it ask. */
export const PEER_ATTACKS: readonly Attack[] = [...OWNERS, ...ANSWERS, ...ELSEWHERE, ...PLACES, ...LEADS];
