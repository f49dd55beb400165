import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Knocks, listenForKnocks } from '../support/knocks.ts';
import type { Snac } from '../support/snac.ts';
import { DOMAIN, HOME, startWorld, type World } from '../support/world.ts';
import type { ClientEvent, XmppClient } from '../support/xmpp-client.ts';

let world: World;
let alice: XmppClient;
let knocks: Knocks;

beforeAll(async () => {
  world = await startWorld({}, 'prosody', 'draft-cavage-http-signatures-12');
  knocks = listenForKnocks(world.origin);
  await world.startGateway();
  alice = await world.logIn('alice');
});
afterAll(async () => {
  knocks?.stop();
  await world?.stop();
});

const snacOr = (skip: (why: string) => never): Snac =>
  typeof world.fediverse.snac === 'string' ? skip(world.fediverse.snac) : world.fediverse.snac;

const messageFrom = (jid: string, text: string) => (event: ClientEvent) =>
  event.event === 'message' && event.from === jid && (event.body ?? '').includes(text);

describe('with snac2, a Fediverse server in C', () => {
  const contact = `carol%snac.test@${DOMAIN}`;

  test('a chat message arrives as a direct Note, and the reply as a chat message', async ({ skip }) => {
    const snac = snacOr(skip);
    alice.send({
      do: 'send',
      to: contact,
      body: 'Hello <Carol> & all, do you read me?',
      id: 'm1',
      receipt: true,
    });
    const note = await snac.waitForNote('carol', ({ content }) => content.includes('do you read me'), 45_000);
    expect(note.attributedTo).toMatch(/^https:\/\/ap\.test\/u\/[a-z0-9]{26}$/u);
    expect(note.content).toContain('Hello &lt;Carol&gt; &amp; all');
    const receipt = await alice.next(({ received }) => received === 'm1');
    expect(receipt.from).toBe(contact);

    await snac.reply('carol', note.id, 'Loud and clear.');
    const reply = await alice.next(messageFrom(contact, 'Loud and clear.'), 45_000);
    expect(reply.body).toBe('Loud and clear.');
    expect(reply.type).toBe('chat');
    expect(reply.xml).toMatch(/reply[^>]* id="m1"/u);
  });

  test('the first message registered the user and told what that publishes, once', ({ skip }) => {
    snacOr(skip);
    const welcomes = alice
      .seen()
      .filter(
        ({ event, from, body }) => event === 'message' && from === DOMAIN && (body ?? '').includes('Welcome'),
      );
    expect(welcomes).toHaveLength(1);
    expect(welcomes[0]?.body).toContain(`@alice@${DOMAIN}`);
  });

  test('the answer to the answer continues the thread', async ({ skip }) => {
    const snac = snacOr(skip);
    alice.send({ do: 'send', to: contact, body: 'Second message in the thread', id: 'm2', receipt: true });
    const note = await snac.waitForNote('carol', ({ content }) => content.includes('Second message'), 45_000);
    const reply = (await snac.notes('carol')).find(({ content }) => content.includes('Loud and clear'));
    expect(note.inReplyTo).toBe(reply?.id);
  });

  test('adding the contact follows, and the follow is accepted', async ({ skip }) => {
    const snac = snacOr(skip);
    alice.send({ do: 'presence', to: contact, type: 'subscribe' });
    await alice.next(
      ({ event, from, type }) => event === 'presence' && from === contact && type === 'subscribed',
      45_000,
    );
    const followers = snac.waitForFollower('carol', await actorOf('alice'), 45_000);
    await expect(followers).resolves.toBeUndefined();
  });

  test('a follower from the Fediverse asks, and is accepted by the user', async ({ skip }) => {
    const snac = snacOr(skip);
    await snac.follow('carol', `@alice@${DOMAIN}`);
    const asked = await alice.next(
      ({ event, from, type }) => event === 'presence' && from === contact && type === 'subscribe',
      45_000,
    );
    expect(asked.nick).toBeTruthy();
    alice.send({ do: 'presence', to: contact, type: 'subscribed' });
    await snac.waitForFollowing('carol', await actorOf('alice'), 45_000);
  });
});

