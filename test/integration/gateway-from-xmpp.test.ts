import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { refuse } from '../../src/bridge/outcome.ts';
import type { OutgoingStanza } from '../../src/bridge/stanza.ts';
import { carryActivity } from '../../src/gateway/from-fediverse.ts';
import { carryMessage } from '../../src/gateway/from-xmpp.ts';
import { saveBlock } from '../../src/store/blocks.ts';
import { blockHost } from '../../src/store/host-blocks.ts';
import { findUserByJid } from '../../src/store/users.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import {
  ALICE,
  chatMessage,
  createOf,
  createTestGateway,
  emptyTables,
  GATEWAY,
  jidOf,
  noteOf,
  remoteActor,
  type TestGateway,
  takeActivities,
  takeStanzas,
  urls,
} from '../support/gateway.ts';

let base: TestDatabase;
let gateway: TestGateway;
beforeAll(async () => {
  base = await createTestDatabase();
});
afterAll(() => base.drop());
beforeEach(async () => {
  await emptyTables(base.db);
  gateway = createTestGateway(base.db);
});

const bob = remoteActor('bob');
const toBob = jidOf(bob);

const errorsOf = (stanzas: readonly OutgoingStanza[]) =>
  stanzas.flatMap((stanza) =>
    stanza.kind === 'message-error'
      ? [{ id: stanza.id, from: stanza.from, to: stanza.to, ...stanza.error }]
      : [],
  );

/** What the gateway itself says, apart from the welcome. */
const noticesOf = (stanzas: readonly OutgoingStanza[], start: string) =>
  stanzas.filter(({ kind, from, id }) => kind === 'message' && from === GATEWAY && id?.startsWith(start));

/** An allowance of five messages for each user. */
const fiveEach = () => {
  const used = new Map<string, number>();
  return (jid: string): boolean => {
    const count = (used.get(jid) ?? 0) + 1;
    used.set(jid, count);
    return count <= 5;
  };
};

/** Alice is registered and knows Bob; her first message is over. */
const begin = async (): Promise<string> => {
  gateway.meet(bob);
  await carryMessage(gateway.ports, chatMessage(toBob, { id: 'first' }));
  await takeStanzas(base.db);
  await takeActivities(base.db);
  const user = await findUserByJid(base.db, ALICE);
  return user?.id ?? '';
};

test('a first message registers its author, tells twice what that means, and leaves as a direct Note', async () => {
  gateway.meet(bob);
  await carryMessage(gateway.ports, chatMessage(toBob));
  const user = await findUserByJid(base.db, ALICE);
  expect(user).toMatchObject({ jid: ALICE, name: 'alice', state: 'active' });
  const [sent, ...more] = await takeActivities(base.db);
  expect(more).toEqual([]);
  expect(sent?.inbox).toBe(bob.inbox);
  expect(sent?.activity).toMatchObject({
    type: 'Create',
    actor: urls.actor(user?.id ?? ''),
    note: { to: [bob.id], cc: [], source: 'hello', language: 'en' },
  });
  const stanzas = await takeStanzas(base.db);
  expect(stanzas.map(({ kind, from, to }) => ({ kind, from, to }))).toEqual([
    { kind: 'message', from: GATEWAY, to: ALICE },
    { kind: 'message', from: GATEWAY, to: ALICE },
  ]);
  expect(noticesOf(stanzas, 'welcome-')).toHaveLength(1);
  expect(noticesOf(stanzas, 'first-')).toHaveLength(1);
});

test('two first messages at once register their author once', async () => {
  const carol = gateway.meet(remoteActor('carol'));
  gateway.meet(bob);
  await Promise.all([
    carryMessage(gateway.ports, chatMessage(toBob, { id: '1' })),
    carryMessage(gateway.ports, chatMessage(jidOf(carol), { id: '2' })),
  ]);
  const { rows } = await base.db.query<{ name: string }>('select name from users');
  expect(rows).toEqual([{ name: 'alice' }]);
  const activities = await takeActivities(base.db);
  expect(new Set(activities.map(({ activity }) => activity.actor)).size).toBe(1);
  expect(activities.map(({ inbox }) => inbox).toSorted()).toEqual([bob.inbox, carol.inbox]);
  expect(noticesOf(await takeStanzas(base.db), 'welcome-')).toHaveLength(1);
});

