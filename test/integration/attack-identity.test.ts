import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ALICE, type Attacked, DOMAIN, startAttacked } from '../support/attacked-gateway.ts';

let gateway: Attacked;
let alice: string;
let mallory: string;
let victim: string;

const jidOf = (name: string): string => `${name}%${gateway.peer.host.replace(':', '\\3a')}@${DOMAIN}`;
const idOf = (path: string): string => `${gateway.peer.origin}/${path}`;

/** A direct note to Alice in a Create, both by Mallory unless told. */
const noteBy = (author: string, path: string, more: object = {}, outer: object = {}) => ({
  id: idOf(`${path}/create`),
  type: 'Create',
  actor: author,
  to: [alice],
  object: {
    id: idOf(path),
    type: 'Note',
    attributedTo: author,
    to: [alice],
    content: `<p>text of ${path}</p>`,
    tag: [{ type: 'Mention', href: alice }],
    ...more,
  },
  ...outer,
});

/** Everything the gateway has written, once all that it accepted before has come through. */
let marks = 0;
const writtenSoFar = async (): Promise<string> => {
  marks += 1;
  await gateway.untilCarried();
  expect((await gateway.post('victim', noteBy(victim, `marks/${marks}`))).status).toBe(202);
  return await gateway.untilWritten(`text of marks/${marks}</body>`);
};
const count = async (statement: string): Promise<number> => {
  const { rows } = await gateway.database.db.query<{ n: number }>(statement);
  return rows[0]?.n ?? -1;
};

beforeAll(async () => {
  gateway = await startAttacked();
  mallory = gateway.peer.addActor('mallory');
  victim = gateway.peer.addActor('victim');
  alice = await gateway.registerAlice(jidOf('victim'));
});
afterAll(() => gateway?.stop());

describe('an activity speaks for its signer alone', () => {
  test('the signer is not the actor', async () => {
    expect((await gateway.post('mallory', noteBy(victim, 'forged/1'))).status).toBe(401);
  });

  test('the actor of somebody else in a second name of the same JSON', async () => {
    const body = JSON.stringify(noteBy(mallory, 'forged/2')).replace(
      '"type":"Create"',
      `"type":"Create","\\u0061ctor":"${victim}"`,
    );
    expect((await gateway.post('mallory', body)).status).toBe(400);
  });

  test('a note that is attributed to the victim, alone or beside the signer', async () => {
    for (const [index, attributedTo] of [victim, [mallory, victim], { id: victim }].entries())
      await gateway.post('mallory', noteBy(mallory, `forged/3${index}`, { attributedTo }));
    expect(await writtenSoFar()).not.toContain('text of forged');
  });

  test('an activity with an id of ours, and a note with one', async () => {
    const ours = `https://${DOMAIN}/n/abc`;
    const stolen = await gateway.post('mallory', noteBy(mallory, 'forged/4', {}, { id: ours }));
    expect(stolen.status).toBe(400);
    await gateway.post('mallory', noteBy(mallory, 'forged/5', { id: ours }));
    expect(await writtenSoFar()).not.toContain('text of forged');
  });
});

