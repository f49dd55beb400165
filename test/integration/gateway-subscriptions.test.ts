import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { refuse } from '../../src/bridge/outcome.ts';
import type { PresenceType } from '../../src/bridge/stanza.ts';
import { carryPresence } from '../../src/gateway/subscriptions.ts';
import { saveBlock } from '../../src/store/blocks.ts';
import { findFollow, saveFollow, setFollowState } from '../../src/store/follows.ts';
import { pageGatewaySubscribers } from '../../src/store/gateway-subscribers.ts';
import { blockHost } from '../../src/store/host-blocks.ts';
import { findUserByJid } from '../../src/store/users.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import {
  ALICE,
  createTestGateway,
  emptyTables,
  GATEWAY,
  jidOf,
  presence,
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
  gateway.meet(bob);
});

const bob = remoteActor('bob');
const contact = jidOf(bob);
/** RFC 5122 2.2: the separator is escaped in a URI. */
const uriOf = (jid: string): string => `xmpp:${jid.replace('%', '%25')}`;

/** Carries presence of Alice's to Bob, one after the other; then what she is told and what he is sent. */
const carry = async (...types: PresenceType[]) => {
  for (const type of types) await carryPresence(gateway.ports, presence(type, contact));
  return await outcome();
};
const outcome = async () => ({
  told: (await takeStanzas(base.db)).flatMap((stanza) =>
    stanza.kind === 'presence' ? [`${stanza.type} from ${stanza.from} to ${stanza.to}`] : [],
  ),
  sent: (await takeActivities(base.db)).map(({ activity }) => activity),
});
const alice = async (): Promise<string> => (await findUserByJid(base.db, ALICE))?.id ?? '';
const following = async () =>
  await findFollow(base.db, { userId: await alice(), actorId: bob.id, direction: 'out' });

/** Alice is registered, and the other server has accepted her Follow. */
const beFollowing = async (): Promise<string> => {
  const { sent } = await carry('subscribe');
  await setFollowState(base.db, { userId: await alice(), actorId: bob.id, direction: 'out' }, 'accepted');
  return sent[0]?.id ?? '';
};
const beFollowed = async (state: 'pending' | 'accepted'): Promise<void> => {
  const pair = { userId: await alice(), actorId: bob.id, direction: 'in' } as const;
  await saveFollow(base.db, { ...pair, state, followId: 'https://social.example/follows/1' });
};

test('a subscription request is a Follow, and stays pending without a word', async () => {
  const { told, sent } = await carry('subscribe');
  const actor = urls.actor(await alice());
  expect(told).toEqual([]);
  expect(sent).toEqual([{ type: 'Follow', id: expect.stringContaining('/f/'), actor, object: bob.id }]);
  expect(await following()).toMatchObject({ state: 'pending', followId: sent[0]?.id });
});

test('one that is asked again goes again under its own id, and only once while it waits', async () => {
  const first = await carry('subscribe', 'subscribe');
  const second = await carry('subscribe');
  expect(first.sent).toHaveLength(1);
  expect(second.sent).toEqual(first.sent);
});

test('who follows already is told so again, and nothing leaves', async () => {
  await beFollowing();
  expect(await carry('subscribe')).toEqual({
    told: [`subscribed from ${contact} to ${ALICE}`, `available from ${contact} to ${ALICE}`],
    sent: [],
  });
});

test('where adding a contact does not follow, the gateway grants it by itself', async () => {
  gateway = createTestGateway(base.db, { followOnSubscribe: false });
  gateway.meet(bob);
  const { told, sent } = await carry('subscribe');
  expect(told).toEqual([`subscribed from ${contact} to ${ALICE}`, `available from ${contact} to ${ALICE}`]);
  expect(sent).toEqual([]);
  expect((await carry('unsubscribe')).sent).toEqual([]);
  expect(await following()).toBeUndefined();
});

test('the end of a subscription undoes the Follow by its id, once', async () => {
  const followId = await beFollowing();
  const actor = urls.actor(await alice());
  expect(await carry('unsubscribe', 'unsubscribe')).toEqual({
    told: [`unavailable from ${contact} to ${ALICE}`],
    sent: [
      {
        type: 'Undo',
        id: `${followId}#undo`,
        actor,
        follow: { id: followId, actor, object: bob.id },
      },
    ],
  });
});

test('a pending Follow is undone behind itself, and a new one has a new id', async () => {
  const { sent } = await carry('subscribe', 'unsubscribe', 'subscribe');
  expect(sent.map(({ type }) => type)).toEqual(['Follow', 'Undo', 'Follow']);
  expect(sent[2]?.id).not.toBe(sent[0]?.id);
});

