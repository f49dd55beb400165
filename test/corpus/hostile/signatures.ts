import { constants, createHash, createHmac, privateEncrypt, sign } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import {
  editHeader,
  type HostileRequest,
  sha256,
  withHeader,
  withoutHeader,
} from '../../support/hostile-request.ts';
import type { Attack, Scene } from './attack.ts';

const honest = (scene: Scene, mark: string): HostileRequest => scene.signed('mallory', scene.note(mark));
const NAMES = ['(request-target)', 'host', 'date', 'digest', 'content-type'];
const without = (...names: readonly string[]): readonly string[] =>
  NAMES.filter((name) => !names.includes(name));
const inHours = (hours: number): string => new Date(Date.now() + hours * 3_600_000).toUTCString();
const seconds = (hours: number): number => Math.floor(Date.now() / 1000 + hours * 3600);

/** A mallory whose signature header was changed by hand. */
const edited =
  (edit: (value: string) => string): Attack['send'] =>
  (scene, mark) =>
    editHeader(honest(scene, mark), 'signature', edit);

const digestIs =
  (write: (body: string) => string): Attack['send'] =>
  (scene, mark) => {
    const body = JSON.stringify(scene.note(mark));
    return scene.signed('mallory', body, { digest: write(body) });
  };

const timesAre =
  (created: string | undefined, expires?: string): Attack['send'] =>
  (scene, mark) =>
    scene.signed('mallory', scene.note(mark), {
      algorithm: 'hs2019',
      names: [
        '(request-target)',
        'host',
        'digest',
        'content-type',
        ...(created === undefined ? ['date'] : ['(created)']),
        ...(expires === undefined ? [] : ['(expires)']),
      ],
      parameters: [
        ...(created === undefined ? [] : [`created=${created}`]),
        ...(expires === undefined ? [] : [`expires=${expires}`]),
      ],
      pseudo: { '(created)': created ?? '', '(expires)': expires ?? '' },
    });

const keyIdIs =
  (keyId: string | ((scene: Scene) => string)): Attack['send'] =>
  (scene, mark) =>
    scene.signed('mallory', scene.note(mark), { keyId: typeof keyId === 'string' ? keyId : keyId(scene) });

const REFUSED = 401;