describe('a key and a signature prove one thing', () => {
  test('a key of ours, signed for with any other', async () => {
    const body = JSON.stringify({ ...noteBy(mallory, 'forged/6'), actor: alice });
    const headers = gateway.peer.signed({
      by: 'mallory',
      host: DOMAIN,
      target: '/inbox',
      body,
      keyId: `${alice}#main-key`,
    });
    const answer = await gateway.ask('/inbox', { method: 'POST', body, headers });
    expect(answer.status).toBeGreaterThanOrEqual(400);
  });

  test('a key that the document of another lists as his own', async () => {
    const thief = gateway.peer.addActor('thief', {
      publicKey: [
        { id: `${victim}#main-key`, owner: idOf('users/thief'), publicKeyPem: await pemOf('mallory') },
        {
          id: idOf('users/thief#main-key'),
          owner: idOf('users/thief'),
          publicKeyPem: await pemOf('mallory'),
        },
      ],
    });
    expect((await gateway.post('thief', noteBy(thief, 'forged/7'))).status).toBe(202);
    const { rows } = await gateway.database.db.query<{ owner: string }>(
      'select owner from remote_keys where id = $1',
      [`${victim}#main-key`],
    );
    expect(rows).toEqual([{ owner: victim }]);
  });

  test('a key id that a stranger claimed before its owner ever signed', async () => {
    const latecomer = gateway.peer.addActor('latecomer');
    const early = idOf('users/early');
    const keys = ['users/early', 'users/latecomer'].map((path) => idOf(`${path}#main-key`));
    const publicKeyPem = await pemOf('mallory');
    const publicKey = keys.map((id) => ({ id, owner: early, publicKeyPem }));
    gateway.peer.addActor('early', { publicKey });
    expect((await gateway.post('early', noteBy(early, 'early/1'))).status).toBe(202);
    expect((await gateway.post('latecomer', noteBy(latecomer, 'late/1'))).status).toBe(202);
    expect(await writtenSoFar()).toContain('text of late/1');
  });

  test('headers that occur twice, a target of another form, and what is not signed', async () => {
    const body = JSON.stringify(noteBy(mallory, 'forged/8'));
    const signed = gateway.peer.signed({ by: 'mallory', host: DOMAIN, target: '/inbox', body });
    const lines = Object.entries(signed).map(([name, value]) => `${name}: ${value}\r\n`);
    const end = `connection: close\r\ncontent-length: ${body.length}\r\n\r\n${body}`;
    const post = (target: string, extra: string) =>
      gateway.raw(`POST ${target} HTTP/1.1\r\n${extra}${lines.join('')}${end}`);
    for (const name of ['host', 'date', 'signature'])
      expect(await post('/inbox', `${name}: ${signed[name]}\r\n`)).toMatch(/^HTTP\/1\.1 40[01] /u);
    expect(await post('/inbox', 'digest: SHA-256=AAAA\r\n')).toMatch(/^HTTP\/1\.1 401 /u);
    expect(await post(`http://${DOMAIN}/inbox`, '')).toMatch(/^HTTP\/1\.1 401 /u);
    expect(await post('/inbox', 'x-a: b\r\n host: evil.test\r\n')).toMatch(/^HTTP\/1\.1 400 /u);
    expect(await post('/inbox', 'transfer-encoding: chunked\r\n')).toMatch(/^HTTP\/1\.1 400 /u);
    expect(await post('/inbox', 'x-fine: yes\r\n')).toMatch(/^HTTP\/1\.1 202 /u);
  });
});

const pemOf = async (name: string): Promise<string> => {
  const response = await fetch(idOf(`users/${name}`));
  const document: unknown = await response.json();
  const key = document && typeof document === 'object' && 'publicKey' in document && document.publicKey;
  return key && typeof key === 'object' && 'publicKeyPem' in key ? String(key.publicKeyPem) : '';
};

describe('what belongs to others', () => {
  test('Accept, Reject, Undo and Block about the follow between Alice and the victim', async () => {
    gateway.xmpp.write(`<presence type='subscribe' from='${ALICE}' to='${jidOf('victim')}'/>`);
    const follow = await gateway.untilPosted(({ json }) => json['type'] === 'Follow');
    const followId = String(follow['id']);
    const forged = [
      { type: 'Accept', object: followId },
      { type: 'Accept', object: { id: followId, type: 'Follow', actor: alice, object: victim } },
      { type: 'Reject', object: followId },
      { type: 'Undo', object: followId },
      { type: 'Undo', object: { id: followId, type: 'Follow', actor: mallory, object: alice } },
      { type: 'Undo', object: { id: idOf('x'), type: 'Block', actor: mallory, object: alice } },
      { type: 'Delete', object: victim },
      { type: 'Delete', object: alice },
    ];
    for (const [index, activity] of forged.entries())
      expect(
        (await gateway.post('mallory', { id: idOf(`f/${index}`), actor: mallory, ...activity })).status,
      ).toBe(202);
    await gateway.untilCarried();
    const { rows } = await gateway.database.db.query(
      'select actor_id, state from follows where follow_id = $1',
      [followId],
    );
    expect(rows).toEqual([{ actor_id: victim, state: 'pending' }]);
    expect(await writtenSoFar()).not.toMatch(/type="(?:un)?subscribed"/u);
  });

  test('an Undo that names the victim’s own Follow leaves it', async () => {
    const followId = idOf('follows/victim');
    await gateway.post('victim', { id: followId, type: 'Follow', actor: victim, object: alice });
    await gateway.post('mallory', { id: idOf('u/1'), type: 'Undo', actor: mallory, object: followId });
    await gateway.untilCarried();
    expect(await count(`select count(*) as n from follows where follow_id = '${followId}'`)).toBe(1);
  });

  test('nobody becomes a user, and no key is made, by what comes from outside', async () => {
    const before = await count('select count(*) as n from actor_keys');
    for (const object of [`https://${DOMAIN}/u/nobody`, `https://${DOMAIN}/actor`, `https://${DOMAIN}/@bob`])
      await gateway.post('mallory', {
        id: `${idOf('g')}/${object.length}`,
        type: 'Follow',
        actor: mallory,
        object,
      });
    gateway.xmpp.write(
      `<presence type='probe' from='bob@xmpp.test/x' to='${jidOf('victim')}'/>` +
        `<message from='bob@xmpp.test' to='${jidOf('victim')}'><active xmlns='http://jabber.org/protocol/chatstates'/></message>` +
        `<presence type='unsubscribe' from='bob@xmpp.test' to='${jidOf('victim')}'/>` +
        `<message from='xmpp.test' to='${jidOf('victim')}' id='server'><body>notice</body></message>` +
        `<message from='eve@elsewhere.test' to='${jidOf('victim')}' id='eve'><body>hi</body></message>`,
    );
    for (const id of ['server', 'eve']) await gateway.untilWritten(`id="${id}"`);
    const errors = (await writtenSoFar())
      .split('<message ')
      .filter((each) => / id="(?:server|eve)"/u.test(each));
    expect(errors.map((each) => each.includes('<forbidden '))).toEqual([true, true]);
    await gateway.untilCarried();
    expect(await count('select count(*) as n from users')).toBe(1);
    expect(await count('select count(*) as n from actor_keys')).toBe(before);
  });
});

