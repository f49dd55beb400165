import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { createAnnouncer } from '../../src/app-presence.ts';
import type { OutgoingStanza } from '../../src/bridge/stanza.ts';
import { resolveActor } from '../../src/gateway/actors.ts';
import { announceContact } from '../../src/gateway/rosters.ts';
import { createLog } from '../../src/log.ts';
import { deleteFollow } from '../../src/store/follows.ts';
import { saveGatewaySubscriber } from '../../src/store/gateway-subscribers.ts';
import { markActorGone } from '../../src/store/remote-actors.ts';
import { markUserLeft } from '../../src/store/users.ts';
import type { StreamState } from '../../src/xmpp/stream-options.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { createTestGateway, emptyTables, GATEWAY, remoteActor } from '../support/gateway.ts';
import { addContact, addContacts, addRosterUser } from '../support/roster.ts';

let base: TestDatabase;
beforeAll(async () => {
  base = await createTestDatabase();
});
afterAll(() => base.drop());
beforeEach(() => emptyTables(base.db));

/** A stream that writes down what it is given; `barrier` answers as the script says, then with true. */
const setUp = () => {
  const written: OutgoingStanza[] = [];
  const pages: number[] = [];
  const script: { state: StreamState['status']; barriers: boolean[]; onBarrier: () => void } = {
    state: 'online',
    barriers: [],
    onBarrier: () => undefined,
  };
  const logged: string[] = [];
  const wanted = new Set<string>();
  const announcer = createAnnouncer({
    db: base.db,
    ports: {
      domain: GATEWAY,
      pictures: { want: ({ id }) => void wanted.add(id), get: async () => undefined },
    },
    log: createLog({ level: 'info', write: (line) => void logged.push(line), now: Date.now, hide: [] }),
    stream: {
      state: () => ({ status: script.state, problem: undefined }),
      send: (stanza) => {
        written.push(stanza);
        return 'written';
      },
      barrier: async () => {
        pages.push(written.length - pages.reduce((sum, size) => sum + size, 0));
        script.onBarrier();
        return script.barriers.shift() ?? true;
      },
    },
  });
  const finish = async (): Promise<void> => {
    while (await announcer.step());
  };
  return { announcer, written, pages, script, logged, wanted, finish };
};

const seenOf = (stanzas: readonly OutgoingStanza[]): readonly string[] =>
  stanzas.map((stanza) =>
    stanza.kind === 'presence'
      ? `${stanza.type} ${stanza.from} ${stanza.to}`
      : `${stanza.kind} ${stanza.from} ${stanza.to}`,
  );
const jid = (name: string): string => `${name}%social.example@${GATEWAY}`;

test('the gateway and all contacts are announced to who is subscribed, and to nobody else', async () => {
  const alice = await addRosterUser(base, 'alice@xmpp.example');
  const left = await addRosterUser(base, 'left@xmpp.example');
  for (const name of ['bob', 'carol']) await addContact(base, alice, name);
  await addContact(base, alice, 'asked', 'pending');
  await addContact(base, left, 'bob');
  await markUserLeft(base.db, left);
  await markActorGone(base.db, await addContact(base, alice, 'gone'));
  await saveGatewaySubscriber(base.db, 'alice@xmpp.example');
  const { announcer, written, finish } = setUp();
  await finish();
  expect(written).toEqual([]);
  announcer.restart();
  await finish();
  const all = [GATEWAY, jid('bob'), jid('carol')];
  expect(seenOf(written)).toEqual(all.map((from) => `available ${from} alice@xmpp.example`));
  expect(written[1]).toMatchObject({ nick: 'The bob (@bob@social.example)', photo: '' });
  await announcer.farewell(1_000);
  expect(seenOf(written.slice(3))).toEqual(all.map((from) => `unavailable ${from} alice@xmpp.example`));
  expect(await announcer.step()).toBe(false);
});