export const SIGNATURE_ATTACKS: readonly Attack[] = [
  {
    entry: 1,
    name: 'no signature',
    status: REFUSED,
    send: (s, m) => withoutHeader(honest(s, m), 'signature'),
  },
  { entry: 1, name: 'an empty signature', status: REFUSED, send: edited(() => '') },
  {
    entry: 1,
    name: 'a signature in the header of another scheme',
    status: REFUSED,
    send: (s, m) => {
      const request = honest(s, m);
      const [, value = ''] = request.headers.find(([name]) => name === 'signature') ?? [];
      return withHeader(withoutHeader(request, 'signature'), 'authorization', `Signature ${value}`);
    },
  },
  {
    entry: 2,
    name: 'the key of the attacker under the words of the victim',
    status: REFUSED,
    send: (s, m) => s.signed('mallory', s.note(m, {}, {}, s.victim)),
  },
  {
    entry: 2,
    name: 'the key of the attacker under the words of somebody on another server',
    status: REFUSED,
    send: (s, m) => s.signed('mallory', { ...s.note(m), id: `${s.other.origin}/${m}`, actor: s.stranger }),
  },
  {
    entry: 2,
    name: 'the key of the attacker under the words of one of us',
    status: 400,
    send: (s, m) => s.signed('mallory', { ...s.note(m), actor: s.alice }),
  },
  {
    entry: 2,
    name: 'the key id of the victim under a signature of somebody else',
    status: REFUSED,
    // Once, to see whether the key was changed.
    asks: 4,
    may: ['remote_actors', 'remote_keys', 'handles'],
    send: (s, m) =>
      s.signed('victim', s.note(m, {}, {}, s.victim), {
        makeSignature: (base) => createHmac('sha256', 'x'.repeat(32)).update(base).digest('base64'),
      }),
  },
  {
    entry: 4,
    name: 'a key id with acct:',
    status: REFUSED,
    send: keyIdIs((s) => `acct:mallory@${s.peer.host}`),
  },
  {
    entry: 4,
    name: 'a key id that is a handle',
    status: REFUSED,
    send: keyIdIs((s) => `mallory@${s.peer.host}`),
  },
  { entry: 4, name: 'a key id without a host', status: REFUSED, send: keyIdIs('/users/mallory#main-key') },
  { entry: 4, name: 'a key id that is a fragment', status: REFUSED, send: keyIdIs('#main-key') },
  { entry: 4, name: 'a key id of ours', status: REFUSED, send: keyIdIs((s) => `${s.alice}#main-key`) },
  {
    entry: 4,
    name: 'the key id of our instance actor',
    status: REFUSED,
    send: keyIdIs((s) => `https://${s.domain}/actor#main-key`),
  },
  {
    entry: 7,
    name: 'another body, the digest not signed',
    status: REFUSED,
    send: (s, m) => {
      const body = JSON.stringify(s.note(m));
      return withHeader(
        { ...s.signed('mallory', s.note('x'), { names: without('digest') }), body },
        'digest',
        `SHA-256=${sha256(body)}`,
      );
    },
  },
  {
    entry: 7,
    name: 'another body, the digest signed',
    status: REFUSED,
    send: (s, m) => ({ ...s.signed('mallory', s.note('x')), body: JSON.stringify(s.note(m)) }),
  },
  {
    entry: 7,
    name: 'one space behind the body',
    status: REFUSED,
    send: (s, m) => ({ ...honest(s, m), body: `${honest(s, m).body} ` }),
  },
  {
    entry: 7,
    name: 'no digest at all',
    status: REFUSED,
    send: (s, m) => withoutHeader(s.signed('mallory', s.note(m), { names: without('digest') }), 'digest'),
  },
  {
    entry: 8,
    name: 'a second digest that differs',
    status: REFUSED,
    send: digestIs((b) => `SHA-256=${sha256(b)},SHA-256=${sha256('x')}`),
  },
  {
    entry: 8,
    name: 'a wrong digest before the right one',
    status: REFUSED,
    send: digestIs((b) => `SHA-256=${sha256('x')},SHA-256=${sha256(b)}`),
  },
  {
    entry: 8,
    name: 'the right digest beside a wrong one of SHA-512',
    status: REFUSED,
    send: digestIs(
      (b) => `SHA-256=${sha256(b)},SHA-512=${createHash('sha512').update('x').digest('base64')}`,
    ),
  },
  {
    entry: 8,
    name: 'a digest header twice',
    status: REFUSED,
    send: (s, m) => ({
      ...honest(s, m),
      headers: [['digest', `SHA-256=${sha256('x')}`], ...honest(s, m).headers],
    }),
  },
  {
    entry: 9,
    name: 'a digest without its padding',
    status: REFUSED,
    send: digestIs((b) => `SHA-256=${sha256(b).replace('=', '')}`),
  },
  {
    entry: 9,
    name: 'a digest with the alphabet of URLs',
    status: REFUSED,
    send: digestIs(() => `SHA-256=${'_'.repeat(43)}=`),
  },
  {
    entry: 9,
    name: 'a digest in hexadecimal',
    status: REFUSED,
    send: digestIs((b) => `SHA-256=${createHash('sha256').update(b).digest('hex')}`),
  },
  {
    entry: 9,
    name: 'a digest with white space inside',
    status: REFUSED,
    send: digestIs((b) => `SHA-256=${sha256(b).replace(/^.{8}/u, '$& ')}`),
  },
  {
    entry: 9,
    name: 'a digest of 31 bytes',
    status: REFUSED,
    send: digestIs(
      (b) => `SHA-256=${createHash('sha256').update(b).digest().subarray(0, 31).toString('base64')}`,
    ),
  },
  {
    entry: 9,
    name: 'a digest of nothing we know',
    status: REFUSED,
    send: digestIs((b) => `MD5=${createHash('md5').update(b).digest('base64')}`),
  },
  { entry: 9, name: 'an empty digest', status: REFUSED, send: digestIs(() => 'SHA-256=') },
  {
    entry: 10,
    name: 'only the date signed',
    status: REFUSED,
    send: (s, m) => s.signed('mallory', s.note(m), { names: ['date'] }),
  },
  {
    entry: 10,
    name: 'the target not signed',
    status: REFUSED,
    send: (s, m) => s.signed('mallory', s.note(m), { names: without('(request-target)') }),
  },
  {
    entry: 10,
    name: 'signed for the shared inbox, sent to a personal one',
    status: REFUSED,
    send: (s, m) => ({ ...honest(s, m), target: new URL(`${s.alice}/inbox`).pathname }),
  },
  {
    entry: 10,
    name: 'signed as a GET',
    status: REFUSED,
    send: (s, m) => ({
      ...s.signed('mallory', s.note(m), { method: 'get' }),
      method: 'POST',
      body: JSON.stringify(s.note(m)),
      headers: [
        ...s.signed('mallory', s.note(m), { method: 'get' }).headers,
        ['content-type', 'application/activity+json'],
      ],
    }),
  },
  {
    entry: 10,
    name: 'another query than was signed',
    status: REFUSED,
    send: (s, m) => ({ ...s.signed('mallory', s.note(m), { target: '/inbox?a=1' }), target: '/inbox?a=2' }),
  },
  {
    entry: 11,
    name: 'the host not signed',
    status: REFUSED,
    send: (s, m) => s.signed('mallory', s.note(m), { names: without('host') }),
  },
  {
    entry: 11,
    name: 'signed for another host, sent with its name',
    status: REFUSED,
    send: (s, m) => s.signed('mallory', s.note(m), { host: 'evil.test' }),
  },
  {
    entry: 11,
    name: 'signed for another host, sent with ours',
    status: REFUSED,
    send: (s, m) => withHeader(s.signed('mallory', s.note(m), { host: 'evil.test' }), 'host', s.domain),
  },
  {
    entry: 11,
    name: 'signed for another port of ours',
    status: REFUSED,
    send: (s, m) => s.signed('mallory', s.note(m), { host: `${s.domain}:8443` }),
  },
  {
    entry: 11,
    name: 'two hosts',
    status: [400, 401],
    send: (s, m) => ({ ...honest(s, m), headers: [['host', 'evil.test'], ...honest(s, m).headers] }),
  },
  {
    entry: 13,
    name: 'a date two hours ago',
    status: REFUSED,
    send: (s, m) => s.signed('mallory', s.note(m), { date: inHours(-2) }),
  },
  {
    entry: 13,
    name: 'a date in two hours',
    status: REFUSED,
    send: (s, m) => s.signed('mallory', s.note(m), { date: inHours(2) }),
  },
  {
    entry: 13,
    name: 'a date in another form',
    status: REFUSED,
    send: (s, m) => s.signed('mallory', s.note(m), { date: new Date().toISOString() }),
  },
  {
    entry: 13,
    name: 'a date in words',
    status: REFUSED,
    send: (s, m) => s.signed('mallory', s.note(m), { date: 'now' }),
  },
  {
    entry: 13,
    name: 'a date that no clock shows',
    status: REFUSED,
    send: (s, m) => s.signed('mallory', s.note(m), { date: 'Sat, 31 Feb 99999 25:61:61 GMT' }),
  },
  {
    entry: 13,
    name: 'no time signed',
    status: REFUSED,
    send: (s, m) => s.signed('mallory', s.note(m), { names: without('date') }),
  },
  ...['1.5', '-1', '1e308', '', 'NaN', '9'.repeat(400), '0x10'].map(
    (created): Attack => ({
      entry: 13,
      name: `(created) is ${created.slice(0, 12) || 'empty'}`,
      status: REFUSED,
      send: timesAre(created),
    }),
  ),
  { entry: 13, name: '(created) two hours ago', status: REFUSED, send: timesAre(String(seconds(-2))) },
  { entry: 13, name: '(created) in two hours', status: REFUSED, send: timesAre(String(seconds(2))) },
  {
    entry: 13,
    name: '(expires) before (created)',
    status: REFUSED,
    send: timesAre(String(seconds(0)), String(seconds(-0.1))),
  },
  { entry: 13, name: '(expires) long ago', status: REFUSED, send: timesAre(undefined, String(seconds(-3))) },
  { entry: 13, name: '(expires) is no number', status: REFUSED, send: timesAre(undefined, 'never') },
  {
    entry: 14,
    name: 'two key ids',
    status: REFUSED,
    send: (s, m) => editHeader(honest(s, m), 'signature', (v) => `keyId="${s.victim}#main-key",${v}`),
  },
  {
    entry: 14,
    name: 'two key ids, the other first',
    status: REFUSED,
    send: (s, m) => editHeader(honest(s, m), 'signature', (v) => `${v},keyId="${s.victim}#main-key"`),
  },
  { entry: 14, name: 'two signatures in one', status: REFUSED, send: edited((v) => `${v},signature="AAAA"`) },
  { entry: 14, name: 'two lists of headers', status: REFUSED, send: edited((v) => `headers="date",${v}`) },
  { entry: 14, name: 'two algorithms', status: REFUSED, send: edited((v) => `${v},algorithm="hs2019"`) },
  {
    entry: 14,
    name: 'a header named twice',
    status: REFUSED,
    send: (s, m) => s.signed('mallory', s.note(m), { names: [...NAMES, 'date'] }),
  },
  {
    entry: 14,
    name: 'two signature headers',
    status: REFUSED,
    send: (s, m) => ({ ...honest(s, m), headers: [...honest(s, m).headers, ['signature', 'x="y"']] }),
  },
  { entry: 15, name: 'a quote without an end', status: REFUSED, send: edited((v) => v.slice(0, -1)) },
  {
    entry: 15,
    name: 'a signature header of 64 KB',
    status: [400, 401, 431],
    send: edited((v) => `${v},x="${'y'.repeat(65_536)}"`),
  },
  {
    entry: 15,
    name: 'a signature header of 10 KB',
    status: REFUSED,
    send: edited((v) => `${v},x="${'y'.repeat(10_000)}"`),
  },
  {
    entry: 15,
    name: 'three thousand names',
    status: REFUSED,
    send: edited((v) => v.replace('headers="', `headers="${'a '.repeat(3_000)}`)),
  },
  { entry: 15, name: 'seven thousand quotes', status: REFUSED, send: edited(() => 'a="'.repeat(2_300)) },
  {
    entry: 15,
    name: 'seven thousand commas',
    status: REFUSED,
    send: edited((v) => `${','.repeat(7_000)}${v}`),
  },
  {
    entry: 15,
    name: 'seven thousand backslashes',
    status: REFUSED,
    send: edited(() => `keyId="${'\\'.repeat(7_000)}"`),
  },
  {
    entry: 15,
    name: 'seven thousand spaces',
    status: REFUSED,
    send: edited((v) => v.replaceAll(',', `${' '.repeat(1_400)};`)),
  },
  ...['none', 'rsa-sha1', 'rsa-sha512', 'ecdsa-sha256', 'ed25519', '', 'RSA-SHA256'].map(
    (algorithm): Attack => ({
      entry: 16,
      name: `the algorithm ${algorithm || 'of no name'}`,
      status: REFUSED,
      send: (s, m) => s.signed('mallory', s.note(m), { algorithm }),
    }),
  ),
  {
    entry: 16,
    name: 'a MAC with the public key as its secret',
    status: REFUSED,
    send: (s, m) =>
      s.signed('mallory', s.note(m), {
        algorithm: 'hmac-sha256',
        makeSignature: (base) => createHmac('sha256', s.peer.pem).update(base).digest('base64'),
      }),
  },
  {
    entry: 16,
    name: 'the same, called hs2019',
    status: REFUSED,
    asks: 4,
    may: ['remote_actors', 'remote_keys', 'handles'],
    send: (s, m) =>
      s.signed('mallory', s.note(m), {
        algorithm: 'hs2019',
        makeSignature: (base) => createHmac('sha256', s.peer.pem).update(base).digest('base64'),
      }),
  },
  {
    entry: 17,
    name: 'a signature of nothing',
    status: REFUSED,
    send: edited((v) => v.replace(/signature="[^"]*"/u, 'signature=""')),
  },
  ...[1, 255, 256, 257].map(
    (length): Attack => ({
      entry: 17,
      name: `a signature of ${length} zero bytes`,
      status: REFUSED,
      send: edited((v) =>
        v.replace(/signature="[^"]*"/u, `signature="${Buffer.alloc(length).toString('base64')}"`),
      ),
    }),
  ),
  {
    entry: 17,
    name: 'a signature with PSS padding',
    status: REFUSED,
    send: (s, m) =>
      s.signed('mallory', s.note(m), {
        makeSignature: (base) =>
          sign('sha256', Buffer.from(base), {
            key: s.peer.privateKey,
            padding: constants.RSA_PKCS1_PSS_PADDING,
          }).toString('base64'),
      }),
  },
  {
    entry: 17,
    name: 'a signature over SHA-1',
    status: REFUSED,
    send: (s, m) =>
      s.signed('mallory', s.note(m), {
        makeSignature: (base) => sign('sha1', Buffer.from(base), s.peer.privateKey).toString('base64'),
      }),
  },
  {
    entry: 17,
    name: 'a bare hash in the padding, without the name of its algorithm',
    status: REFUSED,
    send: (s, m) =>
      s.signed('mallory', s.note(m), {
        makeSignature: (base) =>
          privateEncrypt(s.peer.privateKey, createHash('sha256').update(base).digest()).toString('base64'),
      }),
  },
  {
    entry: 17,
    name: 'garbage behind the hash in the padding',
    status: REFUSED,
    send: (s, m) =>
      s.signed('mallory', s.note(m), {
        makeSignature: (base) =>
          privateEncrypt(
            s.peer.privateKey,
            Buffer.concat([
              Buffer.from('3031300d060960864801650304020105000420', 'hex'),
              createHash('sha256').update(base).digest(),
              Buffer.alloc(16, 0x41),
            ]),
          ).toString('base64'),
      }),
  },
  {
    entry: 22,
    name: 'another method that might be let through',
    status: 405,
    send: (s, m) => ({ ...withoutHeader(honest(s, m), 'signature'), method: 'PUT' }),
  },
  {
    entry: 22,
    name: 'a method in a header',
    status: 405,
    send: (s, m) =>
      withHeader(
        { ...withoutHeader(honest(s, m), 'signature'), method: 'GET' },
        'x-http-method-override',
        'POST',
      ),
  },
  {
    entry: 22,
    name: 'a bearer token',
    status: REFUSED,
    send: (s, m) => withHeader(withoutHeader(honest(s, m), 'signature'), 'authorization', 'Bearer x'),
  },
  {
    entry: 22,
    name: 'a word that the proxy might say',
    status: REFUSED,
    send: (s, m) => withHeader(withoutHeader(honest(s, m), 'signature'), 'x-signature-verified', 'true'),
  },
  {
    entry: 22,
    name: 'a stranger who says goodbye unsigned',
    status: 202,
    send: (s, m) =>
      withoutHeader(
        s.signed('x', {
          id: s.at(`${m}/d`),
          type: 'Delete',
          actor: s.at(`users/${m}`),
          object: s.at(`users/${m}`),
        }),
        'signature',
      ),
  },
  {
    entry: 22,
    name: 'somebody known says goodbye unsigned',
    status: REFUSED,
    send: (s, m) =>
      withoutHeader(
        s.signed('victim', { id: s.at(`${m}/d`), type: 'Delete', actor: s.victim, object: s.victim }),
        'signature',
      ),
  },
  ...[undefined, 'mallory'].map(
    (by): Attack => ({
      entry: 23,
      name: `a linked-data signature of the victim, ${by === undefined ? 'unsigned else' : 'delivered by the attacker'}`,
      status: REFUSED,
      send: (s, m) => {
        const request = s.signed('mallory', {
          ...s.note(m, {}, {}, s.victim),
          signature: {
            type: 'RsaSignature2017',
            creator: `${s.victim}#main-key`,
            created: new Date().toISOString(),
            signatureValue: 'AAAA',
          },
        });
        return by === undefined ? withoutHeader(request, 'signature') : request;
      },
    }),
  ),
  ...(['@graph', '@included', '@reverse'] as const).map(
    (word): Attack => ({
      entry: 23,
      name: `an activity inside of ${word}`,
      status: 400,
      send: (s, m) =>
        s.signed('mallory', {
          '@context': 'https://www.w3.org/ns/activitystreams',
          [word]: [s.note(m, {}, {}, s.victim)],
        }),
    }),
  ),
  {
    entry: 23,
    name: 'a context that gives the fields other meanings',
    status: 400,
    send: (s, m) => {
      const { actor, ...rest } = s.note(m);
      return s.signed('mallory', {
        ...rest,
        '@context': { who: { '@id': 'as:actor', '@type': '@id' } },
        who: actor,
      });
    },
  },
  {
    entry: 82,
    name: 'a compressed body',
    status: 415,
    send: (s, m) =>
      withHeader({ ...honest(s, m), body: gzipSync(JSON.stringify(s.note(m))) }, 'content-encoding', 'gzip'),
  },
];