test('the removal of a roster item, three stanzas at once, ends both directions once', async () => {
  await beFollowing();
  await beFollowed('accepted');
  const { told, sent } = await carry('unsubscribe', 'unsubscribed', 'unavailable');
  expect(told).toEqual([`unavailable from ${contact} to ${ALICE}`]);
  expect(sent.map(({ type }) => type)).toEqual(['Undo', 'Reject']);
  expect(await carry('unsubscribe', 'unsubscribed')).toEqual({ told: [], sent: [] });
});

test('the removal holds although the other server is gone for good', async () => {
  await beFollowing();
  gateway.meet(bob, refuse('gone'));
  gateway.clock.now = new Date(Date.now() + 30 * 86_400_000);
  gateway.asked.length = 0;
  expect((await carry('unsubscribe')).told).toEqual([`unavailable from ${contact} to ${ALICE}`]);
  expect(await following()).toBeUndefined();
  expect(gateway.asked).toEqual([]);
});

test('a follower is accepted once', async () => {
  await carry('subscribe');
  await beFollowed('pending');
  const { sent } = await carry('subscribed', 'subscribed');
  expect(sent).toMatchObject([
    {
      type: 'Accept',
      actor: urls.actor(await alice()),
      follow: { id: 'https://social.example/follows/1', actor: bob.id },
    },
  ]);
});

test.each(['pending', 'accepted'] as const)('a %s follower is turned away once', async (state) => {
  await carry('subscribe');
  await beFollowed(state);
  const { sent } = await carry('unsubscribed', 'unsubscribed');
  expect(sent).toMatchObject([{ type: 'Reject', follow: { id: 'https://social.example/follows/1' } }]);
});

test('an answer to what nobody asked does nothing', async () => {
  await carry('subscribe');
  expect(await carry('subscribed', 'unsubscribed', 'available', 'unavailable')).toEqual({
    told: [],
    sent: [],
  });
});

test('probes: silent while pending, available where followed, else at an end; never a look-up', async () => {
  await carry('subscribe');
  gateway.asked.length = 0;
  const probe = presence('probe', contact, `${ALICE}/phone`);
  await carryPresence(gateway.ports, probe);
  expect((await outcome()).told).toEqual([]);
  await setFollowState(base.db, { userId: await alice(), actorId: bob.id, direction: 'out' }, 'accepted');
  await carryPresence(gateway.ports, probe);
  expect((await outcome()).told).toEqual([`available from ${contact} to ${ALICE}/phone`]);
  gateway.clock.now = new Date(Date.now() + 30 * 86_400_000);
  const unknown = jidOf(remoteActor('nobody'));
  await carryPresence(gateway.ports, presence('probe', unknown, `${ALICE}/phone`));
  expect((await outcome()).told).toEqual([`unsubscribed from ${unknown} to ${ALICE}`]);
  await carryPresence(gateway.ports, probe);
  expect(gateway.asked).toEqual([]);
});

/** Asks to follow and is refused: an error with its reason, then the end of the request. */
const refusedAt = async (to: string, from = ALICE) => {
  await carryPresence(gateway.ports, presence('subscribe', to, from));
  const [error, end, ...more] = await takeStanzas(base.db);
  expect(end).toEqual({ kind: 'presence', type: 'unsubscribed', from: to, to: from });
  expect(more).toEqual([]);
  expect(await takeActivities(base.db)).toEqual([]);
  if (error?.kind !== 'presence-error') throw new Error('no presence error');
  return error.error;
};

test.each([
  ['an escaped at-sign', contact.replace('%', '\\40')],
  ['another spelling of the host', `bob%bücher.example@${GATEWAY}`],
])('%s is an alias: the canonical address is named', async (_name, alias) => {
  const canonical = alias.includes('bücher') ? `bob%xn--bcher-kva.example@${GATEWAY}` : contact;
  expect(await refusedAt(alias)).toMatchObject({ condition: 'gone', uri: uriOf(canonical) });
});

test('a handle under which WebFinger names another is an alias as well', async () => {
  gateway.people.set('bob@www.social.example', { ok: true, value: bob });
  expect(await refusedAt(`bob%www.social.example@${GATEWAY}`)).toMatchObject({
    condition: 'gone',
    uri: uriOf(contact),
  });
});

test('nobody, nowhere, a strange user, a blocked host: each with its reason, and nobody is registered', async () => {
  expect(await refusedAt(jidOf(remoteActor('ghost')))).toMatchObject({ condition: 'item-not-found' });
  expect(await refusedAt(`nobody@${GATEWAY}`)).toMatchObject({ condition: 'jid-malformed' });
  expect(await refusedAt(contact, 'eve@evil.example')).toMatchObject({ condition: 'forbidden' });
  const shy = gateway.meet(remoteActor('shy', 'social.example', { bridgeable: false }));
  expect(await refusedAt(jidOf(shy))).toMatchObject({ condition: 'policy-violation' });
  await blockHost(base.db, 'social.example');
  expect(await refusedAt(contact)).toMatchObject({ condition: 'policy-violation' });
  expect(await alice()).toBe('');
});

