import { describe, expect, test } from 'vitest';
import { createConfirmHandle } from '../../src/activitypub/confirm-handle.ts';
import { createKeyFinder } from '../../src/activitypub/keys.ts';
import { createWebfinger } from '../../src/activitypub/webfinger-client.ts';
import type { RemoteActor, RemoteKey } from '../../src/bridge/actor.ts';
import {
  actorDocument,
  type Documents,
  fingerDocument,
  fingerUrl,
  serveDocuments,
} from './support/documents.ts';
import { makeKey } from './support/keys.ts';

const ID = 'https://m.example/users/alice';
const VICTIM = 'https://m.example/users/victim';
const key = makeKey(`${ID}#main-key`);
const newer = makeKey(`${ID}#main-key`, { pair: 'other' });

const publicKey = (owner: string, id = `${owner}#main-key`, pem = key.pem) => ({
  id,
  owner,
  publicKeyPem: pem,
});
const actorWith = (id: string, keys: unknown) => actorDocument(id, { publicKey: keys });
const FINGER = { [fingerUrl('alice@m.example')]: fingerDocument('alice@m.example', ID) };

type StoredKey = RemoteKey & { readonly fetchedAt?: Date };

const setUp = (
  documents: Documents,
  before: readonly StoredKey[] = [],
  redirects: Readonly<Record<string, string>> = {},
) => {
  const world: Documents = { ...FINGER, ...documents };
  const { getJson, asked } = serveDocuments(world, redirects);
  const state = { time: 1_000_000 };
  const saved: RemoteActor[] = [];
  const stored = new Map<string, StoredKey>(before.map((each) => [each.id, each]));
  const webfinger = createWebfinger({ getJson, allowPrivate: false });
  const findKey = createKeyFinder({
    store: {
      findKey: async (id) => stored.get(id),
      saveActor: async (actor) => {
        saved.push(actor);
        for (const each of actor.keys) stored.set(each.id, { ...each, fetchedAt: new Date(state.time) });
      },
    },
    getJson,
    confirmHandle: createConfirmHandle({ webfinger }),
    now: () => new Date(state.time),
  });
  const keyFetches = () => asked.filter((url) => !url.includes('webfinger')).length;
  return { findKey, asked, saved, stored, state, world, keyFetches };
};
type Found = ReturnType<ReturnType<typeof setUp>['findKey']>;
const resultOf = async (found: Found): Promise<string> => {
  const outcome = await found;
  return outcome.ok ? outcome.value.owner : outcome.refusal.reason;
};

describe('a key belongs to an actor', () => {
  test('whose document lists it', async () => {
    const { findKey, saved, asked } = setUp({ [ID]: actorWith(ID, publicKey(ID)) });
    const found = await findKey(key.keyId);
    expect(found.ok && found.value.key.equals(key.publicKey)).toBe(true);
    expect(found).toMatchObject({ value: { owner: ID } });
    expect(asked[0]).toBe(ID);
    expect(saved).toMatchObject([{ id: ID, handle: { user: 'alice', host: 'm.example' } }]);
  });

  test('when the key has a URL of its own that shows the actor', async () => {
    const keyId = `${ID}/main-key`;
    const actor = actorWith(ID, publicKey(ID, keyId));
    expect(await resultOf(setUp({ [keyId]: actor, [ID]: actor }).findKey(keyId))).toBe(ID);
  });

  test.each(['owner', 'controller'])(
    'when the key is a document that names its %s, who lists it',
    async (name) => {
      const keyId = `${ID}/keys/1`;
      const document = { id: keyId, type: 'Key', [name]: ID, publicKeyPem: key.pem };
      const documents = { [keyId]: document, [ID]: actorWith(ID, publicKey(ID, keyId)) };
      expect(await resultOf(setUp(documents).findKey(keyId))).toBe(ID);
    },
  );
});

