import { preloadedContexts } from '@fedify/fedify/runtime';
import {
  Accept,
  Application,
  Create,
  Follow,
  Mention,
  Note,
  OrderedCollection,
  Person,
  Reject,
  Tombstone,
  Undo,
} from '@fedify/vocab';
import { expect, test } from 'vitest';
import {
  renderActivity,
  renderHiddenCollection,
  renderNote,
  renderTombstone,
} from '../../src/activitypub/render.ts';
import { renderActor, renderInstanceActor } from '../../src/activitypub/render-actor.ts';
import { type OutgoingActivity, PUBLIC } from '../../src/bridge/activity.ts';
import { alice, BOB, DOMAIN, note, PEM, urls } from './server-fixture.ts';

/** Fedify, an implementation that nobody here wrote, reads our documents; it may fetch nothing. */
const loader = async (url: string) => {
  const document = preloadedContexts[url];
  if (document === undefined) throw new Error(`a reader would have to fetch ${url}`);
  return { contextUrl: null, documentUrl: url, document };
};
const offline = { documentLoader: loader, contextLoader: loader };

const collect = async <T>(items: AsyncIterable<T>): Promise<readonly T[]> => {
  const list: T[] = [];
  for await (const item of items) list.push(item);
  return list;
};

const create: OutgoingActivity = {
  type: 'Create',
  id: urls.create('note1'),
  actor: note.attributedTo,
  note,
};
const theirFollow = { id: 'https://remote.example/f/1', actor: BOB, object: urls.actor('alice1') };
const ourFollow = { id: urls.follow('f1'), actor: urls.actor('alice1'), object: BOB };

test('an actor has what each peer looks for', () => {
  const document = renderActor(urls, { actor: alice, publicPem: PEM, domain: DOMAIN });
  expect(document).toMatchObject({
    id: 'https://ap.example/u/alice1',
    type: 'Person',
    preferredUsername: 'alice',
    webfinger: 'alice@ap.example',
    name: 'Alice',
    url: 'https://ap.example/@alice',
    inbox: 'https://ap.example/u/alice1/inbox',
    endpoints: { sharedInbox: 'https://ap.example/inbox' },
    manuallyApprovesFollowers: true,
    discoverable: false,
    indexable: false,
    publicKey: {
      id: 'https://ap.example/u/alice1#main-key',
      owner: 'https://ap.example/u/alice1',
      publicKeyPem: PEM,
    },
  });
});

test('an actor without a display name goes by its name', () => {
  const actor = { ...alice, displayName: undefined };
  expect(renderActor(urls, { actor, publicPem: PEM, domain: DOMAIN })).toMatchObject({ name: 'alice' });
});

test('the JID of a person is nowhere in the actor', () => {
  const actor = { ...alice, jid: 'secret.jid@xmpp.example' };
  const text = JSON.stringify(renderActor(urls, { actor, publicPem: PEM, domain: DOMAIN }));
  expect(text).not.toContain('secret.jid');
  expect(text).not.toContain('xmpp.example');
});

test('only what is spoken is said to be spoken', () => {
  const text = JSON.stringify(renderInstanceActor(urls, { publicPem: PEM, domain: DOMAIN }));
  expect(text).toContain('draft-cavage-http-signatures-12');
  expect(text).toContain('https://datatracker.ietf.org/doc/html/rfc9421');
  expect(text).not.toContain('8b32');
});

test('a user takes chat messages of Pleroma and Akkoma, the gateway itself does not', () => {
  const view = { actor: alice, publicPem: PEM, domain: DOMAIN };
  expect(renderActor(urls, view)).toMatchObject({ capabilities: { acceptsChatMessages: true } });
  expect(renderInstanceActor(urls, { publicPem: PEM, domain: DOMAIN })).not.toHaveProperty('capabilities');
});

