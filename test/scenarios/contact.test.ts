import { monitorEventLoopDelay } from 'node:perf_hooks';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { missingEjabberd } from '../support/ejabberd.ts';
import { DOMAIN, startWorld, type World } from '../support/world.ts';
import type { ClientEvent, XmppClient } from '../support/xmpp-client.ts';

const CONTACT = `dave%fedify.test@${DOMAIN}`;
const PATIENCE_MS = 45_000;

/** One client, and what it asks and sees. */
type Scene = {
  world: World;
  alice: XmppClient;
  ask: (to: string, type: 'get' | 'set', inner: string) => Promise<ClientEvent>;
  presence: (from: string, wanted: string | undefined) => Promise<ClientEvent>;
};

const createScene = (world: World, alice: XmppClient): Scene => {
  let count = 0;
  return {
    world,
    alice,
    ask: async (to, type, inner) => {
      count += 1;
      const id = `iq${count}`;
      const xml = `<iq xmlns='jabber:client' type='${type}' id='${id}' to='${to}'>${inner}</iq>`;
      alice.send({ do: 'raw', xml });
      return await alice.next((seen) => seen.event === 'iq' && seen.id === id, PATIENCE_MS);
    },
    presence: (from, wanted = 'available') =>
      alice.next(
        (seen) => seen.event === 'presence' && seen.from === from && (seen.type ?? 'available') === wanted,
        PATIENCE_MS,
      ),
  };
};

const info = "<query xmlns='http://jabber.org/protocol/disco#info'/>";
const prompt = (typed: string): string =>
  `<query xmlns='jabber:iq:gateway'><prompt>${typed}</prompt></query>`;

const finding = (scene: () => Scene): void => {
  test('the gateway says what it is and how its administrator is reached', async () => {
    const { xml = '' } = await scene().ask(DOMAIN, 'get', info);
    expect(xml).toMatch(
      /category="gateway"[^>]* type="activitypub"|type="activitypub"[^>]* category="gateway"/u,
    );
    for (const feature of ['jabber:iq:gateway', 'jabber:iq:search']) expect(xml).toContain(`"${feature}"`);
    expect(xml).toContain('mailto:admin@xmpp.test');
  });

  test.each(['@dave@fedify.test', 'dave@fedify.test', 'https://fedify.test/users/dave', CONTACT])(
    '%s is found by typing it',
    async (typed) => {
      const { xml, type } = await scene().ask(DOMAIN, 'set', prompt(typed));
      expect(type).toBe('result');
      expect(xml).toContain(`jid>${CONTACT}<`);
    },
  );

  test.each([
    ['dave', 'jid-malformed'],
    ['@nobody@fedify.test', 'item-not-found'],
    ['@dave@nowhere.invalid', 'remote-server-not-found'],
  ])('%s gets a sentence', async (typed, condition) => {
    const { type, error } = await scene().ask(DOMAIN, 'set', prompt(typed));
    expect(type).toBe('error');
    expect(error?.condition).toBe(condition);
    expect(error?.text).toMatch(/^[A-Z].+\.$/u);
  });

  test('who is there is an account, who is not is not found', async () => {
    const there = await scene().ask(CONTACT, 'get', info);
    expect(there.xml).toContain('"account"');
    expect(there.xml).not.toContain('"gateway"');
    const nobody = await scene().ask(`nobody%fedify.test@${DOMAIN}`, 'get', info);
    expect(nobody.error?.condition).toBe('item-not-found');
    expect(nobody.error?.text).toContain('fedify.test');
  });

  test('an alias is answered by itself', async () => {
    const alias = `dave\\40fedify.test@${DOMAIN}`;
    expect((await scene().ask(alias, 'get', info)).from).toBe(alias);
  });
};