describe('a key id that is the actor itself', () => {
  test('is its one key, and asked for once', async () => {
    const { findKey, saved, keyFetches } = setUp({ [ID]: actorWith(ID, publicKey(ID)) });
    for (let i = 0; i < 2; i += 1) {
      const found = await findKey(ID);
      expect(found.ok && found.value.key.equals(key.publicKey)).toBe(true);
      expect(found).toMatchObject({ value: { owner: ID } });
    }
    expect(keyFetches()).toBe(1);
    expect(saved).toMatchObject([{ id: ID, keys: [{ id: key.keyId }] }]);
  });

  test('is the new one where that was changed', async () => {
    const { findKey, world, state } = setUp({ [ID]: actorWith(ID, publicKey(ID)) });
    await findKey(ID);
    world[ID] = actorWith(ID, publicKey(ID, newer.keyId, newer.pem));
    state.time += 5 * 60_000 + 1;
    const fresh = await findKey(ID, { fresh: true });
    expect(fresh.ok && fresh.value.key.equals(newer.publicKey)).toBe(true);
  });

  test.each([
    ['which of two is not said', [publicKey(ID), publicKey(ID, `${ID}#second`, newer.pem)]],
    ['there is none', []],
    ['the key is under the id of another', [publicKey(ID, `${VICTIM}#main-key`)]],
  ])('is nobody’s where %s', async (_, keys) => {
    const { findKey, saved } = setUp({ [ID]: actorWith(ID, keys) });
    expect(await resultOf(findKey(ID))).toBe('not-found');
    expect(saved).toEqual([]);
  });

  test('is no key where it is an alias of the actor', async () => {
    const alias = 'https://m.example/@alice';
    const actor = actorWith(ID, publicKey(ID));
    expect(await resultOf(setUp({ [alias]: actor, [ID]: actor }).findKey(alias))).toBe('not-found');
  });
});

describe('a key does not belong', () => {
  const own = `${ID}/keys/1`;
  test.each<[string, string, Documents, string]>([
    [
      'to an owner that the document only asserts',
      key.keyId,
      { [ID]: actorWith(ID, publicKey(VICTIM, key.keyId)) },
      'not-found',
    ],
    [
      'to an owner who does not list it',
      own,
      { [own]: { id: own, owner: VICTIM }, [VICTIM]: actorWith(VICTIM, publicKey(VICTIM)) },
      'not-found',
    ],
    [
      'to an owner on another host',
      own,
      {
        [own]: { id: own, owner: 'https://victim.example/u' },
        'https://victim.example/u': actorWith(
          'https://victim.example/u',
          publicKey('https://victim.example/u', own),
        ),
      },
      'not-found',
    ],
    [
      'where its document has another id',
      own,
      { [own]: { id: `${own}x`, owner: ID }, [ID]: actorWith(ID, publicKey(ID, own)) },
      'not-found',
    ],
    [
      'where the actor found there is of another host',
      key.keyId,
      { [ID]: actorWith('https://victim.example/u', publicKey(ID)) },
      'host-not-found',
    ],
    ['where the actor lists other keys', `${ID}#other`, { [ID]: actorWith(ID, publicKey(ID)) }, 'not-found'],
    ['where there is no document', key.keyId, {}, 'not-found'],
    ['where the document is a note', key.keyId, { [ID]: { id: ID, type: 'Note' } }, 'not-found'],
    ['where the actor is gone', key.keyId, { [ID]: 'gone' }, 'gone'],
    ['where the host is away', key.keyId, { [ID]: 'host-unreachable' }, 'host-unreachable'],
  ])('%s', async (_, keyId, documents, reason) => {
    const { findKey, saved, asked } = setUp(documents);
    expect(await resultOf(findKey(keyId))).toBe(reason);
    expect(asked.filter((url) => new URL(url).host !== 'm.example')).toEqual([]);
    expect(saved).toEqual([]);
  });

  test('to a second owner, once another has claimed it', async () => {
    const stored = [{ id: key.keyId, owner: VICTIM, pem: 'broken' }];
    const { findKey, saved } = setUp({ [ID]: actorWith(ID, publicKey(ID)) }, stored);
    expect(await resultOf(findKey(key.keyId))).toBe('not-found');
    expect(saved).toEqual([]);
  });

  test.each(['acct:alice@m.example', 'file:///etc/passwd', 'https://a@m.example/k', '', 'x'])(
    'when its id is %j: nothing is fetched',
    async (keyId) => {
      const { findKey, asked } = setUp({});
      expect(await resultOf(findKey(keyId))).toBe('policy');
      expect(asked).toEqual([]);
    },
  );
});

test('a key does not belong where its document was found under another URL of its host', async () => {
  const own = `${ID}/keys/1`;
  const elsewhere = 'https://m.example/upload/1';
  const documents = { [elsewhere]: { id: own, owner: ID }, [ID]: actorWith(ID, publicKey(ID, own)) };
  const { findKey, saved } = setUp(documents, [], { [own]: elsewhere });
  expect(await resultOf(findKey(own))).toBe('not-found');
  expect(saved).toEqual([]);
});