test('a name that is taken gets a tail, and both stay apart', async () => {
  gateway = createTestGateway(base.db, {
    rules: { homeDomains: ['xmpp.example', 'b.example'], allowedDomains: [], registration: 'open' },
  });
  gateway.meet(bob);
  await carryMessage(gateway.ports, chatMessage(toBob));
  await carryMessage(gateway.ports, chatMessage(toBob, { from: 'alice@b.example/x' }));
  const other = await findUserByJid(base.db, 'alice@b.example');
  expect(other?.name).toMatch(/^alice_[a-z2-7]{4}$/u);
});

test('a stanza that comes again changes nothing; the same id with another text is another message', async () => {
  await begin();
  for (const body of ['one', 'one', 'two']) {
    await carryMessage(gateway.ports, chatMessage(toBob, { id: 'again', body }));
  }
  const sources = (await takeActivities(base.db)).map(({ activity }) =>
    activity.type === 'Create' ? activity.note.source : activity.type,
  );
  expect(sources).toEqual(['one', 'two']);
});

test('stanzas without an id are never taken for one another', async () => {
  await begin();
  for (let n = 0; n < 2; n++) await carryMessage(gateway.ports, chatMessage(toBob, { id: undefined }));
  expect(await takeActivities(base.db)).toHaveLength(2);
});

test('each message answers the newest note of the chat, whoever wrote it', async () => {
  const alice = urls.actor(await begin());
  const { rows } = await base.db.query<{ id: string; conversation: string }>(
    'select newest_object_id as id, conversation from chats',
  );
  await carryMessage(gateway.ports, chatMessage(toBob, { id: '2' }));
  await carryActivity(
    gateway.ports,
    createOf(noteOf(bob, 1, [alice], { context: 'tag:c', conversation: 'tag:c' })),
    { receivedAt: gateway.clock.now },
  );
  await carryMessage(gateway.ports, chatMessage(toBob, { id: '3' }));
  const notes = (await takeActivities(base.db)).flatMap(({ activity }) =>
    activity.type === 'Create' ? [activity.note] : [],
  );
  expect(notes).toMatchObject([
    { inReplyTo: rows[0]?.id, conversation: rows[0]?.conversation },
    { inReplyTo: `${bob.id}/notes/1`, context: 'tag:c', conversation: 'tag:c' },
  ]);
});

test('the first contact is told once, under whatever alias, and not to who was written to first', async () => {
  gateway.meet(bob);
  const alias = toBob.replace('%', '\\40');
  await Promise.all([
    carryMessage(gateway.ports, chatMessage(toBob, { id: '1' })),
    carryMessage(gateway.ports, chatMessage(alias, { id: '2' })),
  ]);
  expect(noticesOf(await takeStanzas(base.db), 'first-')).toHaveLength(1);
  const carol = gateway.meet(remoteActor('carol'));
  const user = await findUserByJid(base.db, ALICE);
  await carryActivity(gateway.ports, createOf(noteOf(carol, 1, [urls.actor(user?.id ?? '')])), {
    receivedAt: gateway.clock.now,
  });
  await carryMessage(gateway.ports, chatMessage(jidOf(carol), { id: '3' }));
  expect(noticesOf(await takeStanzas(base.db), 'first-')).toEqual([]);
});

