import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ALICE, type Attacked, DOMAIN, startAttacked } from '../support/attacked-gateway.ts';

const ADMIN = 'admin@xmpp.test';
let gateway: Attacked;
let alice: string;
let count = 0;

beforeAll(async () => {
  gateway = await startAttacked({ CAUSEWAY_ADMINS: ADMIN });
  gateway.peer.addActor('bob');
  alice = await gateway.registerAlice(jidOf('bob'));
});
afterAll(() => gateway?.stop());

const at = (name: string): string => `${gateway.peer.origin}/users/${name}`;
const jidOf = (name: string): string => `${name}%${gateway.peer.host.replace(':', '\\3a')}@${DOMAIN}`;
const post = async (by: string, activity: object): Promise<number> => {
  count += 1;
  const id = `${gateway.peer.origin}/activities/${count}`;
  return (await gateway.post(by, { id, actor: at(by), ...activity })).status;
};
/** Adds the person to Alice's contacts, as accepted. */
const befriend = async (name: string): Promise<void> => {
  gateway.peer.addActor(name);
  gateway.xmpp.write(`<presence type='subscribe' from='${ALICE}' to='${jidOf(name)}'/>`);
  const object = await gateway.untilPosted(
    ({ json }) => json['type'] === 'Follow' && json['object'] === at(name),
  );
  expect(await post(name, { type: 'Accept', object })).toBe(202);
  await gateway.untilWritten(`<presence type="subscribed" from="${jidOf(name)}"`);
};
const settled = async (): Promise<string> => {
  await gateway.untilSettled();
  return await gateway.untilWritten('');
};

describe('a Move', () => {
  test('that both agree to is told to who follows, in the roster and by a message', async () => {
    await befriend('old');
    gateway.peer.addActor('new', { alsoKnownAs: [at('old')] });
    expect(await post('old', { type: 'Move', object: at('old'), target: at('new') })).toBe(202);
    const text = await gateway.untilWritten('has moved');
    expect(text).toContain(`add ${jidOf('new')} to your contacts`);
    expect(await settled()).toContain(`<presence type="unsubscribed" from="${jidOf('old')}"`);
    await gateway.untilPosted(({ json }) => json['type'] === 'Undo');
    const follows = gateway.peer.posted.filter(({ json }) => json['object'] === at('new'));
    expect(follows).toEqual([]);
  });

  test('that the new account does not know of is nothing', async () => {
    await befriend('liar');
    gateway.peer.addActor('stranger');
    expect(await post('liar', { type: 'Move', object: at('liar'), target: at('stranger') })).toBe(202);
    expect(await settled()).not.toContain(`add ${jidOf('stranger')}`);
  });

  test('to an account that another moved to a moment before', async () => {
    const [first, second] = ['first', 'second'];
    for (const name of [first, second]) {
      await befriend(name);
      const alsoKnownAs = name === first ? [at(first)] : [at(first), at(second)];
      gateway.peer.addActor('both', { alsoKnownAs });
      expect(await post(name, { type: 'Move', object: at(name), target: at('both') })).toBe(202);
      await gateway.untilCarried();
    }
    expect((await settled()).split(`add ${jidOf('both')}`)).toHaveLength(3);
  });

  test('to an account that has moved on itself is nothing', async () => {
    await befriend('follower');
    gateway.peer.addActor('gone', { alsoKnownAs: [at('follower')], movedTo: at('elsewhere') });
    expect(await post('follower', { type: 'Move', object: at('follower'), target: at('gone') })).toBe(202);
    expect(await settled()).not.toContain(`add ${jidOf('gone')}`);
  });

  test('a second one within a week is nothing', async () => {
    await befriend('nomad');
    for (const name of ['camp1', 'camp2']) {
      gateway.peer.addActor(name, { alsoKnownAs: [at('nomad')] });
      expect(await post('nomad', { type: 'Move', object: at('nomad'), target: at(name) })).toBe(202);
      await gateway.untilCarried();
    }
    const text = await settled();
    expect(text).toContain(`add ${jidOf('camp1')}`);
    expect(text).not.toContain(`add ${jidOf('camp2')}`);
  });
});

describe('a report', () => {
  test('is told to the administrators, with what it is about', async () => {
    const object = [alice, `https://${DOMAIN}/n/abc`];
    expect(await post('bob', { type: 'Flag', object, content: 'Unwanted\u202e words' })).toBe(202);
    const text = await gateway.untilWritten('sends a report');
    expect(text).toContain(`to="${ADMIN}"`);
    expect(text).toContain(`@alice@${DOMAIN} (${ALICE})`);
    expect(text).toContain(`https://${DOMAIN}/n/abc`);
  });

  test('of nobody here is nothing, and a flood of them does not bury the administrators', async () => {
    expect(await post('bob', { type: 'Flag', object: ['https://else.example/u/1'] })).toBe(202);
    for (let n = 0; n < 30; n += 1)
      await post('bob', { type: 'Flag', object: [alice], content: `flood ${n}` });
    expect((await settled()).split('sends a report').length - 1).toBeLessThanOrEqual(10);
  });
});