const inTheRoster = (scene: () => Scene): void => {
  test('a contact that is added accepts, and is there with its name and picture within two seconds', async () => {
    const turns = performance.now();
    for (let times = 0; times < 3; times += 1) await scene().ask(CONTACT, 'get', info);
    // The gateway and the other server run in this process: what it stands still for is not their work. Nor is what
    // questions and their answers take on this machine, some of which there are.
    const standstill = monitorEventLoopDelay();
    standstill.enable();
    const began = performance.now();
    const quiet = began - turns;
    scene().alice.send({ do: 'presence', to: CONTACT, type: 'subscribe' });
    await scene().presence(CONTACT, 'subscribed');
    const { xml } = await scene().presence(CONTACT, undefined);
    expect(xml).toContain('dave of Fedify (@dave@fedify.test)');
    expect(xml).toContain('http://jabber.org/protocol/caps');
    await scene().alice.next(
      (seen) => seen.from === CONTACT && (seen.xml ?? '').includes('urn:xmpp:avatar:metadata'),
      PATIENCE_MS,
    );
    // A card waits only so long for a picture that is still being fetched.
    const card = async () => (await scene().ask(CONTACT, 'get', "<vCard xmlns='vcard-temp'/>")).xml;
    await expect.poll(card).toContain('BINVAL');
    const tookMs = performance.now() - began;
    standstill.disable();
    expect(tookMs).toBeLessThan(2_000 + 10 * quiet + 3 * (standstill.max / 1e6));
  });

  test('the caps of its presence are what it answers for their node', async () => {
    const { xml = '' } =
      scene()
        .alice.seen()
        .findLast(
          (seen) =>
            seen.event === 'presence' && seen.from === CONTACT && (seen.xml ?? '').includes('protocol/caps'),
        ) ?? {};
    const caps = /<[^>]*:c [^>]*>/u.exec(xml)?.[0] ?? '';
    const read = (name: string): string => new RegExp(` ${name}="([^"]+)"`, 'u').exec(caps)?.[1] ?? '';
    const node = `${read('node')}#${read('ver')}`;
    const answer = await scene().ask(
      CONTACT,
      'get',
      `<query xmlns='http://jabber.org/protocol/disco#info' node='${node}'/>`,
    );
    expect(answer.type).toBe('result');
    expect(answer.xml).toContain(node);
  });

  test('a contact that is taken out of the roster is followed no more', async () => {
    const { fedify } = scene().world.fediverse;
    await scene().ask(
      'alice@xmpp.test',
      'set',
      `<query xmlns='jabber:iq:roster'><item jid='${CONTACT}' subscription='remove'/></query>`,
    );
    await fedify.received.waitFor(({ type }) => type === 'Undo', 'Undo', PATIENCE_MS);
  });
};

const answering = (scene: () => Scene): void => {
  test('each question has one answer', async () => {
    const questions = [
      ["<query xmlns='jabber:iq:last'/>", DOMAIN],
      ["<time xmlns='urn:xmpp:time'/>", DOMAIN],
      ["<query xmlns='jabber:iq:version'/>", DOMAIN],
      ["<ping xmlns='urn:xmpp:ping'/>", DOMAIN],
      ["<ping xmlns='urn:xmpp:ping'/>", CONTACT],
      [
        "<pubsub xmlns='http://jabber.org/protocol/pubsub'><items node='eu.siacs.conversations.axolotl.devicelist'/></pubsub>",
        CONTACT,
      ],
      ["<x xmlns='urn:example:unknown'/>", CONTACT],
    ] as const;
    const before = scene().alice.seen().length;
    for (const [inner, to] of questions) await scene().ask(to, 'get', inner);
    const answers = scene()
      .alice.seen()
      .slice(before)
      .filter(({ event }) => event === 'iq');
    expect(answers).toHaveLength(questions.length);
  });
};

/** What a client does with a contact, the same on each server. */
describe.each(['prosody', 'ejabberd'] as const)('behind %s', (server) => {
  let scene: Scene;
  const current = (): Scene => scene;
  const missing = server === 'ejabberd' ? missingEjabberd() : undefined;
  describe.skipIf(missing !== undefined)(missing ?? 'a contact', () => {
    beforeAll(async () => {
      const world = await startWorld({ CAUSEWAY_CONTACT: 'admin@xmpp.test' }, server);
      await world.startGateway();
      scene = createScene(world, await world.logIn('alice'));
    }, 120_000);
    afterAll(() => scene?.world.stop());
    finding(current);
    inTheRoster(current);
    answering(current);
  });
});