test.each([
  ['no address', `nobody@${GATEWAY}`, {}, 'jid-malformed', 'modify'],
  ['nobody there', `ghost%social.example@${GATEWAY}`, {}, 'item-not-found', 'cancel'],
  ['OMEMO', toBob, { encrypted: true }, 'not-acceptable', 'modify'],
  ['an encrypted file', toBob, { body: 'aesgcm://x.example/f#00' }, 'not-acceptable', 'modify'],
  ['far too long', toBob, { body: 'x'.repeat(70_000) }, 'not-acceptable', 'modify'],
  ['a correction', toBob, { replaces: 'm0' }, 'feature-not-implemented', 'cancel'],
  ['a retraction', toBob, { retracts: 'm0' }, 'feature-not-implemented', 'cancel'],
  ['a reaction', toBob, { reactions: { to: 'm0', emojis: ['👍'] } }, 'feature-not-implemented', 'cancel'],
  ['a message to a room', toBob, { type: 'groupchat' as const }, 'feature-not-implemented', 'cancel'],
  ['a strange domain', toBob, { from: 'eve@evil.example/x' }, 'forbidden', 'auth'],
])('%s is refused once, with the id of the message', async (_name, to, more, condition, type) => {
  gateway.meet(bob);
  const message = chatMessage(to, { id: 'refused', ...more });
  await carryMessage(gateway.ports, message);
  expect(errorsOf(await takeStanzas(base.db))).toEqual([
    expect.objectContaining({ id: 'refused', from: to, to: message.from, condition, type }),
  ]);
  expect(await takeActivities(base.db)).toEqual([]);
});

test.each([
  ['gone', 'gone'],
  ['host-not-found', 'remote-server-not-found'],
  ['host-unreachable', 'remote-server-timeout'],
] as const)(
  'a look-up that ends with %s is told as %s, and nobody is registered by it',
  async (reason, condition) => {
    gateway.meet(bob, refuse(reason, { host: 'social.example' }));
    await carryMessage(gateway.ports, chatMessage(toBob));
    expect(errorsOf(await takeStanzas(base.db))).toMatchObject([{ condition }]);
    expect(await findUserByJid(base.db, ALICE)).toBeUndefined();
  },
);

test('where registration is not open, only who is registered may write', async () => {
  const userId = await begin();
  const ports = { ...gateway.ports, rules: { ...gateway.ports.rules, registration: 'closed' as const } };
  await carryMessage(ports, chatMessage(toBob, { id: '2' }));
  await carryMessage(ports, chatMessage(toBob, { id: '3', from: 'mallory@xmpp.example/x' }));
  expect(userId).not.toBe('');
  expect(await takeActivities(base.db)).toHaveLength(1);
  expect(errorsOf(await takeStanzas(base.db))).toMatchObject([
    { id: '3', condition: 'registration-required' },
  ]);
});

test('a blocked host is refused before anything is asked of it', async () => {
  gateway.meet(bob);
  await blockHost(base.db, 'social.example');
  await carryMessage(gateway.ports, chatMessage(toBob));
  expect(errorsOf(await takeStanzas(base.db))).toMatchObject([{ condition: 'policy-violation' }]);
  expect(gateway.asked).toEqual([]);
});

test('who asks not to be bridged is not written to first, and nobody registers by trying', async () => {
  const shy = gateway.meet(remoteActor('shy', 'social.example', { summary: '<p>cats, #nobridge</p>' }));
  await carryMessage(gateway.ports, chatMessage(jidOf(shy)));
  expect(errorsOf(await takeStanzas(base.db))).toMatchObject([{ condition: 'policy-violation' }]);
  expect(await findUserByJid(base.db, ALICE)).toBeUndefined();
});

test('what that person began is answered', async () => {
  const alice = urls.actor(await begin());
  const shy = gateway.meet(remoteActor('shy', 'social.example', { bridgeable: false }));
  await carryActivity(gateway.ports, createOf(noteOf(shy, 1, [alice])), { receivedAt: gateway.clock.now });
  await takeStanzas(base.db);
  await carryMessage(gateway.ports, chatMessage(jidOf(shy), { id: '2' }));
  expect(errorsOf(await takeStanzas(base.db))).toEqual([]);
  expect(await takeActivities(base.db)).toHaveLength(1);
});