test('in pages of a hundred with a barrier behind each; who is removed meanwhile is not announced', async () => {
  const alice = await addRosterUser(base, 'alice@xmpp.example');
  await addContacts(base, alice, 250);
  const { announcer, written, pages, finish } = setUp();
  announcer.restart();
  await announcer.step();
  await announcer.step();
  expect(pages).toEqual([100]);
  const actorId = 'https://social.example/users/c99';
  expect(await deleteFollow(base.db, { userId: alice, actorId, direction: 'out' })).toBeDefined();
  await finish();
  expect(pages).toEqual([100, 100, 49]);
  expect(seenOf(written)).not.toContain(`available ${jid('c99')} alice@xmpp.example`);
  expect(new Set(written.map(({ from }) => from)).size).toBe(249);
});

test('a stream that comes back is told everything anew', async () => {
  const alice = await addRosterUser(base, 'alice@xmpp.example');
  await addContacts(base, alice, 150);
  const { announcer, pages, script, finish } = setUp();
  announcer.restart();
  script.barriers = [false];
  script.onBarrier = () => {
    script.state = 'down';
  };
  await finish();
  expect(pages).toEqual([100]);
  script.onBarrier = () => undefined;
  script.state = 'online';
  announcer.restart();
  await finish();
  expect(pages).toEqual([100, 100, 50]);
});

test('a page that is lost with its connection again and again is passed over', async () => {
  const alice = await addRosterUser(base, 'alice@xmpp.example');
  await addContacts(base, alice, 150);
  const { announcer, pages, script, logged, finish } = setUp();
  for (let n = 0; n < 4; n += 1) {
    script.state = 'online';
    script.onBarrier = () => {
      if (pages.at(-1) === 100) script.state = 'down';
    };
    script.barriers = [false];
    announcer.restart();
    await finish();
  }
  expect(pages).toEqual([100, 100, 100, 50]);
  expect(logged.filter((line) => line.includes('presence-skipped'))).toHaveLength(1);
});

test('a farewell ends in time, whatever the server does', async () => {
  const alice = await addRosterUser(base, 'alice@xmpp.example');
  await addContacts(base, alice, 1_200);
  const deaf = createAnnouncer({
    db: base.db,
    ports: { domain: GATEWAY, pictures: { want: () => undefined, get: async () => undefined } },
    log: createLog({ level: 'info', write: () => undefined, now: Date.now, hide: [] }),
    stream: {
      state: () => ({ status: 'online', problem: undefined }),
      send: () => 'written',
      barrier: () => new Promise(() => undefined),
    },
  });
  const begun = performance.now();
  await deaf.farewell(150);
  // Many times over: without an end of its own it would wait for ever.
  expect(performance.now() - begun).toBeLessThan(10_000);
  const { announcer, written, script } = setUp();
  script.state = 'down';
  await announcer.farewell(1_000);
  expect(written).toEqual([]);
});

test('a contact that changed is announced to its subscribers, once, and only where it shows', async () => {
  const alice = await addRosterUser(base, 'alice@xmpp.example');
  const ben = await addRosterUser(base, 'ben@xmpp.example');
  const actorId = await addContact(base, alice, 'bob');
  await addContact(base, ben, 'bob');
  await addContact(base, ben, 'carol');
  const { written, finish } = setUp();
  await announceContact(base.db, actorId);
  await announceContact(base.db, actorId);
  await announceContact(base.db, 'https://social.example/users/unknown');
  await finish();
  const news = ['alice', 'ben'].flatMap((user) =>
    ['available', 'nick'].map((what) => `${what} ${jid('bob')} ${user}@xmpp.example`),
  );
  expect(seenOf(written)).toEqual(news);

  const gateway = createTestGateway(base.db, { now: () => new Date(Date.now() + 2 * 86_400_000) });
  const look = async (name: string, inbox: string) => {
    gateway.meet(remoteActor('bob', 'social.example', { name, inbox }));
    await resolveActor(gateway.ports, { user: 'bob', host: 'social.example' });
    await finish();
  };
  await look('The bob', 'https://social.example/other');
  expect(seenOf(written)).toEqual(news);
  await look('Robert', 'https://social.example/other');
  expect(seenOf(written)).toEqual([...news, ...news]);
  expect(written.at(-1)).toMatchObject({ nick: 'Robert (@bob@social.example)' });
});