describe('what is asked of the peer', () => {
  test('nothing, for a key that is stored or was just found', async () => {
    const stored = setUp({}, [{ id: key.keyId, owner: ID, pem: key.pem }]);
    expect(await resultOf(stored.findKey(key.keyId))).toBe(ID);
    expect(stored.asked).toEqual([]);
    const found = setUp({ [ID]: actorWith(ID, publicKey(ID)) });
    await Promise.all([found.findKey(key.keyId), found.findKey(key.keyId)]);
    await found.findKey(key.keyId);
    expect(found.keyFetches()).toBe(1);
  });

  test('a key that cannot be had is not asked for again at once', async () => {
    const { findKey, state, keyFetches } = setUp({ [ID]: 'gone' });
    for (let i = 0; i < 3; i += 1) await findKey(key.keyId);
    expect(keyFetches()).toBe(1);
    state.time += 5 * 60_000 + 1;
    await findKey(key.keyId);
    expect(keyFetches()).toBe(2);
  });
});

describe('what is asked of the peer for a key that does not fit', () => {
  test('a fresh key once in five minutes, whatever a forger does', async () => {
    const stored = [{ id: key.keyId, owner: ID, pem: key.pem }];
    const { findKey, state, keyFetches } = setUp(
      { [ID]: actorWith(ID, publicKey(ID, newer.keyId, newer.pem)) },
      stored,
    );
    const fresh = await findKey(key.keyId, { fresh: true });
    expect(fresh.ok && fresh.value.key.equals(newer.publicKey)).toBe(true);
    for (let i = 0; i < 5; i += 1)
      expect(await resultOf(findKey(key.keyId, { fresh: true }))).toBe('not-found');
    expect(keyFetches()).toBe(1);
    const after = await findKey(key.keyId);
    expect(after.ok && after.value.key.equals(newer.publicKey)).toBe(true);
    state.time += 5 * 60_000 + 1;
    await findKey(key.keyId, { fresh: true });
    expect(keyFetches()).toBe(2);
  });

  test('a fresh key also soon after the first one, and then no more', async () => {
    const { findKey, state, world, keyFetches } = setUp({ [ID]: actorWith(ID, publicKey(ID)) });
    await findKey(key.keyId);
    world[ID] = actorWith(ID, publicKey(ID, newer.keyId, newer.pem));
    state.time += 1_001;
    const fresh = await findKey(key.keyId, { fresh: true });
    expect(fresh.ok && fresh.value.key.equals(newer.publicKey)).toBe(true);
    state.time += 5 * 60_000 - 1;
    expect(await resultOf(findKey(key.keyId, { fresh: true }))).toBe('not-found');
    expect(keyFetches()).toBe(2);
  });

  test('requests that come while a fresh key is on its way get it too', async () => {
    const stored = [{ id: key.keyId, owner: ID, pem: key.pem }];
    const { findKey, keyFetches } = setUp(
      { [ID]: actorWith(ID, publicKey(ID, newer.keyId, newer.pem)) },
      stored,
    );
    const fresh = () => findKey(key.keyId, { fresh: true });
    const found = await Promise.all([fresh(), fresh(), fresh()]);
    expect(found.map((each) => each.ok && each.value.key.equals(newer.publicKey))).toEqual([
      true,
      true,
      true,
    ]);
    expect(keyFetches()).toBe(1);
  });

  test('a failed fresh look leaves the known key in its place, and is not made again at once', async () => {
    const stored = [{ id: key.keyId, owner: ID, pem: key.pem }];
    const { findKey, keyFetches } = setUp({ [ID]: 'host-unreachable' }, stored);
    expect(await resultOf(findKey(key.keyId, { fresh: true }))).toBe('host-unreachable');
    expect(await resultOf(findKey(key.keyId, { fresh: true }))).toBe('over-limit');
    expect(await resultOf(findKey(key.keyId))).toBe(ID);
    expect(keyFetches()).toBe(1);
  });
});

