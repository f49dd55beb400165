import {
  Add,
  Announce,
  Block,
  Create,
  Delete,
  Emoji,
  EmojiReact,
  Flag,
  Follow,
  Like,
  Move,
  Note,
  Person,
  PUBLIC_COLLECTION,
  Reject,
  Remove,
  Tombstone,
  Undo,
  Update,
  View,
} from '@fedify/vocab';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Facts, FedifyPeer } from '../support/fedify-peer.ts';
import { type Knocks, listenForKnocks } from '../support/knocks.ts';
import { DOMAIN, HOME, startWorld, type World } from '../support/world.ts';
import type { ClientEvent, XmppClient } from '../support/xmpp-client.ts';

/**
 * Every activity that a server made with Fedify can send to a user of ours, as a person who follows its manual writes
 * it; what an answer to it is, Fedify reads and checks.
 */
const CONTACT = `dave%fedify.test@${DOMAIN}`;
const ALICE = `@alice@${DOMAIN}`;
const PATIENCE_MS = 45_000;

let world: World;
let fedify: FedifyPeer;
let alice: XmppClient;
let knocks: Knocks;

beforeAll(async () => {
  world = await startWorld({ CAUSEWAY_ADMINS: `alice@${HOME}` });
  knocks = listenForKnocks(world.origin);
  await world.startGateway();
  alice = await world.logIn('alice');
  fedify = world.fediverse.fedify;
});
afterAll(async () => {
  knocks?.stop();
  await world?.stop();
});

const message = (fits: (event: ClientEvent) => boolean): Promise<ClientEvent> =>
  alice.next(
    ({ event, from, ...rest }) => event === 'message' && from === CONTACT && fits({ event, ...rest }),
    PATIENCE_MS,
  );
const presence = (wanted: string): Promise<ClientEvent> =>
  alice.next(
    ({ event, from, type }) => event === 'presence' && from === CONTACT && type === wanted,
    PATIENCE_MS,
  );
const send = (make: Parameters<FedifyPeer['send']>[2]): Promise<string> => fedify.send('dave', ALICE, make);

let asked = 0;
/** Writes to Dave; the id of the note that reached him. */
const say = async (text: string): Promise<{ readonly stanza: string; readonly note: URL }> => {
  asked += 1;
  const stanza = `m${asked}`;
  alice.send({ do: 'send', to: CONTACT, body: text, id: stanza, receipt: true });
  const got = await fedify.received.waitFor(
    ({ note }) => note?.content.includes(text) === true,
    `“${text}”`,
    PATIENCE_MS,
  );
  await alice.next(({ received }) => received === stanza, PATIENCE_MS);
  return { stanza, note: new URL(got.note?.id ?? '') };
};

/** From its document: in the classes of Fedify a time is of a kind that Node does not have yet. */
const noteOf = ({ id, actor, recipient }: Facts, text: string, more: object = {}): Promise<Note> =>
  Note.fromJsonLd({
    '@context': 'https://www.w3.org/ns/activitystreams',
    type: 'Note',
    id: `${id.href}/note`,
    attributedTo: actor.href,
    to: [recipient.href],
    content: `<p>${text}</p>`,
    tag: [{ type: 'Mention', href: recipient.href, name: ALICE }],
    published: new Date().toISOString(),
    ...more,
  });

describe('a note', () => {
  let id: URL;
  let first: string | undefined;

  test('is a message', async () => {
    await say('Good morning, Dave');
    await send(async (facts) => {
      const note = await noteOf(facts, 'Good mornnig');
      if (note.id !== null) id = note.id;
      return new Create({ ...facts, object: note, tos: [facts.recipient] });
    });
    const event = await message(({ body }) => body === 'Good mornnig');
    first = event.id;
  });

  test('that is edited is a correction of that message', async () => {
    await send(async (facts) => {
      const updated = new Date(Date.now() + 1_000).toISOString();
      const note = await noteOf(facts, 'Good morning', { id: id.href, updated });
      return new Update({ ...facts, object: note, tos: [facts.recipient] });
    });
    const event = await message(({ body }) => body === 'Good morning');
    expect(event.xml).toMatch(new RegExp(`replace[^>]* id="${first}"`, 'u'));
  });

  test('that is deleted is taken back', async () => {
    await send((facts) => new Delete({ ...facts, object: new Tombstone({ id }), tos: [facts.recipient] }));
    const event = await message(({ xml }) => (xml ?? '').includes('message-retract:1'));
    expect(event.xml).toMatch(new RegExp(`retract[^>]* id="${first}"`, 'u'));
  });

  test('to everybody that mentions the user says so, with its link', async () => {
    await send(async (facts) => {
      const { recipient } = facts;
      const audience = { to: [PUBLIC_COLLECTION.href], cc: [recipient.href] };
      const note = await noteOf(facts, 'Look who is here', audience);
      return new Create({ ...facts, object: note, tos: [PUBLIC_COLLECTION], ccs: [recipient] });
    });
    const event = await message(({ body }) => (body ?? '').includes('Look who is here'));
    expect(event.body).toContain('https://fedify.test/');
    expect(event.body).toMatch(/public/iu);
  });
});