describe('with snac2, at the end', () => {
  const contact = `carol%snac.test@${DOMAIN}`;

  test('who follows no more is seen to go, both ways', async ({ skip }) => {
    const snac = snacOr(skip);
    await snac.unfollow('carol', await actorOf('alice'));
    await alice.next(
      ({ event, from, type }) => event === 'presence' && from === contact && type === 'unsubscribe',
      45_000,
    );
    alice.send({ do: 'presence', to: contact, type: 'unsubscribe' });
    await snac.waitForFollowerGone('carol', await actorOf('alice'), 45_000);
  });

  test('a request that is taken back before it was answered is seen to go', async ({ skip }) => {
    const snac = snacOr(skip);
    const next = (wanted: string) =>
      alice.next(
        ({ event, from, type }) => event === 'presence' && from === contact && type === wanted,
        25_000,
      );
    await snac.follow('carol', `@alice@${DOMAIN}`);
    await next('subscribe');
    await snac.unfollow('carol', await actorOf('alice'));
    await next('unsubscribe');
  });
});

describe('with a server made with Fedify', () => {
  const contact = `dave%fedify.test@${DOMAIN}`;

  test('both ways', async () => {
    const { fedify } = world.fediverse;
    alice.send({ do: 'send', to: contact, body: 'Hello Dave', id: 'f1', receipt: true, lang: 'en' });
    const got = await fedify.received.waitFor(
      ({ note }) => note?.content.includes('Hello Dave') === true,
      'note',
      45_000,
    );
    await alice.next(({ received }) => received === 'f1');
    const answer = await fedify.sendDirect('dave', `@alice@${DOMAIN}`, 'Hello Alice', got.note?.id);
    const reply = await alice.next(messageFrom(contact, 'Hello Alice'), 45_000);
    expect(reply.from).toBe(contact);
    expect(reply.xml).toMatch(/reply[^>]* id="f1"/u);
    alice.send({ do: 'send', to: contact, body: 'How are you?', id: 'f2', receipt: true, lang: 'en' });
    const { note } = await fedify.received.waitFor(
      ({ note }) => note?.content.includes('How are you?') === true,
      'note',
      45_000,
    );
    expect(note?.inReplyTo).toBe(answer);
  });

  test('follow, accept and unfollow', async () => {
    const { fedify } = world.fediverse;
    alice.send({ do: 'presence', to: contact, type: 'subscribe' });
    await alice.next(
      ({ event, from, type }) => event === 'presence' && from === contact && type === 'subscribed',
      45_000,
    );
    alice.send({ do: 'presence', to: contact, type: 'unsubscribe' });
    await fedify.received.waitFor(({ type }) => type === 'Undo', 'Undo', 45_000);
  });

  test('follow requests the other way, accepted and taken back', async () => {
    const { fedify } = world.fediverse;
    const id = await fedify.follow('dave', `@alice@${DOMAIN}`);
    await alice.next(
      ({ event, from, type }) => event === 'presence' && from === contact && type === 'subscribe',
      45_000,
    );
    alice.send({ do: 'presence', to: contact, type: 'subscribed' });
    await fedify.received.waitFor(({ type }) => type === 'Accept', 'Accept', 45_000);
    await fedify.unfollow('dave', `@alice@${DOMAIN}`, id);
    await alice.next(
      ({ event, from, type }) => event === 'presence' && from === contact && type === 'unsubscribe',
      45_000,
    );
  });
});

