import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { renderActor } from '../../src/activitypub/render-actor.ts';
import type { OwnCard } from '../../src/bridge/own-profile.ts';
import { accountsOf } from '../../src/gateway/accounts.ts';
import { carryMessage } from '../../src/gateway/from-xmpp.ts';
import type { GatewayPorts } from '../../src/gateway/ports.ts';
import { openChat } from '../../src/store/chats.ts';
import { findOwnPicture } from '../../src/store/own-pictures.ts';
import { saveActor } from '../../src/store/remote-actors.ts';
import { findUserById, findUserByJid } from '../../src/store/users.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import {
  ALICE,
  chatMessage,
  createTestGateway,
  emptyTables,
  GATEWAY,
  remoteActor,
  takeActivities,
  takeStanzas,
  urls,
} from '../support/gateway.ts';

let base: TestDatabase;
beforeAll(async () => {
  base = await createTestDatabase();
});
beforeEach(() => emptyTables(base.db));
afterAll(() => base.drop());

const open = async (changes: Partial<GatewayPorts> = {}) => {
  const { db } = base;
  const { ports } = createTestGateway(db, changes);
  const say = async (body: string): Promise<string> => {
    await carryMessage(ports, chatMessage(GATEWAY, { body }));
    const [told] = await takeStanzas(db);
    return told?.kind === 'message' ? told.body : '';
  };
  const before = await say('name Alice');
  const accounts = accountsOf(ports);
  await accounts.register(ALICE);
  await takeStanzas(db);
  const user = await findUserByJid(db, ALICE);
  if (user === undefined) throw new Error('not registered');
  const dan = remoteActor('dan');
  await saveActor(db, dan);
  await openChat(db, {
    userId: user.id,
    actorId: dan.id,
    startedBy: 'user',
    context: 'c',
    conversation: 'c',
  });
  const seen = async () => {
    const actor = await findUserById(db, user.id);
    return actor && renderActor(urls, { actor, publicPem: 'public', domain: GATEWAY });
  };
  return { db, accounts, say, seen, before };
};

test('nothing is shown before the user says so, and each change is told once', async () => {
  const { db, say, seen, before } = await open();
  expect(before).toContain('not registered');
  expect(await seen()).toMatchObject({ name: 'alice', attachment: [] });
  expect(await say('name  Alice <b>\u0000')).toContain('Name: Alice <b>');
  expect(await takeActivities(db)).toMatchObject([{ activity: { actor: { displayName: 'Alice <b>' } } }]);
  await say('name Alice <b>');
  await say('profile');
  expect(await takeActivities(db)).toEqual([]);
  await say('bio I like <i>bridges</i>.\n\nhttps://alice.example');
  expect(await say('publish jid')).toContain(`XMPP address: ${ALICE}`);
  expect(await takeActivities(db)).toHaveLength(2);
  expect(await seen()).toMatchObject({
    name: 'Alice <b>',
    summary: expect.stringMatching(/^<p>I like &lt;i&gt;bridges&lt;\/i&gt;\.<\/p><p>.*over XMPP/u),
    attachment: [
      { type: 'PropertyValue', value: `<a href="xmpp:${ALICE}" rel="me nofollow noopener">${ALICE}</a>` },
    ],
  });
});

test('addresses are shown by choice, four at most, and hidden again', async () => {
  const { say, seen } = await open();
  expect(await say('link alice.example')).toContain('Links: https://alice.example/');
  for (const link of ['sip:alice@phone.example', 'tel:+49-30-1234', 'mailto:alice@example.org'])
    await say(`link ${link}`);
  expect(await seen()).toMatchObject({
    attachment: [
      {
        name: 'Website',
        value: '<a href="https://alice.example/" rel="me nofollow noopener">alice.example</a>',
      },
      {
        name: 'SIP',
        value: '<a href="sip:alice@phone.example" rel="me nofollow noopener">alice@phone.example</a>',
      },
      { name: 'Phone' },
      { name: 'Mail' },
    ],
  });
  expect(await say('link https://b.example')).toContain('There is room for 4');
  for (const bad of ['javascript:alert(1)', 'http://plain.example', 'https://a:b@c.example', 'a b', 'tel:'])
    expect(await say(`link ${bad}`)).toContain('for instance: link https://');
  await say('hide links');
  expect(await seen()).toMatchObject({ attachment: [] });
});