describe('of a message of ours', () => {
  test('a like is told, and taken back', async () => {
    const { note, stanza } = await say('I have news');
    let like: Like | undefined;
    await send((facts) => {
      like = new Like({ ...facts, object: note });
      return like;
    });
    const told = await message(({ body }) => body === '(likes your message)');
    expect(told.xml).toMatch(new RegExp(`reply[^>]* id="${stanza}"`, 'u'));
    await send((facts) => new Undo({ ...facts, object: like ?? null }));
    await message(({ xml }) => new RegExp(`retract[^>]* id="${told.id}"`, 'u').test(xml ?? ''));
  });

  test('a reaction is told with its emoji, one of the peer’s own with its name', async () => {
    const { note } = await say('Guess what');
    await send((facts) => new EmojiReact({ ...facts, object: note, content: '🎉' }));
    await message(({ body }) => (body ?? '').includes('🎉'));
    await send(
      (facts) =>
        new EmojiReact({
          ...facts,
          object: note,
          content: ':blobcat:',
          tags: [new Emoji({ id: new URL(`${facts.id.href}/emoji`), name: ':blobcat:' })],
        }),
    );
    await message(({ body }) => (body ?? '').includes(':blobcat:'));
  });

  test('a boost is told, and taken back', async () => {
    const { note } = await say('I moved to the coast');
    let boost: Announce | undefined;
    await send((facts) => {
      boost = new Announce({ ...facts, object: note, tos: [PUBLIC_COLLECTION] });
      return boost;
    });
    const told = await message(({ body }) => body === '(shared your message with others)');
    await send((facts) => new Undo({ ...facts, object: boost ?? null, tos: [PUBLIC_COLLECTION] }));
    await message(({ xml }) => new RegExp(`retract[^>]* id="${told.id}"`, 'u').test(xml ?? ''));
  });

  test('a report is told to the administrators, without who it was', async () => {
    const { note } = await say('I sold the boat');
    await send(
      (facts) => new Flag({ ...facts, objects: [facts.recipient, note], content: 'He never had a boat.' }),
    );
    const told = await alice.next(
      ({ event, from, body = '' }) => event === 'message' && from === DOMAIN && body.includes('report'),
      PATIENCE_MS,
    );
    expect(told.body).toContain('He never had a boat.');
    expect(told.body).toContain(note.href);
    expect(told.body).not.toContain('dave');
  });
});

describe('following', () => {
  test('a request of ours that was accepted and is rejected later ends', async () => {
    alice.send({ do: 'presence', to: CONTACT, type: 'subscribe' });
    await presence('subscribed');
    const follow = fedify.received.entries.find(({ type }) => type === 'Follow');
    await send(
      (facts) =>
        new Reject({
          ...facts,
          object: new Follow({
            id: new URL(follow?.id ?? ''),
            actor: new URL(follow?.actor ?? ''),
            object: facts.actor,
          }),
        }),
    );
    await presence('unsubscribed');
  });

  test('a request of theirs that the user refuses is answered with Reject', async () => {
    await fedify.follow('dave', ALICE);
    await presence('subscribe');
    alice.send({ do: 'presence', to: CONTACT, type: 'unsubscribed' });
    await fedify.received.waitFor(({ type }) => type === 'Reject', 'Reject', PATIENCE_MS);
  });

  test('a follower whom the user removes is told by Reject', async () => {
    const before = fedify.received.entries.filter(({ type }) => type === 'Reject').length;
    await fedify.follow('dave', ALICE);
    await presence('subscribe');
    alice.send({ do: 'presence', to: CONTACT, type: 'subscribed' });
    await fedify.received.waitFor(({ type }) => type === 'Accept', 'Accept', PATIENCE_MS);
    alice.send({ do: 'presence', to: CONTACT, type: 'unsubscribed' });
    await fedify.received.waitFor(
      ({ type, id }) =>
        type === 'Reject' &&
        fedify.received.entries.filter((each) => each.type === 'Reject' && each.id !== id).length >= before,
      'second Reject',
      PATIENCE_MS,
    );
  });
});

test.each([
  ['that nobody knows', View],
  ['about what is pinned: Add', Add],
  ['about what is pinned: Remove', Remove],
])('an activity %s is taken and does nothing', async (_, Kind) => {
  const before = alice.seen().length;
  const target = new URL('https://fedify.test/users/dave/featured');
  const id = await send((facts) => new Kind({ ...facts, object: facts.recipient, target }));
  const { note } = await say('Still there?');
  expect(note.origin).toBe(`https://${DOMAIN}`);
  expect(fedify.failures.entries.filter((sentence) => sentence.includes(id))).toEqual([]);
  expect(
    alice
      .seen()
      .slice(before)
      .filter(({ from, body }) => from === CONTACT && body),
  ).toEqual([]);
});