test('who was blocked by the person is told so', async () => {
  await carry('subscribe', 'unsubscribe');
  await saveBlock(base.db, { userId: await alice(), actorId: bob.id, direction: 'in' });
  expect(await refusedAt(contact)).toMatchObject({ condition: 'forbidden' });
});

const sayToGateway = async (type: PresenceType, from = `${ALICE}/phone`) => {
  await carryPresence(gateway.ports, presence(type, GATEWAY, from));
  return (await outcome()).told;
};
const subscribers = () => pageGatewaySubscribers(base.db, { after: '', limit: 10 });

test('the gateway itself says yes to all who may use it, and follows nobody', async () => {
  expect(await sayToGateway('subscribe')).toEqual([
    `subscribed from ${GATEWAY} to ${ALICE}`,
    `available from ${GATEWAY} to ${ALICE}/phone`,
  ]);
  await sayToGateway('subscribe');
  expect(await subscribers()).toEqual([ALICE]);
  expect(await sayToGateway('probe')).toEqual([`available from ${GATEWAY} to ${ALICE}/phone`]);
  expect(await sayToGateway('unsubscribe')).toEqual([`unavailable from ${GATEWAY} to ${ALICE}`]);
  expect(await subscribers()).toEqual([]);
  for (const type of ['available', 'unavailable', 'subscribed', 'unsubscribed'] as const)
    expect(await sayToGateway(type)).toEqual([]);
  expect(await alice()).toBe('');
});

test('who is asked for by a server has the gateway in the roster', async () => {
  await sayToGateway('probe');
  expect(await subscribers()).toEqual([ALICE]);
});

test('the gateway is no contact of strangers and of other servers', async () => {
  const eve = 'eve@evil.example';
  expect(await refusedAt(GATEWAY, eve)).toMatchObject({ condition: 'forbidden' });
  expect(await sayToGateway('probe', `${eve}/x`)).toEqual([`unsubscribed from ${GATEWAY} to ${eve}`]);
  expect(await refusedAt(GATEWAY, 'xmpp.example')).toMatchObject({ condition: 'forbidden' });
  expect(await subscribers()).toEqual([]);
});

test('presence of a contact says who it is, and what the profile says', async () => {
  gateway.meet({ ...bob, name: 'Bob', summary: '<p>Cats.</p>' });
  await beFollowing();
  await carryPresence(gateway.ports, presence('subscribe', contact));
  await carryPresence(gateway.ports, presence('probe', contact, `${ALICE}/phone`));
  const shown = (await takeStanzas(base.db)).filter(
    (stanza) => stanza.kind === 'presence' && stanza.type === 'available',
  );
  const content = { nick: 'Bob (@bob@social.example)', status: 'Cats.', photo: '' };
  expect(shown).toMatchObject([
    { ...content, from: contact, to: ALICE },
    { ...content, from: contact, to: `${ALICE}/phone` },
  ]);
});

test('presence of a user never leaves, whatever the relation; where it may be, it is answered', async () => {
  const show = (type: PresenceType) =>
    carryPresence(gateway.ports, presence(type, contact, `${ALICE}/phone`));
  await show('available');
  expect(await outcome()).toEqual({ told: [], sent: [] });
  await carry('subscribe');
  await show('available');
  expect(await outcome()).toEqual({ told: [], sent: [] });
  await setFollowState(base.db, { userId: await alice(), actorId: bob.id, direction: 'out' }, 'accepted');
  await show('available');
  await show('unavailable');
  expect(await outcome()).toEqual({ told: [`available from ${contact} to ${ALICE}/phone`], sent: [] });
  // Bob sees Alice: her server broadcasts to him, and asks for his by itself.
  await beFollowed('accepted');
  await show('available');
  await show('unavailable');
  expect(await outcome()).toEqual({ told: [], sent: [] });
});

test('the answer to a probe needs no row where it can be written at once', async () => {
  await beFollowing();
  const written: string[] = [];
  const sendNow: typeof gateway.ports.sendNow = ({ kind, from, to }) =>
    written.push(`${kind} from ${from} to ${to}`) > 0;
  await carryPresence({ ...gateway.ports, sendNow }, presence('probe', contact, `${ALICE}/phone`));
  expect(written).toEqual(['presence', 'nick'].map((kind) => `${kind} from ${contact} to ${ALICE}/phone`));
  expect((await outcome()).told).toEqual([]);
});

test('two that answer each other come to an end', async () => {
  await beFollowing();
  const ports = { ...gateway.ports, allowMessage: () => false };
  await carryPresence(ports, presence('available', contact, `${ALICE}/phone`));
  expect(await outcome()).toEqual({ told: [], sent: [] });
});
