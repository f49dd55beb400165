import { type AddressInfo, createServer, isIPv6 } from 'node:net';
import { networkInterfaces } from 'node:os';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { RemoteActor } from '../../src/bridge/actor.ts';
import { saveHandle } from '../../src/store/handles.ts';
import { saveActor } from '../../src/store/remote-actors.ts';
import { ALICE, type Attacked, DOMAIN, startAttacked } from '../support/attacked-gateway.ts';
import { remoteActor } from '../support/gateway.ts';
import { addHostNames } from '../support/hosts.ts';
import { createUndoStack } from '../support/undo.ts';

/**
 * A whole gateway as it runs in earnest, and listeners on this machine to which strangers lead it in every way that
 * they have: it never connects, and says so. Then the same ways with the development switch on, where they lead to
 * a listener: a way that leads nowhere would prove nothing.
 */
const FOUR = 'four.strict.test';
const SIX = 'six.strict.test';
const BOTH = 'both.strict.test';
const HOME = 'home.strict.test';

const hasIpv6 = Object.values(networkInterfaces())
  .flat()
  .some((each) => each !== undefined && isIPv6(each.address) && each.internal);

type Watch = { readonly port: number; readonly connections: () => number };

const undo = createUndoStack();

/** Counts who connects to this machine at a port (0: any that is free), by either protocol, and hangs up. */
const watch = async (port = 0): Promise<Watch> => {
  let connections = 0;
  const listen = async (host: string, at: number): Promise<number> => {
    const server = createServer((socket) => {
      connections += 1;
      socket.on('error', () => undefined).destroy();
    });
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    server.once('error', reject).listen(at, host, resolve);
    await promise;
    undo.add(() => new Promise<void>((done) => server.close(() => done())));
    const address: AddressInfo | string | null = server.address();
    return typeof address === 'object' && address !== null ? address.port : at;
  };
  const bound = await listen('127.0.0.1', port);
  if (hasIpv6) await listen('::1', bound);
  return { port: bound, connections: () => connections };
};

let https: Watch;
beforeAll(async () => {
  undo.add(addHostNames([FOUR, BOTH, HOME, 'xmpp.test']));
  if (hasIpv6) undo.add(addHostNames([SIX, BOTH], undefined, undefined, '::1'));
  https = await watch(443);
});
afterAll(() => undo.run());

const NAMES = hasIpv6 ? [FOUR, SIX, BOTH] : [FOUR];
/** Hosts of URLs that lead to this machine where the switch lets them. */
const LITERALS = [
  '127.0.0.1',
  '127.1',
  '2130706433',
  '0x7f000001',
  '0177.0.0.1',
  'localhost',
  'LOCALHOST',
  ...(hasIpv6 ? ['[::1]', '[0:0:0:0:0:0:0:1]', '[::ffff:127.0.0.1]'] : []),
];
/** These never do. */
const CLOSED = [
  '0.0.0.0',
  'localhost.',
  'a.localhost',
  `${FOUR}.`,
  '[::]',
  '[::127.0.0.1]',
  '[64:ff9b::7f00:1]',
  '[2002:7f00:1::]',
];

let gateway: Attacked;
let count = 0;
/** A name that nobody has heard of. */
const fresh = (): string => {
  count += 1;
  return `u${count}`;
};

const contact = (name: string, host = 'far.example'): string =>
  `${name}%${host.replace(/:(\d+)$/u, '\\3a$1')}@${DOMAIN}`;

/** Somebody at a public address whom the gateway has met, and who said of itself what is in `more`. */
const meet = async (name: string, more: Partial<RemoteActor>): Promise<RemoteActor> => {
  const actor = remoteActor(name, 'far.example', { sharedInbox: undefined, ...more });
  await saveActor(gateway.database.db, actor);
  await saveHandle(gateway.database.db, actor.handle, actor.id);
  return actor;
};

/** The stanza with that id, which the gateway wrote. */
const written = async (id: string): Promise<string> => {
  const mark = `id="${id}"`;
  const text = await gateway.untilWritten(mark);
  const start = text.lastIndexOf('<', text.indexOf(mark));
  const [, kind = ''] = /^<(\w+)/u.exec(text.slice(start)) ?? [];
  return text.slice(start, text.indexOf(`</${kind}>`, start));
};

const conditionOf = (stanza: string): string =>
  /<([a-z-]+) xmlns="urn:ietf:params:xml:ns:xmpp-stanzas"/u.exec(stanza)?.[1] ?? stanza;

/** The condition of the error that comes back. */
const write = async (to: string): Promise<string> => {
  const id = `m-${fresh()}`;
  gateway.xmpp.write(
    `<message type='chat' id='${id}' from='${ALICE}/x' to='${to}'><body>hi</body></message>`,
  );
  return conditionOf(await written(id));
};

/** Leads the gateway to a host of a URL; resolves to what the peer or the person is told. */
type Way = (host: string) => Promise<string | number>;

