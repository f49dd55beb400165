import { generateKeyPairSync } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isActorDocument, parseActor, readClaimedHandle } from '../../src/activitypub/parse-actor.ts';
import { anyUrl } from '../support/any-string.ts';
import { actorDocument } from './support/documents.ts';
import { makeKey, makeMultikey } from './support/keys.ts';

const ID = 'https://m.example/users/alice';
const key = makeKey(`${ID}#main-key`);
const publicKey = { id: key.keyId, owner: ID, publicKeyPem: key.pem };

const parse = (more: Record<string, unknown>) => parseActor(actorDocument(ID, more), ID);
const read = (more: Record<string, unknown>) => {
  const parsed = parse(more);
  if (!parsed.ok) throw new Error(parsed.problem);
  return parsed.value;
};

describe('parseActor', () => {
  test('reads the smallest actor', () => {
    expect(read({})).toEqual({
      id: ID,
      type: 'Person',
      preferredUsername: 'Alice',
      handle: { user: 'alice', host: 'm.example' },
      name: undefined,
      summary: undefined,
      url: undefined,
      inbox: `${ID}/inbox`,
      sharedInbox: undefined,
      followers: undefined,
      icon: undefined,
      manuallyApprovesFollowers: false,
      acceptsChatMessages: false,
      bridgeable: undefined,
      movedTo: undefined,
      fields: [],
      alsoKnownAs: [],
      keys: [],
    });
  });

  test('reads everything that an actor may say', () => {
    const actor = read({
      type: ['Person', 'x:Bot'],
      name: 'Alice\u0000',
      summary: '<p>#nobridge</p>',
      url: [
        { type: 'Link', href: 'https://m.example/@alice', mediaType: 'text/html' },
        'https://m.example/2',
      ],
      endpoints: { sharedInbox: 'https://m.example/inbox' },
      followers: `${ID}/followers`,
      icon: [{ type: 'Image', url: 'https://files.example/a.png' }],
      manuallyApprovesFollowers: true,
      capabilities: { acceptsChatMessages: true },
      bridgeable: false,
      movedTo: 'https://other.example/users/alice',
      publicKey,
    });
    expect(actor).toMatchObject({
      type: 'Person',
      name: 'Alice',
      summary: '<p>#nobridge</p>',
      url: 'https://m.example/@alice',
      sharedInbox: 'https://m.example/inbox',
      followers: `${ID}/followers`,
      icon: 'https://files.example/a.png',
      manuallyApprovesFollowers: true,
      acceptsChatMessages: true,
      bridgeable: false,
      movedTo: 'https://other.example/users/alice',
      keys: [{ id: key.keyId, owner: ID, pem: key.pem }],
    });
  });

  test('the handle is made of the id, never of what the actor claims', () => {
    const document = actorDocument(ID, { webfinger: 'root@victim.example' });
    expect(read({ webfinger: 'root@victim.example' }).handle.host).toBe('m.example');
    expect(readClaimedHandle(document)).toEqual({ user: 'root', host: 'victim.example' });
    expect(read({ preferredUsername: '', webfinger: 'al@m.example' }).preferredUsername).toBe('al');
    expect([readClaimedHandle({ webfinger: 7 }), readClaimedHandle(null)]).toEqual([undefined, undefined]);
  });
});

describe('parseActor is strict', () => {
  test('rows of the profile are kept, other attachments are not', () => {
    const attachment = [
      { type: 'PropertyValue', name: 'Home', value: '<a href="https://bob.example">bob</a>' },
      { type: 'PropertyValue', name: 'Nothing' },
      { type: 'IdentityProof', name: 'x', value: 'y' },
      'text',
    ];
    const parsed = parseActor(actorDocument(ID, { attachment }), ID);
    expect(parsed.ok && parsed.value.fields).toEqual([
      { name: 'Home', value: '<a href="https://bob.example">bob</a>' },
    ]);
    const many = parseActor(actorDocument(ID, { attachment: Array(200).fill(attachment[0]) }), ID);
    expect(many.ok && many.value.fields?.length).toBe(50);
  });

  test.each([
    ['is no object', [], ID],
    ['is no actor', actorDocument(ID, { type: 'Note' }), ID],
    ['has no type', actorDocument(ID, { type: 7 }), ID],
    ['has no id', actorDocument(ID, { id: undefined }), ID],
    ['has an id that is an object', actorDocument(ID, { id: { id: ID } }), ID],
    ['was found elsewhere', actorDocument(ID), 'https://m.example/@alice'],
    ['was found on another host', actorDocument(ID), 'https://evil.example/users/alice'],
    ['has no inbox', actorDocument(ID, { inbox: undefined }), ID],
    ['has its inbox elsewhere', actorDocument(ID, { inbox: 'https://victim.example/inbox' }), ID],
    ['has its inbox on another port', actorDocument(ID, { inbox: 'https://m.example:8443/inbox' }), ID],
    ['has no name', actorDocument(ID, { preferredUsername: undefined }), ID],
    ['has a number as name', actorDocument(ID, { preferredUsername: 7 }), ID],
    ['has @ in its name', actorDocument(ID, { preferredUsername: 'a@victim.example' }), ID],
    ['has a line feed in its name', actorDocument(ID, { preferredUsername: 'a\nb' }), ID],
    ['has a name that is too long', actorDocument(ID, { preferredUsername: 'a'.repeat(1025) }), ID],
  ])('refuses what %s', (_, document, url) => {
    expect(parseActor(document, url).ok).toBe(false);
  });

  test('leaves out what lies on another host', () => {
    const actor = read({
      endpoints: { sharedInbox: 'https://victim.example/inbox' },
      followers: 'https://victim.example/followers',
    });
    expect([actor.sharedInbox, actor.followers]).toEqual([undefined, undefined]);
  });

  test('cuts what is too long', () => {
    const actor = read({ name: 'n'.repeat(5000), summary: 's'.repeat(50_000) });
    expect([actor.name?.length, actor.summary?.length]).toEqual([2048, 20_480]);
  });
});