test.each([key.keyId, ID])('who names keys that nobody has keeps no new one of %s away', async (keyId) => {
  const { findKey, world, state } = setUp({}, [{ id: keyId, owner: ID, pem: key.pem }]);
  await findKey(keyId);
  state.time += 59 * 60_000;
  world[ID] = actorWith(ID, publicKey(ID, newer.keyId, newer.pem));
  expect(await resultOf(findKey(`${ID}#forged`))).toBe('not-found');
  const found = await findKey(keyId, { fresh: true });
  expect(found.ok && found.value.key.equals(newer.publicKey)).toBe(true);
});

describe('no fresh key is asked of the peer', () => {
  test('where its actor told of a new one meanwhile, after which the old one is soon forgotten', async () => {
    const { findKey, stored, state, keyFetches } = setUp({ [ID]: actorWith(ID, publicKey(ID)) });
    const isNew = async (options = {}) => {
      const found = await findKey(key.keyId, options);
      return found.ok && found.value.key.equals(newer.publicKey);
    };
    expect(await isNew()).toBe(false);
    stored.set(key.keyId, { id: key.keyId, owner: ID, pem: newer.pem });
    expect(await isNew({ fresh: true })).toBe(true);
    expect(await isNew()).toBe(true);
    stored.set(key.keyId, { id: key.keyId, owner: ID, pem: key.pem });
    state.time += 10_001;
    expect(await isNew()).toBe(false);
    expect(keyFetches()).toBe(1);
  });

  test('where it was only just found', async () => {
    const { findKey, keyFetches } = setUp({ [ID]: actorWith(ID, publicKey(ID)) });
    expect(await resultOf(findKey(key.keyId))).toBe(ID);
    expect(await resultOf(findKey(key.keyId, { fresh: true }))).toBe('not-found');
    expect(keyFetches()).toBe(1);
  });

  test('of an actor of whom another was, however many it has', async () => {
    const ids = [key.keyId, `${ID}#second`];
    const keys = ids.map((id) => publicKey(ID, id));
    const stored = ids.map((id) => ({ id, owner: ID, pem: key.pem }));
    const { findKey, keyFetches } = setUp({ [ID]: actorWith(ID, keys) }, stored);
    const asked = [];
    for (const id of ids) asked.push(await resultOf(findKey(id, { fresh: true })));
    expect(asked).toEqual([ID, 'not-found']);
    expect(keyFetches()).toBe(1);
  });

  test('beyond 60 of one domain in a minute, whoever the actors are', async () => {
    const idOf = (index: number): string => `https://m${index % 3}.many.example/u/${index}`;
    const stored = Array.from({ length: 70 }, (_, index) => ({
      id: `${idOf(index)}#main-key`,
      owner: idOf(index),
      pem: key.pem,
    }));
    const other = { id: 'https://other.net/u#main-key', owner: 'https://other.net/u', pem: key.pem };
    const { findKey, keyFetches, state } = setUp({}, [...stored, other]);
    const fresh = (id: string) => resultOf(findKey(id, { fresh: true }));
    const asked = [];
    for (const { id } of stored) asked.push(await fresh(id));
    expect(asked.filter((each) => each === 'over-limit')).toHaveLength(10);
    expect(keyFetches()).toBe(60);
    expect(await fresh(other.id)).toBe('not-found');
    state.time += 60_000;
    expect(await fresh(stored.at(-1)?.id ?? '')).toBe('not-found');
  });
});