test('nobody follows the gateway itself: who asks is refused, in its own name', async () => {
  const object = `https://${DOMAIN}/actor`;
  const id = `${gateway.peer.origin}/follows/instance`;
  expect(await post('bob', { id, type: 'Follow', object })).toBe(202);
  const reject = await gateway.untilPosted(({ json }) => json['type'] === 'Reject');
  expect(reject).toMatchObject({ actor: object, object: { id, actor: at('bob'), object } });
});

describe('a Block of the whole gateway', () => {
  const write = async (id: string): Promise<string> => {
    gateway.xmpp.write(
      `<message type='chat' id='${id}' from='${ALICE}/x' to='${jidOf('hermit')}'><body>hello ${id}</body><request xmlns='urn:xmpp:receipts'/></message>`,
    );
    const text = await gateway.untilWritten(`id="${id}"`);
    return text.slice(text.lastIndexOf('<message', text.indexOf(`id="${id}"`)));
  };

  test('ends what there is, and refuses what is written until it is lifted', async () => {
    await befriend('hermit');
    const block = {
      id: `${gateway.peer.origin}/blocks/1`,
      type: 'Block',
      actor: at('hermit'),
      object: `https://${DOMAIN}/actor`,
    };
    expect(await post('hermit', block)).toBe(202);
    expect(await settled()).toContain(`<presence type="unsubscribed" from="${jidOf('hermit')}"`);
    expect(await write('b1')).toContain('forbidden');
    expect(await post('hermit', { type: 'Undo', object: block })).toBe(202);
    await gateway.untilCarried();
    expect(await write('b2')).toContain('urn:xmpp:receipts');
  });
});

describe('a Delete whose key is gone', () => {
  /** Signed with a key that we never saw. */
  const postUnproven = async (by: string, keyId: string, activity: object): Promise<number> => {
    count += 1;
    const body = JSON.stringify({ id: `${gateway.peer.origin}/f/${count}`, actor: at(by), ...activity });
    const headers = gateway.peer.signed({ by, host: DOMAIN, target: '/inbox', body, keyId });
    return (await gateway.ask('/inbox', { method: 'POST', body, headers })).status;
  };

  test('is believed where the actor itself is gone, and nothing else is', async () => {
    await befriend('leaver');
    const note = `${gateway.peer.origin}/notes/left`;
    const shown = {
      id: note,
      type: 'Note',
      attributedTo: at('leaver'),
      to: [alice],
      content: '<p>stays</p>',
    };
    expect(await post('leaver', { type: 'Create', to: [alice], object: shown })).toBe(202);
    await gateway.untilWritten('stays</body>');
    gateway.peer.replies.set('/users/leaver', 410);
    const say = (activity: object) => postUnproven('leaver', `${at('leaver')}#lost-key`, activity);
    /** All but what the stream says for itself. */
    const told = (text: string): readonly string[] => text.match(/<(?:message|presence) [^>]*>/gu) ?? [];
    const before = told(await settled());
    for (const activity of [
      { type: 'Delete', object: note },
      { type: 'Follow', object: alice },
      { type: 'Block', object: alice },
      { type: 'Undo', object: at('leaver') },
    ])
      expect([activity, await say(activity)]).toEqual([activity, 401]);
    expect(told(await settled())).toEqual(before);
    expect(await say({ type: 'Delete', object: at('leaver') })).toBe(202);
    expect(await settled()).toContain(`<presence type="unsubscribed" from="${jidOf('leaver')}"`);
  });

  test('is not where only the key is, nor is anything else', async () => {
    await befriend('stayer');
    gateway.peer.replies.set('/users/stayer/key', 410);
    const say = (activity: object) => postUnproven('stayer', `${at('stayer')}/key`, activity);
    expect(await say({ type: 'Delete', object: at('stayer') })).toBe(401);
    expect(await say({ type: 'Follow', object: alice })).toBe(401);
  });
});

test('nothing of all this was a mistake of ours', () => {
  expect(gateway.logged.filter((line) => line.includes('"level":"error"'))).toEqual([]);
});

test('who left is 410 by whatever name, who comes back is found, who was never here is 404', async () => {
  const jid = 'zo.e@xmpp.test';
  const register = async (id: string, child = ''): Promise<void> => {
    const query = `<query xmlns='jabber:iq:register'>${child}</query>`;
    gateway.xmpp.write(`<iq type='set' id='${id}' from='${jid}/x' to='${DOMAIN}'>${query}</iq>`);
    await gateway.untilWritten(`id="${id}"`);
  };
  const find = async (resource: string): Promise<number> =>
    (await gateway.ask(`/.well-known/webfinger?resource=${encodeURIComponent(resource)}`)).status;
  const resources = [`xmpp:${jid}`, `acct:${jid}`, `acct:zo.e%xmpp.test@${DOMAIN}`];
  const found = async () => await Promise.all(resources.map(find));
  expect(await found()).toEqual([404, 404, 404]);
  await register('in');
  expect(await found()).toEqual([200, 200, 200]);
  await register('out', '<remove/>');
  expect(await found()).toEqual([410, 410, 410]);
  await register('back');
  expect(await found()).toEqual([200, 200, 200]);
});