test('links of a profile are the person’s own, and followed on nobody’s word', () => {
  const actor = { ...alice, showsJid: true, links: ['https://alice.example/'] };
  const { attachment } = renderActor(urls, { actor, publicPem: PEM, domain: DOMAIN });
  const values = JSON.stringify(attachment).match(/rel=\\"[^"]*"/gu);
  expect(values).toEqual(Array(2).fill('rel=\\"me nofollow noopener\\"'));
});

test('Fedify reads an actor', async () => {
  const document = renderActor(urls, { actor: alice, publicPem: PEM, domain: DOMAIN });
  const actor = await Person.fromJsonLd(document, offline);
  expect(actor.id?.href).toBe(urls.actor('alice1'));
  expect(actor.preferredUsername).toBe('alice');
  expect(actor.inboxId?.href).toBe(urls.inbox('alice1'));
  expect(actor.outboxId?.href).toBe(urls.outbox('alice1'));
  expect(actor.followersId?.href).toBe(urls.followers('alice1'));
  expect(actor.followingId?.href).toBe(urls.following('alice1'));
  expect(actor.endpoints?.sharedInbox?.href).toBe(urls.sharedInbox);
  expect([actor.manuallyApprovesFollowers, actor.discoverable, actor.indexable]).toEqual([
    true,
    false,
    false,
  ]);
  const key = await actor.getPublicKey(offline);
  expect([key?.id?.href, key?.ownerId?.href]).toEqual([`${actor.id?.href}#main-key`, actor.id?.href]);
  expect(key?.publicKey?.algorithm.name).toBe('RSASSA-PKCS1-v1_5');
  const [generator] = await collect(actor.getGenerators(offline));
  expect(generator).toBeInstanceOf(Application);
});

test('Fedify reads the instance actor', async () => {
  const document = renderInstanceActor(urls, { publicPem: PEM, domain: DOMAIN });
  const actor = await Application.fromJsonLd(document, offline);
  expect(actor.id?.href).toBe('https://ap.example/actor');
  expect(actor.preferredUsername).toBe('ap.example');
  expect(actor.inboxId?.href).toBe('https://ap.example/actor/inbox');
  expect((await actor.getPublicKey(offline))?.ownerId?.href).toBe(actor.id?.href);
});

test('a direct note has one recipient in a list, an empty cc, and a Mention', () => {
  expect(renderNote(note)).toMatchObject({
    to: [BOB],
    cc: [],
    directMessage: true,
    tag: [{ type: 'Mention', href: BOB, name: '@bob@remote.example' }],
    source: { content: 'hi & welcome', mediaType: 'text/plain' },
    contentMap: { en: '<p>hi &amp; welcome</p>' },
  });
});

test('nobody may quote or boost a note, and whoever sees it may answer', () => {
  const all = { always: [PUBLIC], automaticApproval: [PUBLIC] };
  const self = { always: [note.attributedTo], automaticApproval: [note.attributedTo] };
  expect(renderNote(note)).toMatchObject({
    interactionPolicy: { canLike: all, canReply: all, canAnnounce: self, canQuote: self },
  });
  expect(renderActivity(create)).toMatchObject({ object: { interactionPolicy: { canQuote: self } } });
});

test('the refusal of a quote carries the whole request, to who asked', () => {
  const request = {
    id: 'https://remote.example/quotes/1',
    actor: BOB,
    object: note.id,
    instrument: 'https://remote.example/notes/2',
  };
  const activity = {
    type: 'RejectQuote',
    id: urls.activity('a1'),
    actor: note.attributedTo,
    request,
  } as const;
  expect(renderActivity(activity)).toMatchObject({
    '@context': expect.arrayContaining([{ QuoteRequest: 'https://w3id.org/fep/044f#QuoteRequest' }]),
    id: activity.id,
    type: 'Reject',
    actor: note.attributedTo,
    to: [BOB],
    object: { type: 'QuoteRequest', ...request },
  });
});

test('a note to several is no direct message in the sense of litepub', () => {
  expect(renderNote({ ...note, to: [BOB, `${BOB}2`] })).toMatchObject({ directMessage: false });
});