describe('keys', () => {
  test('a list of them, each once, at most ten looked at', () => {
    const keys = Array.from({ length: 12 }, (_, i) => ({ ...publicKey, id: `${ID}#key-${i}` }));
    expect(read({ publicKey: [...keys, publicKey] }).keys.map(({ id }) => id)).toEqual(
      keys.slice(0, 10).map(({ id }) => id),
    );
    expect(read({ publicKey: [publicKey, publicKey] }).keys.length).toBe(1);
  });

  test('a key may have a URL of its own on the host', () => {
    const id = `${ID}/main-key`;
    expect(read({ publicKey: { ...publicKey, id } }).keys.map((each) => each.id)).toEqual([id]);
  });

  test.each([
    ['of another owner', { ...publicKey, owner: 'https://m.example/users/victim' }],
    ['without an owner', { id: key.keyId, publicKeyPem: key.pem }],
    ['on another host', { ...publicKey, id: 'https://victim.example/users/alice#main-key' }],
    ['without an id', { owner: ID, publicKeyPem: key.pem }],
    ['without a PEM', { id: key.keyId, owner: ID }],
    ['with a broken PEM', { ...publicKey, publicKeyPem: '-----BEGIN PUBLIC KEY-----\nAA\n' }],
    ['that is too short', { ...publicKey, publicKeyPem: makeKey('k', { bits: 1024 }).pem }],
    ['that is only a link', key.keyId],
    ['that is null', null],
  ])('a key %s is left out', (_, each) => {
    expect(read({ publicKey: each }).keys).toEqual([]);
    expect(read({ publicKey: [each, publicKey] }).keys.length).toBe(1);
  });
});

test('any value in any field: no exception, and never an inbox on another host', () => {
  const field = fc.constantFrom(...Object.keys(actorDocument(ID)), 'publicKey', 'endpoints', 'icon', 'url');
  const value = fc.oneof(fc.jsonValue(), anyUrl(), fc.constant([ID]), fc.constant({ id: ID }));
  fc.assert(
    fc.property(fc.array(fc.tuple(field, value), { maxLength: 4 }), (changes) => {
      const parsed = parse(Object.fromEntries(changes));
      if (parsed.ok) expect(new URL(parsed.value.inbox).host).toBe('m.example');
    }),
  );
  fc.assert(
    fc.property(fc.jsonValue(), (json) => {
      expect([parseActor(json, ID).ok, isActorDocument(json)]).toEqual([false, false]);
    }),
  );
});

describe('multikeys (FEP-521a)', () => {
  const { publicKey: edwards } = generateKeyPairSync('ed25519');
  const pem = edwards.export({ type: 'spki', format: 'pem' }).toString();
  const multikey = {
    id: `${ID}#ed25519-key`,
    type: 'Multikey',
    controller: ID,
    publicKeyMultibase: makeMultikey(edwards),
  };

  test('are keys beside the one in publicKey, which wins where both have one id', () => {
    const { keys } = read({ publicKey, assertionMethod: [multikey, { ...multikey, id: key.keyId }] });
    expect(keys).toHaveLength(2);
    expect(keys).toContainEqual({ id: multikey.id, owner: ID, pem });
    expect(keys).toContainEqual({ id: key.keyId, owner: ID, pem: key.pem });
  });

  test.each([
    ['of another actor', { ...multikey, controller: 'https://m.example/users/bob' }],
    ['on another host', { ...multikey, id: 'https://other.example/k' }],
    ['of another type', { ...multikey, type: 'JsonWebKey' }],
    [
      'of another kind',
      { ...multikey, publicKeyMultibase: 'zDnaerDaTF5BXEavCrfRZEk316dpbLsfPDZ3WJ5hRTPFU2169' },
    ],
    ['that is only named', multikey.id],
  ])('%s are passed over', (_, assertionMethod) => {
    expect(read({ assertionMethod }).keys).toEqual([]);
  });

  test('an Ed25519 key in publicKey is a key', () => {
    expect(read({ publicKey: { ...publicKey, publicKeyPem: pem } }).keys).toMatchObject([{ pem }]);
  });
});

test.each([
  ['https://m.example/u/a', 'https://files.example/a.png', true],
  ['https://m.example/u/a', 'https://files.example:8443/a.png', false],
  ['https://m.example:8443/u/a', 'https://files.example:8443/a.png', true],
  ['https://m.example:8443/u/a', 'https://m.example:9443/a.png', false],
])('a picture of %s at %s, on 443 or on the port of the actor: %s', (id, url, isTaken) => {
  const parsed = parseActor(actorDocument(id, { icon: { type: 'Image', url } }), id);
  expect(parsed.ok && parsed.value.icon).toBe(isTaken ? url : undefined);
});
