import { type Attack, LET_IN, type Scene } from './attack.ts';

const raw =
  (edit: (json: string, scene: Scene, mark: string) => string | Uint8Array): Attack['send'] =>
  (scene, mark) => {
    const body = edit(JSON.stringify(scene.note(mark)), scene, mark);
    return {
      ...scene.signed('mallory', typeof body === 'string' ? body : '', {}),
      ...scene.signed('mallory', body),
    };
  };

const refused = (
  entry: number,
  name: string,
  edit: (json: string, scene: Scene, mark: string) => string | Uint8Array,
): Attack => ({
  entry,
  name,
  status: 400,
  send: raw(edit),
});

/** Whole JSON from an object with one field more: `more` is JSON text. */
const plus = (json: string, more: string): string => `${json.slice(0, -1)},${more}}`;

const wrong = (entry: number, name: string, object: object, outer: object = {}): Attack => ({
  entry,
  name,
  ...LET_IN,
  send: (s, m) => s.signed('mallory', s.note(m, object, outer)),
});

export const BODY_ATTACKS: readonly Attack[] = [
  refused(76, 'arrays a hundred thousand deep', () => '['.repeat(100_000)),
  refused(76, 'objects ten thousand deep', () => `${'{"a":'.repeat(10_000)}1${'}'.repeat(10_000)}`),
  refused(76, 'a field sixty-five deep', (json) => plus(json, `"x":${'['.repeat(65)}${']'.repeat(65)}`)),
  refused(77, 'two actors', (json, s) => plus(json, `"actor":"${s.victim}"`)),
  refused(77, 'two actors, one of them spelt with an escape', (json, s) =>
    plus(json, `"\\u0061ctor":"${s.victim}"`),
  ),
  refused(77, 'two objects', (json) => plus(json, '"object":{}')),
  refused(77, 'two types', (json) => plus(json, '"type":"Delete"')),
  refused(77, 'two authors inside', (json, s) =>
    json.replace('"attributedTo"', `"attributedTo":"${s.victim}","attributedTo"`),
  ),
  refused(78, 'all of it in __proto__', (json) => `{"__proto__":${json}}`),
  refused(78, 'all of it in constructor.prototype', (json) => `{"constructor":{"prototype":${json}}}`),
  {
    entry: 78,
    name: 'the author in __proto__',
    ...LET_IN,
    send: raw((json) => json.replace('"attributedTo"', '"__proto__":{"x":1},"a"')),
  },
  ...([null, 7, true, [], {}, [[]], '', 'x', '/users/mallory', 'javascript:alert(1)'] as const).map(
    (actor): Attack => ({
      entry: 79,
      name: `an actor that is ${JSON.stringify(actor)}`,
      status: 400,
      send: (s, m) => s.signed('mallory', { ...s.note(m), actor }),
    }),
  ),
  ...([null, 7, [], {}, '', [7], { id: 1 }] as const).map(
    (type): Attack => ({
      entry: 79,
      name: `a type that is ${JSON.stringify(type)}`,
      status: 400,
      send: (s, m) => s.signed('mallory', { ...s.note(m), type }),
    }),
  ),
  ...([null, 7, true, {}, [], 'x', 'urn:x'] as const).map(
    (id): Attack => ({
      entry: 79,
      name: `an id that is ${JSON.stringify(id)}`,
      status: 400,
      send: (s, m) => s.signed('mallory', { ...s.note(m), id }),
    }),
  ),
  ...([null, 7, true, [], {}, [[]], 'x'] as const).map(
    (object): Attack => ({
      entry: 79,
      name: `an object that is ${JSON.stringify(object)}`,
      status: 202,
      may: LET_IN.may,
      send: (s, m) => s.signed('mallory', { ...s.note(m), object, to: [s.alice] }),
    }),
  ),
  wrong(79, 'a note without an id', { id: undefined }),
  wrong(79, 'a note whose id is an object', { id: { id: 'x' } }),
  wrong(79, 'a note whose type is an object', { type: { type: 'Note' } }),
  refused(80, 'bytes that are no UTF-8', (json) =>
    Buffer.concat([Buffer.from(json.slice(0, -1)), Buffer.from([0x2c, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d])]),
  ),
  refused(80, 'UTF-16', (json) => Buffer.from(`\ufeff${json}`, 'utf16le')),
  refused(80, 'a bare control character in a string', (json) => plus(json, '"x":"\u0001"')),
  refused(80, 'a NUL in the id', (json, s, m) =>
    json.replace(`"${s.at(`${m}/create`)}"`, `"${s.at(`${m}/\\u0000`)}"`),
  ),
  refused(80, 'half of a character in the id', (json, s, m) =>
    json.replace(`"${s.at(`${m}/create`)}"`, `"${s.at(`${m}/\\ud800`)}"`),
  ),
  refused(80, 'an overlong encoding of a quote', (json) =>
    Buffer.concat([Buffer.from(json.slice(0, -1)), Buffer.from([0x2c, 0xc0, 0xa2])]),
  ),
  refused(81, 'a number that is no JSON', (json) => plus(json, '"x":NaN')),
  refused(81, 'a number with a plus', (json) => plus(json, '"x":+1')),
  refused(82, 'nothing', () => ''),
  refused(82, 'half of it', (json) => json.slice(0, json.length / 2)),
  refused(82, 'two documents', (json) => json + json),
  refused(82, 'a list of activities', (json) => `[${json}]`),
  refused(82, 'HTML', () => '<!doctype html><title>x</title>'),
  {
    entry: 82,
    name: 'one byte over 1 MiB',
    status: 413,
    send: raw((json) => plus(json, `"x":"${'y'.repeat(1_048_577 - json.length - 7)}"`)),
  },
  {
    entry: 82,
    name: 'five times the limit',
    status: 413,
    send: (s) => ({
      ...s.signed('mallory', 'x'.repeat(10)),
      headers: [...s.signed('mallory', 'x'.repeat(10)).headers, ['content-length', '5242881']],
    }),
  },
  ...[
    'text/plain',
    'application/json',
    'text/html',
    'application/ld+json',
    'multipart/form-data; boundary=x',
    'application/activity+json; charset=utf-16',
    '',
  ].map(
    (type): Attack => ({
      entry: 82,
      name: `a body of type ${type || 'none'}`,
      status: 415,
      send: (s, m) => {
        const request = s.signed('mallory', s.note(m));
        return {
          ...request,
          headers: request.headers.map(([name, value]) => [name, name === 'content-type' ? type : value]),
        };
      },
    }),
  ),
  {
    entry: 84,
    name: 'an id of 2 KB',
    status: 400,
    send: (s, m) => s.signed('mallory', s.note(m, {}, { id: s.at('y'.repeat(2048)) })),
  },
  {
    entry: 84,
    name: 'an id of 100 KB',
    status: 400,
    send: (s, m) => s.signed('mallory', s.note(m, {}, { id: s.at('y'.repeat(100_000)) })),
  },
  wrong(84, 'a note with an id of 2 KB', { id: `https://evil.test/${'y'.repeat(2048)}` }),
  {
    entry: 84,
    name: 'a type of 100 KB',
    status: 202,
    send: (s, m) => s.signed('mallory', { ...s.note(m), type: 'x'.repeat(100_000) }),
  },
  ...[
    "' or 1=1 --",
    '%',
    '_',
    '\\',
    "'; drop table users; --",
    '$1',
    '%00',
    '../../etc/passwd',
    '{{7*7}}',
    '*',
  ].map(
    (name): Attack => ({
      entry: 85,
      name: `somebody of the name ${name}`,
      status: [400, 404],
      send: (s) => ({
        method: 'GET',
        target: `/.well-known/webfinger?resource=acct:${encodeURIComponent(name)}@${s.domain}`,
        headers: [['host', s.domain]],
      }),
    }),
  ),
  ...[
    '',
    '?resource=',
    '?resource=a&resource=b',
    '?resource=%00',
    '?resource=acct:%ff@ap.test',
    '?resource=acct:alice',
    `?resource=acct:${'a'.repeat(2100)}@ap.test`,
    '?rel=self',
  ].map(
    (query): Attack => ({
      entry: 85,
      name: `WebFinger for ${query.slice(0, 40) || 'nothing'}`,
      status: [400, 404],
      send: (s) => ({
        method: 'GET',
        target: `/.well-known/webfinger${query}`,
        headers: [['host', s.domain]],
      }),
    }),
  ),
];