test.each([
  ['in', 'forbidden'],
  ['out', 'policy-violation'],
] as const)('a block in direction %s is told as %s', async (direction, condition) => {
  const userId = await begin();
  await saveBlock(base.db, { userId, actorId: bob.id, direction });
  await carryMessage(gateway.ports, chatMessage(toBob, { id: '2' }));
  expect(errorsOf(await takeStanzas(base.db))).toMatchObject([{ id: '2', condition }]);
});

test('the allowance of messages is per user, and what is over it is refused to be tried again', async () => {
  gateway = createTestGateway(base.db, { allowMessage: fiveEach() });
  gateway.meet(bob);
  for (let n = 0; n < 7; n++) await carryMessage(gateway.ports, chatMessage(toBob, { id: `${n}` }));
  await carryMessage(gateway.ports, chatMessage(toBob, { id: 'other', from: 'carol@xmpp.example/x' }));
  const errors = errorsOf(await takeStanzas(base.db));
  expect(errors).toMatchObject(
    ['5', '6'].map((id) => ({ id, type: 'wait', condition: 'resource-constraint' })),
  );
  expect(await takeActivities(base.db)).toHaveLength(6);
});

test('first contacts are limited by the day; a chat that exists goes on', async () => {
  gateway = createTestGateway(base.db, { firstContactsPerDay: 1, now: () => new Date() });
  const carol = gateway.meet(remoteActor('carol'));
  gateway.meet(bob);
  await carryMessage(gateway.ports, chatMessage(toBob, { id: '1' }));
  await carryMessage(gateway.ports, chatMessage(jidOf(carol), { id: '2' }));
  await carryMessage(gateway.ports, chatMessage(toBob, { id: '3' }));
  expect(errorsOf(await takeStanzas(base.db))).toMatchObject([{ id: '2', condition: 'resource-constraint' }]);
  await base.db.query(`update chats set created_at = now() - interval '25 hours'`);
  await carryMessage(gateway.ports, chatMessage(jidOf(carol), { id: '4' }));
  expect(errorsOf(await takeStanzas(base.db))).toEqual([]);
});

test('receipts, states and empty messages are neither carried nor answered', async () => {
  gateway.meet(bob);
  await carryMessage(gateway.ports, chatMessage(toBob, { signalOnly: true }));
  await carryMessage(gateway.ports, chatMessage(toBob, { body: undefined }));
  await carryMessage(gateway.ports, chatMessage(toBob, { type: 'headline' }));
  expect(await takeStanzas(base.db)).toEqual([]);
  expect(await takeActivities(base.db)).toEqual([]);
});

test('who writes to the gateway itself is told what it is, and a machine that answers is not for ever', async () => {
  gateway = createTestGateway(base.db, { allowMessage: fiveEach() });
  for (let n = 0; n < 8; n++) await carryMessage(gateway.ports, chatMessage(GATEWAY, { id: `${n}` }));
  await carryMessage(gateway.ports, chatMessage(GATEWAY, { type: 'groupchat', from: 'bob@xmpp.example/x' }));
  const stanzas = await takeStanzas(base.db);
  expect(stanzas).toHaveLength(5);
  expect(stanzas[0]).toMatchObject({ kind: 'message', from: GATEWAY, to: `${ALICE}/phone` });
});

test('a failure in the middle leaves nothing behind, and the same stanza then goes through', async () => {
  await begin();
  const broken = {
    ...gateway.ports,
    renderActivity: () => {
      throw new Error('bug');
    },
  };
  const message = chatMessage(toBob, { id: 'whole' });
  await expect(carryMessage(broken, message)).rejects.toThrow('bug');
  expect(await takeActivities(base.db)).toEqual([]);
  await carryMessage(gateway.ports, message);
  expect(await takeActivities(base.db)).toHaveLength(1);
});