describe('with a server made with Fedify, and signatures', () => {
  const contact = `dave%fedify.test@${DOMAIN}`;

  test('those of draft-cavage were taken at the first knock, each time', () => {
    expect(knocks.seen.length).toBeGreaterThan(3);
    expect(knocks.seen.filter(({ scheme, status }) => scheme !== 'draft-cavage' || status !== 202)).toEqual(
      [],
    );
  });

  test('where it refuses draft-cavage it takes RFC 9421, and has that at once the next time', async () => {
    const { fedify } = world.fediverse;
    fedify.refuseCavage();
    const before = fedify.requests.entries.length;
    const say = async (text: string): Promise<void> => {
      alice.send({ do: 'send', to: contact, body: text, id: text, receipt: true });
      await fedify.received.waitFor(({ note }) => note?.content.includes(text) === true, text, 45_000);
      await alice.next(({ received }) => received === text);
    };
    await say('Which signature?');
    await say('This one.');
    const posts = fedify.requests.entries.slice(before).filter(({ method }) => method === 'POST');
    expect(
      posts.map(({ rawHeaders, status }) => [
        rawHeaders.some((name) => /^signature-input$/iu.test(name)),
        status,
      ]),
    ).toEqual([
      [false, 401],
      [true, 202],
      [true, 202],
    ]);
  });
});

/** The actor URL of a user, as any server finds it. */
const actorOf = async (name: string): Promise<string> => {
  const response = await fetch(`${world.origin}/.well-known/webfinger?resource=acct:${name}@${DOMAIN}`);
  expect(response.status).toBe(200);
  const document = (await response.json()) as { links: { rel: string; href: string }[] };
  return document.links.find(({ rel }) => rel === 'self')?.href ?? '';
};

describe('who cannot be reached', () => {
  const refused = async (to: string, id: string, lang = 'en') => {
    alice.send({ do: 'send', to, body: 'Is anybody there?', id, lang });
    const event = await alice.next(
      (seen) => seen.event === 'message' && seen.type === 'error' && seen.id === id,
      45_000,
    );
    expect(event.from).toBe(to);
    expect(event.error?.text).toMatch(/^[A-Z].+\.$/u);
    return { condition: event.error?.condition, type: event.error?.type };
  };

  test.each([
    ['no address', `nobody@${DOMAIN}`, { condition: 'jid-malformed', type: 'modify' }],
    ['our own domain', `alice%${DOMAIN}@${DOMAIN}`, { condition: 'jid-malformed', type: 'modify' }],
    ['an unknown person', `nobody%fedify.test@${DOMAIN}`, { condition: 'item-not-found', type: 'cancel' }],
    [
      'an unknown host',
      `bob%nowhere.invalid@${DOMAIN}`,
      { condition: 'remote-server-not-found', type: 'cancel' },
    ],
  ])('%s', async (name, to, expected) => {
    expect(await refused(to, `refused ${name}`)).toEqual(expected);
  });

  test('an encrypted message is refused and its fallback never leaves', async () => {
    alice.send({
      do: 'raw',
      xml: `<message xmlns='jabber:client' type='chat' id='omemo' to='dave%fedify.test@${DOMAIN}'><body>I sent you an OMEMO message</body><encrypted xmlns='eu.siacs.conversations.axolotl'><header sid='1'/></encrypted></message>`,
    });
    const event = await alice.next(({ id, type }) => id === 'omemo' && type === 'error');
    expect(event.error?.condition).toBe('not-acceptable');
    expect(JSON.stringify(world.fediverse.fedify.received.entries)).not.toContain('OMEMO');
  });

  test('a subscription to nobody ends with a sentence', async () => {
    const to = `nobody%fedify.test@${DOMAIN}`;
    alice.send({ do: 'presence', to, type: 'subscribe' });
    const error = await alice.next(
      ({ event, from, type }) => event === 'presence' && from === to && type === 'error',
      45_000,
    );
    expect(error.error?.condition).toBe('item-not-found');
    await alice.next(
      ({ event, from, type }) => event === 'presence' && from === to && type === 'unsubscribed',
    );
  });
});

test('no body of a message stands in the log', () => {
  expect(world.logged.length).toBeGreaterThan(10);
  expect(world.logged.join('')).not.toMatch(/do you read me|Loud and clear|Hello Dave|Hello Alice/u);
  expect(HOME).toBe('xmpp.test');
});