test('what is hidden is gone, and so is all of it with who leaves', async () => {
  const { db, accounts, say, seen } = await open();
  for (const line of ['name Alice', 'bio Hello.', 'publish jid']) await say(line);
  for (const line of ['hide name', 'hide bio', 'hide jid']) await say(line);
  const actor = await seen();
  expect(actor).toMatchObject({ name: 'alice', attachment: [] });
  expect(JSON.stringify(actor)).not.toMatch(/Hello|xmpp\.example/u);
  for (const line of ['name Alice', 'bio Hello.', 'publish jid']) await say(line);
  await accounts.remove(ALICE);
  const { rows } = await db.query('select display_name, bio, shows_jid, links, picture from users');
  expect(rows).toEqual([{ display_name: null, bio: null, shows_jid: false, links: [], picture: null }]);
});

test('what cannot be shown is answered with how to write it', async () => {
  const { db, say } = await open();
  for (const line of [
    'name',
    `name ${'x'.repeat(51)}`,
    'bio',
    `bio ${'x'.repeat(501)}`,
    'publish',
    'hide all',
  ])
    expect(await say(line)).toMatch(/: (name|bio|publish|hide) /u);
  expect(await takeActivities(db)).toEqual([]);
});

/** A gateway whose user has a card; a picture is shown unless it says `bad`. */
const openWithCard = async () => {
  const cards: { card: OwnCard | undefined; asked: number } = { card: undefined, asked: 0 };
  const opened = await open({
    readOwnCard: async () => {
      cards.asked += 1;
      return cards.card;
    },
    makeSmall: async (bytes) =>
      Buffer.from(bytes).toString() === 'bad' ? undefined : { bytes: Buffer.from(bytes) },
  });
  const shown = async (): Promise<string | undefined> => {
    const { rows } = await opened.db.query<{ picture: string | null }>('select picture from users');
    return rows[0]?.picture ?? undefined;
  };
  return { ...opened, cards, shown };
};
const cardOf = (photo: string | undefined): OwnCard => ({
  name: 'Alice L.',
  bio: 'Bridges.',
  photo: photo === undefined ? undefined : Buffer.from(photo),
});

test('a card is shown by command, told once, and each picture has a name of its own', async () => {
  const { db, say, seen, cards, shown, accounts } = await openWithCard();
  cards.card = cardOf('red');
  await say('name Al');
  expect(cards.asked).toBe(0);
  await takeActivities(db);
  expect(await say('publish picture')).toMatch(
    /Name: Al\n.*\nPicture: https:\/\/.*\/media\/[0-9a-f]{32}\.png/u,
  );
  const red = (await shown()) ?? '';
  expect(await seen()).toMatchObject({ name: 'Al', icon: { url: urls.picture(red) } });
  expect((await findOwnPicture(db, red))?.toString()).toBe('red');
  await say('publish picture');
  expect(await shown()).toBe(red);
  expect(await takeActivities(db)).toHaveLength(1);
  cards.card = cardOf('blue');
  await say('publish profile');
  const blue = (await shown()) ?? '';
  expect(blue).not.toBe(red);
  expect(await findOwnPicture(db, red)).toBeUndefined();
  expect(await seen()).toMatchObject({ name: 'Alice L.', icon: { url: urls.picture(blue) } });
  expect(await say('hide picture')).toContain('Picture: –');
  expect(await findOwnPicture(db, blue)).toBeUndefined();
  expect(await seen()).not.toHaveProperty('icon');
  expect(await seen()).toMatchObject({ name: 'Alice L.' });
  await say('publish profile');
  await accounts.remove(ALICE);
  expect((await db.query('select name from own_pictures')).rows).toEqual([]);
});

test('what a card does not say stays as it was, and what cannot be shown is said', async () => {
  const { db, say, seen, cards } = await openWithCard();
  expect(await say('publish profile')).toContain('vCard');
  cards.card = { name: undefined, bio: undefined, photo: undefined };
  expect(await say('publish profile')).toContain('nothing in your XMPP profile');
  expect(await say('publish picture')).toContain('no picture');
  cards.card = cardOf('bad');
  expect(await say('publish picture')).toContain('cannot be shown');
  expect(await takeActivities(db)).toEqual([]);
  const told = await say('publish profile');
  expect(told).toContain('cannot be shown');
  expect(told).toContain('Name: Alice L.');
  expect(await seen()).not.toHaveProperty('icon');
  await say('bio Mine.');
  cards.card = { name: 'Other', bio: undefined, photo: undefined };
  await say('publish profile');
  expect(await seen()).toMatchObject({ name: 'Other', summary: expect.stringContaining('Mine.') });
});