test('what is not known is left out, never null', () => {
  const bare = renderNote({ ...note, inReplyTo: undefined, language: undefined });
  expect(bare).not.toHaveProperty('inReplyTo');
  expect(bare).not.toHaveProperty('contentMap');
});

test('to and cc of a Create are those of its note', () => {
  expect(renderActivity(create)).toMatchObject({ to: [BOB], cc: [], object: { to: [BOB], cc: [] } });
});

test('one document has one context', () => {
  const documents = [
    renderActivity(create),
    renderActivity({
      type: 'Accept',
      id: urls.activity('a1'),
      actor: urls.actor('alice1'),
      follow: theirFollow,
    }),
  ];
  for (const document of documents) expect(document['object']).not.toHaveProperty('@context');
});

test('Fedify reads a note', async () => {
  const read = await Note.fromJsonLd(renderNote(note), offline);
  expect(read.id?.href).toBe(note.id);
  expect(read.attributionId?.href).toBe(note.attributedTo);
  expect(read.toIds.map(({ href }) => href)).toEqual([BOB]);
  expect(read.ccIds).toEqual([]);
  expect(read.replyTargetId?.href).toBe(note.inReplyTo);
  expect(read.contents.map(String)).toContain(note.content);
  expect(read.published?.toString()).toBe('2026-11-21T10:00:00Z');
  const tags = await collect(read.getTags(offline));
  expect(tags).toHaveLength(1);
  expect(tags[0]).toBeInstanceOf(Mention);
});

test('Fedify reads a Create with its note', async () => {
  const read = await Create.fromJsonLd(renderActivity(create), offline);
  expect([read.id?.href, read.actorId?.href]).toEqual([create.id, create.actor]);
  const object = await read.getObject(offline);
  expect(object).toBeInstanceOf(Note);
  expect(object?.id?.href).toBe(note.id);
});

test('Fedify reads a Follow', async () => {
  const read = await Follow.fromJsonLd(renderActivity({ type: 'Follow', ...ourFollow }), offline);
  expect([read.id?.href, read.actorId?.href, read.objectId?.href]).toEqual(Object.values(ourFollow));
});

test.each([
  ['Accept', Accept],
  ['Reject', Reject],
] as const)('Fedify reads an %s with the whole Follow, addressed to the follower', async (type, kind) => {
  const activity = { type, id: urls.activity('a1'), actor: theirFollow.object, follow: theirFollow };
  const read = await kind.fromJsonLd(renderActivity(activity), offline);
  expect(read.toIds.map(({ href }) => href)).toEqual([BOB]);
  // A reader that is not the follower's own server fetches it there; here only the shape is looked at.
  const follow = await read.getObject({ ...offline, crossOrigin: 'trust' });
  if (!(follow instanceof Follow)) throw new Error('not a Follow');
  expect([follow.id?.href, follow.actorId?.href, follow.objectId?.href]).toEqual(Object.values(theirFollow));
});

test('Fedify reads an Undo with the whole Follow, addressed to who was followed', async () => {
  const activity = {
    type: 'Undo',
    id: urls.activity('a1'),
    actor: ourFollow.actor,
    follow: ourFollow,
  } as const;
  const read = await Undo.fromJsonLd(renderActivity(activity), offline);
  expect([read.actorId?.href, ...read.toIds.map(({ href }) => href)]).toEqual([ourFollow.actor, BOB]);
  const follow = await read.getObject(offline);
  if (!(follow instanceof Follow)) throw new Error('not a Follow');
  expect([follow.id?.href, follow.actorId?.href, follow.objectId?.href]).toEqual(Object.values(ourFollow));
});

test('Fedify reads a collection and a Tombstone', async () => {
  const collection = renderHiddenCollection(urls.followers('alice1'));
  const read = await OrderedCollection.fromJsonLd(collection, offline);
  expect([read.id?.href, read.totalItems, read.firstId]).toEqual([urls.followers('alice1'), null, null]);
  const tombstone = await Tombstone.fromJsonLd(renderTombstone(note.id), offline);
  expect(tombstone.id?.href).toBe(note.id);
});