test('a Block ends it: what the user writes is refused until it is lifted', async () => {
  await say('Hi');
  let block: Block | undefined;
  await send((facts) => {
    block = new Block({ ...facts, object: facts.recipient });
    return block;
  });
  const isRefused = async (id: string): Promise<boolean> => {
    alice.send({ do: 'send', to: CONTACT, body: `Hello again (${id})`, id, receipt: true });
    const event = await alice.next(
      (seen) => seen.received === id || (seen.id === id && seen.type === 'error'),
      PATIENCE_MS,
    );
    if (event.type === 'error') expect(event.error?.condition).toBe('forbidden');
    return event.type === 'error';
  };
  await expect.poll(() => isRefused(`b${asked++}`), { timeout: PATIENCE_MS }).toBe(true);
  await send((facts) => new Undo({ ...facts, object: block ?? null }));
  await expect.poll(() => isRefused(`b${asked++}`), { timeout: PATIENCE_MS }).toBe(false);
});

describe('a person over there', () => {
  test('whose name changes is shown under the new one', async () => {
    alice.send({ do: 'presence', to: CONTACT, type: 'subscribe' });
    await presence('subscribed');
    const document = await fetch('https://fedify.test/users/dave', {
      headers: { accept: 'application/activity+json' },
    });
    const person = await Person.fromJsonLd(await document.json());
    await send(
      (facts) => new Update({ ...facts, object: person.clone({ name: 'David' }), tos: [PUBLIC_COLLECTION] }),
    );
    await alice.next(
      ({ event, from, xml = '' }) =>
        event === 'presence' && from === CONTACT && xml.includes('David (@dave@fedify.test)'),
      PATIENCE_MS,
    );
  });

  test('who moves is gone from the roster, and who followed is told where to', async () => {
    // The new account is asked whether it was the old one.
    const target = new URL('https://fedify.test/users/dora');
    await send((facts) => new Move({ ...facts, object: facts.actor, target, tos: [PUBLIC_COLLECTION] }));
    const gone = await presence('error');
    expect(gone.error).toMatchObject({ condition: 'gone', uri: `xmpp:dora%25fedify.test@${DOMAIN}` });
    const told = await alice.next(
      ({ event, from, body = '' }) => event === 'message' && from === DOMAIN && body.includes('has moved'),
      PATIENCE_MS,
    );
    expect(told.body).toContain('@dave@fedify.test has moved and is now @dora@fedify.test');
  });
});

describe('a user here', () => {
  test('who changes the name is told of, with the whole actor', async () => {
    alice.send({ do: 'send', to: DOMAIN, body: 'name Alice Liddell', id: 'name' });
    const { json } = await fedify.received.waitFor(({ type }) => type === 'Update', 'Update', PATIENCE_MS);
    expect(JSON.stringify(json)).toContain('Alice Liddell');
    expect(await fedify.lookUp('dave', ALICE)).toMatchObject({ name: 'Alice Liddell' });
  });

  test('who leaves is deleted over there', async () => {
    alice.send({ do: 'send', to: DOMAIN, body: 'leave yes', id: 'leave' });
    const { actor, json } = await fedify.received.waitFor(
      ({ type }) => type === 'Delete',
      'Delete',
      PATIENCE_MS,
    );
    expect(json).toMatchObject({ object: actor });
    await presence('unsubscribed');
    const status = async (): Promise<number> =>
      (await fetch(actor, { headers: { accept: 'application/activity+json' } })).status;
    await expect.poll(status).toBe(410);
  });
});

test('a person who is deleted is gone from the roster, and whoever writes is told', async () => {
  // Alice comes back, as somebody else to the Fediverse.
  alice.send({ do: 'send', to: CONTACT, body: 'I am back', id: 'back', receipt: true });
  await alice.next(({ received }) => received === 'back', PATIENCE_MS);
  await send((facts) => new Delete({ ...facts, object: facts.actor, tos: [PUBLIC_COLLECTION] }));
  const isGone = async (): Promise<string | null | undefined> => {
    asked += 1;
    const id = `g${asked}`;
    alice.send({ do: 'send', to: CONTACT, body: 'Are you there?', id, receipt: true });
    const event = await alice.next(
      (seen) => seen.received === id || (seen.id === id && seen.type === 'error'),
      PATIENCE_MS,
    );
    return event.error?.condition;
  };
  await expect.poll(isGone, { timeout: PATIENCE_MS }).toBe('gone');
});

test('Fedify found nothing wrong with what we sent, nor we with what it sent', () => {
  const refused = fedify.requests.entries.filter(({ status }) => status >= 400);
  expect(refused.map(({ path, status }) => `${status} ${path}`)).toEqual([]);
  expect(fedify.failures.entries).toEqual([]);
  // Each at the first knock.
  expect(knocks.seen.length).toBeGreaterThan(10);
  expect(knocks.seen.filter(({ scheme, status }) => scheme !== 'rfc9421' || status !== 202)).toEqual([]);
});