describe('what is kept of an actor', () => {
  test('nothing without a confirmed handle, and the key says so', async () => {
    const documents = {
      [ID]: actorWith(ID, publicKey(ID)),
      [fingerUrl('alice@m.example')]: 'host-unreachable',
    };
    const { findKey, saved } = setUp(documents);
    expect(await findKey(key.keyId)).toMatchObject({ value: { owner: ID, isUnplaced: true } });
    expect(saved).toEqual([]);
  });

  test('nothing of who shows a new key where WebFinger is away, who is asked again in a minute', async () => {
    const stored = [{ id: key.keyId, owner: ID, pem: key.pem }];
    const { findKey, saved, state, world } = setUp(
      { [ID]: actorWith(ID, publicKey(ID, newer.keyId, newer.pem)) },
      stored,
    );
    world[fingerUrl('alice@m.example')] = 'host-unreachable';
    const fresh = () => findKey(key.keyId, { fresh: true });
    expect(await fresh()).toMatchObject({ value: { isUnplaced: true } });
    // Whoever comes in this minute is told to come again, and not that the signature is wrong.
    expect(await resultOf(fresh())).toBe('over-limit');
    expect(saved).toEqual([]);
    world[fingerUrl('alice@m.example')] = fingerDocument('alice@m.example', ID);
    state.time += 61_000;
    const found = await fresh();
    expect(found.ok && found.value.key.equals(newer.publicKey)).toBe(true);
    expect(saved).toHaveLength(1);
  });

  test('an actor that was stored a day ago, once: one that cannot be had stays as it was', async () => {
    const fetchedAt = new Date(1_000_000);
    const stored = [{ id: key.keyId, owner: ID, pem: key.pem, fetchedAt }];
    const { findKey, saved, state, world, keyFetches } = setUp(
      { [ID]: actorWith(ID, publicKey(ID, newer.keyId, newer.pem)) },
      stored,
    );
    state.time += 24 * 60 * 60_000;
    const found = await findKey(key.keyId);
    expect(found.ok && found.value.key.equals(newer.publicKey)).toBe(true);
    expect(saved).toHaveLength(1);
    world[ID] = 'host-unreachable';
    state.time += 24 * 60 * 60_000;
    for (const [minutes, fetches] of [
      [0, 2],
      [59, 2],
      [2, 3],
    ] as const) {
      state.time += minutes * 60_000;
      const old = await findKey(key.keyId);
      expect(old.ok && old.value.key.equals(newer.publicKey)).toBe(true);
      expect(keyFetches()).toBe(fetches);
    }
  });

  test('not for more than 300 new keys of one host in a minute', async () => {
    const { findKey, keyFetches, state } = setUp({});
    const idOf = (index: number): string => `https://m.example/k/${index}`;
    for (let index = 0; index < 310; index += 1) await findKey(idOf(index));
    expect(keyFetches()).toBe(300);
    expect(await resultOf(findKey(idOf(309)))).toBe('over-limit');
    expect(await resultOf(findKey('https://one-of-thousands.m.example/k'))).toBe('over-limit');
    expect(await resultOf(findKey('https://other.net/k'))).toBe('not-found');
    state.time += 10 * 60_000;
    expect(await resultOf(findKey(idOf(309)))).toBe('not-found');
  });
});

test('of a site whose every actor is new, 300 in a minute are let in; others are not held up', async () => {
  const idOf = (host: string): string => `https://${host}/users/alice`;
  const cast = (hosts: readonly string[]): Documents =>
    Object.fromEntries(
      hosts.flatMap((host) => [
        [idOf(host), actorWith(idOf(host), publicKey(idOf(host)))],
        [fingerUrl(`alice@${host}`), fingerDocument(`alice@${host}`, idOf(host))],
      ]),
    );
  // Whoever owns a domain has as many names below it as he likes.
  const wave = Array.from({ length: 320 }, (_, index) => `n${index}.wave.example`);
  const { findKey, state, saved, asked } = setUp(cast([...wave, 'other.example']));
  const keyOf = (host: string): string => `${idOf(host)}#main-key`;
  const results: string[] = [];
  for (const host of wave) results.push(await resultOf(findKey(keyOf(host))));
  expect(results).toEqual([...wave.slice(0, 300).map(idOf), ...Array(20).fill('over-limit')]);
  expect(saved).toHaveLength(300);
  expect(asked.some((url) => url.includes('n300.wave.example'))).toBe(false);
  expect(await resultOf(findKey(keyOf('other.example')))).toBe(idOf('other.example'));
  // Who was let in is known.
  expect(await resultOf(findKey(keyOf('n0.wave.example')))).toBe(idOf('n0.wave.example'));
  state.time += 60_000;
  expect(await resultOf(findKey(keyOf('n310.wave.example')))).toBe(idOf('n310.wave.example'));
});

test('an actor is kept with such keys only whose id leads to it', async () => {
  const elsewhere = `${VICTIM}/main-key`;
  const keys = [publicKey(ID), publicKey(ID, `${VICTIM}#main-key`), publicKey(ID, elsewhere)];
  const { findKey, saved } = setUp({ [ID]: actorWith(ID, keys), [elsewhere]: actorWith(ID, keys) });
  await findKey(key.keyId);
  expect(saved.at(-1)?.keys.map(({ id }) => id)).toEqual([key.keyId]);
  await findKey(elsewhere);
  expect(saved.at(-1)?.keys.map(({ id }) => id)).toEqual([key.keyId, elsewhere]);
});