const post = async (activity: object, keyId: string): Promise<number> => {
  const body = JSON.stringify(activity);
  const signed = gateway.peer.signed({ by: '', host: DOMAIN, target: '/inbox', body, keyId });
  return (await gateway.ask('/inbox', { method: 'POST', body, headers: signed })).status;
};

const KEY: Way = async (host) => {
  const actor = `https://${host}/users/${fresh()}`;
  const activity = { id: `${actor}/1`, type: 'Follow', actor, object: `https://${DOMAIN}/actor` };
  return await post(activity, `${actor}#main-key`);
};

const WEBFINGER: Way = (host) => write(contact(fresh(), host));

const INBOX: Way = async (host) => {
  const { handle } = await meet(fresh(), { inbox: `https://${host}/inbox` });
  return await write(contact(handle.user));
};

const PICTURE: Way = async (host) => {
  const name = fresh();
  await meet(name, { icon: `https://${host}/${name}.png` });
  const from = `from='${ALICE}/x' to='${contact(name)}'`;
  gateway.xmpp.write(`<iq type='get' id='v-${name}' ${from}><vCard xmlns='vcard-temp'/></iq>`);
  return (await written(`v-${name}`)).includes('<PHOTO>') ? 'a picture' : 'no picture';
};

/** The new account of somebody known is asked for as an actor. */
const ACTOR: Way = async (host) => {
  const name = fresh();
  const id = `https://far.example/users/${name}`;
  const keyId = `${id}#main-key`;
  await meet(name, { keys: [{ id: keyId, owner: id, pem: gateway.peer.pem }] });
  const target = `https://${host}/users/${name}`;
  const status = await post({ id: `${id}/move`, type: 'Move', actor: id, object: id, target }, keyId);
  await gateway.untilCarried();
  return status;
};

/** With what is told in the end. */
const WAYS = [
  ['the key of a request', KEY, 401],
  ['an actor', ACTOR, 202],
  ['the inbox of an actor', INBOX, 'policy-violation'],
  ['the picture of an actor', PICTURE, 'no picture'],
] as const;

const start = async (allowPrivate: boolean): Promise<void> => {
  gateway = await startAttacked({
    CAUSEWAY_DEV_ALLOW_PRIVATE_ADDRESSES: String(allowPrivate),
    CAUSEWAY_LIMITS_MESSAGES_PER_MINUTE: '0',
    CAUSEWAY_HOME_DOMAINS: `xmpp.test,${HOME}`,
    CAUSEWAY_HANDLE_IS_JID: 'true',
  });
  await meet('hello', { inbox: 'https://nobody.invalid/inbox' });
  await gateway.registerAlice(contact('hello'));
};

describe('as it runs in earnest', () => {
  let other: Watch;
  beforeAll(async () => {
    other = await watch();
    await start(false);
  });
  afterAll(() => gateway?.stop());

  /** The same for the port of https and for another. */
  const expectTold = async (way: Way, host: string, told: string | number): Promise<void> => {
    const all = await Promise.all([way(host), way(`${host}:${other.port}`)]);
    expect(all).toEqual([told, told]);
    expect([https.connections(), other.connections()]).toEqual([0, 0]);
  };

  describe.each(WAYS)('%s', (_, way, told) => {
    test.concurrent.each([...NAMES, ...LITERALS, ...CLOSED])('at %s', (host) => expectTold(way, host, told));
  });

  describe('the host of a handle', () => {
    test.concurrent.each([...NAMES, 'localhost', 'LOCALHOST', 'a.localhost'])('%s', (host) =>
      expectTold(WEBFINGER, host, 'policy-violation'),
    );
    test.each(['127.0.0.1', '127.1', '2130706433', '0x7f000001', '0177.0.0.1'])('%s', (host) =>
      expectTold(WEBFINGER, host, 'jid-malformed'),
    );
  });

  test('the web server of an XMPP domain, and nobody at all, was reached', async () => {
    await gateway.untilCarried();
    expect([https.connections(), other.connections()]).toEqual([0, 0]);
    expect(gateway.logged.filter((line) => line.includes('"level":"error"'))).toEqual([]);
  });
});

describe('with the development switch on the same leads to this machine', () => {
  beforeAll(async () => {
    await start(true);
  });
  afterAll(() => gateway?.stop());

  /** A port of its own, so that no other case is counted. */
  const expectReached = async (way: Way, host: string): Promise<void> => {
    const mine = await watch();
    way(`${host}:${mine.port}`).catch(() => undefined);
    await expect.poll(mine.connections, { interval: 10, timeout: 30_000 }).toBeGreaterThan(0);
  };

  test('the web server of an XMPP domain', async () => {
    await expect.poll(https.connections).toBeGreaterThan(0);
  });

  describe.each(WAYS)('%s', (_, way) => {
    test.concurrent.each([...NAMES, ...LITERALS])('at %s', (host) => expectReached(way, host));
  });

  test.concurrent.each([...NAMES, 'localhost'])('the host of a handle: %s', (host) =>
    expectReached(WEBFINGER, host),
  );
});
