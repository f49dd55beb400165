import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { renderActor } from '../../src/activitypub/render-actor.ts';
import { accountsOf } from '../../src/gateway/accounts.ts';
import { carryMessage } from '../../src/gateway/from-xmpp.ts';
import { openChat } from '../../src/store/chats.ts';
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

const open = async () => {
  const { db } = base;
  const { ports } = createTestGateway(db);
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
    attachment: [{ type: 'PropertyValue', value: `<a href="xmpp:${ALICE}" rel="me">${ALICE}</a>` }],
  });
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
  const { rows } = await db.query('select display_name, bio, shows_jid from users');
  expect(rows).toEqual([{ display_name: null, bio: null, shows_jid: false }]);
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