describe('a private note', () => {
  test('looks to all but its addressee like one that never was, by every way of asking', async () => {
    const { rows } = await gateway.database.db.query<{ id: string }>('select id from notes limit 1');
    const id = rows[0]?.id ?? '';
    const unknown = id.replace(/.$/u, (last) => (last === 'z' ? 'y' : 'z'));
    const elsewhere = { ...gateway.peer.signed({ by: 'x', host: DOMAIN, target: '/', method: 'get' }) };
    const ways: readonly (readonly [string, Record<string, string>])[] = [
      ['GET', {}],
      ['HEAD', {}],
      ['GET', { range: 'bytes=0-10' }],
      ['GET', { 'if-none-match': '*' }],
      ['GET', { 'if-modified-since': new Date().toUTCString() }],
      ['GET', { accept: 'application/activity+json', authorization: 'Signature x' }],
      ['GET', elsewhere],
      ['OPTIONS', {}],
      ['PUT', {}],
    ];
    for (const path of ['', '/', '/create', '/%63reate', '?x', '%20', '/..', '/../actor'])
      for (const [method, headers] of ways) {
        const [real, none] = await Promise.all(
          [id, unknown].map((each) => gateway.ask(`/n/${each}${path}`, { method, headers })),
        );
        const shown = (answer: typeof real) => ({ ...answer, headers: { ...answer?.headers, date: '' } });
        expect(shown(real)).toEqual(shown(none));
        expect(real?.text).not.toContain('hello');
      }
    const target = `/n/${id}`;
    const headers = gateway.peer.signed({ by: 'victim', host: DOMAIN, target, method: 'get' });
    expect((await gateway.ask(target, { headers })).status).toBe(200);
  });
});

test('no path, host or name leads anywhere else', async () => {
  const paths = [
    '//evil.test/',
    '/\\evil.test',
    '/@alice/..',
    '/@alice%2f..',
    '/u/%2e%2e%2finbox',
    '/n/%',
    '/%00',
  ];
  for (const path of [...paths, '/@alice', '/', `/u/${alice.slice(-26)}`, '/actor']) {
    const answer = await gateway.ask(path, { headers: { host: 'evil.test', accept: 'text/html' } });
    expect(`${answer.headers.location ?? ''}`).toMatch(/^(?:|\/|https:\/\/ap\.test\/.*)$/u);
    expect(answer.text).not.toContain('evil.test');
    expect(answer.status).toBeLessThan(500);
  }
});

test('no body, signature or secret stands in the log', () => {
  const text = gateway.logged.join('');
  expect(text).not.toMatch(/text of (?:forged|marks)|hello|BEGIN|keyId=/u);
});
