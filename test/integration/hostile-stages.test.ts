import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { deleteBlock, saveBlock } from '../../src/store/blocks.ts';
import { blockHost } from '../../src/store/host-blocks.ts';
import { DOMAIN } from '../support/attacked-gateway.ts';
import type { HostileRequest } from '../support/hostile-request.ts';
import { toWire } from '../support/hostile-request.ts';
import { askedSince, bodiesIn, createMarks, OTHER, type Stage, startStage } from '../support/scene.ts';

/** Attacks of the corpus that take several steps, by their numbers in `entries.ts`, against a whole gateway. */
const PUBLIC = 'https://www.w3.org/ns/activitystreams#Public';

type Json = Readonly<Record<string, unknown>>;

let stage: Stage;
beforeAll(async () => {
  stage = await startStage({ CAUSEWAY_LIMITS_INBOX_PER_MINUTE: '60000' });
});
afterAll(() => stage?.stop());

const nextMark = createMarks('stage');
const send = (request: HostileRequest): Promise<number> =>
  stage.attack({ entry: 0, name: '', status: 0, send: () => request }, '');
/** An activity of that actor at the peer, signed by it, with an id of its own. */
const post = (by: 'mallory' | 'victim', activity: Json): Promise<number> => {
  const { scene } = stage;
  return send(scene.signed(by, { id: scene.at(`activities/${nextMark()}`), actor: scene[by], ...activity }));
};
const signedByStranger = (activity: unknown): HostileRequest => {
  const { scene } = stage;
  return scene.signed('stranger', activity, {
    keyId: `${scene.stranger}#main-key`,
    key: scene.other.privateKey,
  });
};
const noteByStranger = (mark: string): Json => {
  const { scene } = stage;
  const id = `${scene.other.origin}/${mark}`;
  return scene.note(mark, { id }, { id: `${id}/create` }, scene.stranger);
};

/** What becomes visible while the steps are taken: texts for Alice, what peers are asked and told. */
const watch = async (steps: () => Promise<unknown>) => {
  const before = await stage.look();
  await steps();
  const after = await stage.look();
  const written = after.written.slice(before.written.length);
  return {
    written,
    bodies: bodiesIn(written),
    asked: askedSince(before, after),
    posted: after.posted - before.posted,
  };
};
const NOTHING = { bodies: [], asked: [], posted: 0, written: expect.not.stringContaining('<message') };
const query = async <T>(statement: string, values: readonly unknown[] = []): Promise<readonly T[]> =>
  (await stage.gateway.database.db.query<T>(statement, [...values])).rows;
const documentOf = (actor: Json): Json => {
  const { scene } = stage;
  const id = scene.mallory;
  return {
    id,
    type: 'Person',
    preferredUsername: 'mallory',
    inbox: `${id}/inbox`,
    publicKey: { id: `${id}#main-key`, owner: id, publicKeyPem: scene.peer.pem },
    ...actor,
  };
};

test('33. what the victim did stands, however it is undone by another', async () => {
  const { scene } = stage;
  const [follow, like, block] = [scene.at('did/follow'), scene.at('did/like'), scene.at('did/block')];
  const hermit = scene.peer.addActor('hermit');
  const done = await watch(async () => {
    expect(await post('victim', { id: follow, type: 'Follow', object: scene.alice })).toBe(202);
    expect(await post('victim', { id: like, type: 'Like', object: scene.ours })).toBe(202);
    const blocked = { id: block, type: 'Block', actor: hermit, object: scene.alice };
    expect(await send(scene.signed('hermit', blocked))).toBe(202);
  });
  expect(done.bodies).toHaveLength(1);
  const stands = () =>
    Promise.all([
      query(`select actor_id, state from follows where follow_id = $1`, [follow]),
      query(`select actor_id from blocks where direction = 'in'`),
      query(`select actor_id, deleted_at from messages where object_id = $1`, [like]),
    ]);
  const before = await stands();
  expect(before.map((rows) => rows.length)).toEqual([1, 1, 1]);
  const undone = await watch(async () => {
    for (const [id, type, actor] of [
      [follow, 'Follow', scene.victim],
      [like, 'Like', scene.victim],
      [block, 'Block', hermit],
    ] as const) {
      const object = type === 'Like' ? scene.ours : scene.alice;
      for (const whole of [id, { id }, { id, type }, { id, type, object }, { id, type, object, actor }])
        expect(await post('mallory', { type: 'Undo', object: whole })).toBe(202);
      expect(
        await post('mallory', { type: 'Undo', object: { id, type, object, actor: scene.mallory } }),
      ).toBe(202);
      expect(await post('mallory', { type: 'Delete', object: id })).toBe(202);
    }
  });
  expect(undone).toEqual({ ...NOTHING, written: '' });
  expect(await stands()).toEqual(before);
});

describe('38. an actor that says it is reached elsewhere is still reached where it was:', () => {
  test.each([
    ['by its inbox', (): Json => ({ inbox: `${stage.scene.other.origin}/inbox` })],
    ['by an inbox of ours', (): Json => ({ inbox: `https://${DOMAIN}/inbox` })],
    [
      'by its shared inbox',
      (): Json => ({ endpoints: { sharedInbox: `${stage.scene.other.origin}/inbox` } }),
    ],
    ['by an inbox on another port', (): Json => ({ inbox: stage.scene.mallory.replace(/:\d+/u, ':8443') })],
  ])('%s', async (_, changes) => {
    const { gateway, scene } = stage;
    const mark = nextMark();
    const { asked } = await watch(async () => {
      expect(await post('mallory', { type: 'Update', object: documentOf(changes()) })).toBe(202);
    });
    expect(asked).toEqual([]);
    const to = `mallory%${scene.peer.host.replace(':', '\\3a')}@${DOMAIN}`;
    gateway.xmpp.write(
      `<message type='chat' id='${mark}' from='alice@xmpp.test/x' to='${to}'><body>${mark}</body></message>`,
    );
    await gateway.untilPosted(
      ({ target, json }) => target === '/users/mallory/inbox' && JSON.stringify(json).includes(mark),
    );
    await stage.look();
    expect(scene.other.posted).toEqual([]);
    const reached = await query<{ inbox: string }>('select inbox from reached');
    expect(new Set(reached.map(({ inbox }) => new URL(inbox).origin))).toEqual(new Set([scene.peer.origin]));
  });
});

describe('40. a direct note', () => {
  test('that is made public is a correction to whom it was shown, and goes no further', async () => {
    const { scene } = stage;
    const mark = nextMark();
    const created = await watch(() => send(scene.signed('mallory', scene.note(mark))));
    expect(created.bodies).toEqual([mark]);
    const note = { id: scene.at(mark), type: 'Note', attributedTo: scene.mallory, to: [PUBLIC] };
    const updated = await watch(() =>
      post('mallory', { type: 'Update', to: [PUBLIC], object: { ...note, content: `<p>${mark} wide</p>` } }),
    );
    expect(updated).toMatchObject({ asked: [], posted: 0 });
    expect(updated.bodies).toHaveLength(1);
    expect(updated.bodies[0]).toMatch(new RegExp(`^${mark} wide\n\n.*public`, 'u'));
    expect(updated.written).toContain('urn:xmpp:message-correct:0');
    expect(updated.written.split('<message ')).toHaveLength(2);
  });

  test('that is turned into a poll, and a poll with other votes, show nothing', async () => {
    const { scene } = stage;
    const mark = nextMark();
    expect((await watch(() => send(scene.signed('mallory', scene.note(mark))))).bodies).toEqual([mark]);
    for (const votes of [1, 1_000_000]) {
      const oneOf = ['yes', 'no'].map((name) => ({
        type: 'Note',
        name,
        replies: { type: 'Collection', totalItems: votes },
      }));
      const poll = { type: 'Question', oneOf, votersCount: votes, updated: new Date().toISOString() };
      const { object } = scene.note(mark, poll);
      expect(await watch(() => post('mallory', { type: 'Update', object }))).toEqual(NOTHING);
    }
  });
});

describe('41. what a blocked server says', () => {
  test('was shown while it was not, and is refused now', async () => {
    const { scene } = stage;
    const mark = nextMark();
    const before = await watch(() => send(signedByStranger(noteByStranger(mark))));
    expect(before.bodies).toEqual([mark]);
    await blockHost(stage.gateway.database.db, OTHER);
    // A block holds within two seconds.
    const repeat = signedByStranger(noteByStranger(mark));
    await expect.poll(() => send(repeat)).toBe(403);
    const after = await watch(() => send(signedByStranger(noteByStranger(nextMark()))));
    expect(after).toEqual(NOTHING);
    expect(scene.other.asked.length).toBeGreaterThan(0);
  });

  test.each([
    ['a boost of its note by an id', (said: Json): Json => ({ type: 'Announce', object: said['object'] })],
    ['a boost of its note, told whole', (said: Json): Json => ({ type: 'Announce', object: { ...said } })],
    ['a Create of its note by an id', (): Json => ({ type: 'Create', object: `${stage.scene.stranger}/1` })],
    ['a Create around its note', (said: Json): Json => ({ type: 'Create', object: said['object'] })],
    ['an Update around its note', (said: Json): Json => ({ type: 'Update', object: said['object'] })],
    [
      'a Move to it',
      (): Json => ({ type: 'Move', object: stage.scene.mallory, target: stage.scene.stranger }),
    ],
  ])('is not carried by another’s hand: %s', async (_, activity) => {
    const { scene } = stage;
    scene.other.addActor('stranger', { alsoKnownAs: [scene.mallory] });
    const said = noteByStranger(nextMark());
    const seen = await watch(async () => {
      const more = { to: [scene.alice, PUBLIC], ...activity(said) };
      expect(await post('mallory', more)).toBe(202);
    });
    expect(seen).toEqual(NOTHING);
  });
});

describe('41. a blocked server', () => {
  test('is not asked for what is answered or mentioned', async () => {
    const { scene } = stage;
    const mark = nextMark();
    const tag = [
      { type: 'Mention', href: scene.alice },
      { type: 'Mention', href: scene.stranger, name: '@stranger' },
    ];
    const inReplyTo = `${scene.other.origin}/notes/1`;
    const note = scene.note(mark, { inReplyTo, quoteUrl: inReplyTo, context: `${inReplyTo}/context`, tag });
    const seen = await watch(() => send(scene.signed('mallory', note)));
    expect(seen).toMatchObject({ asked: [], posted: 0 });
    expect(seen.bodies).toEqual([`${mark}\n\n(quotes ${inReplyTo})`]);
  });

  test('is not asked for a name that somebody elsewhere claims there', async () => {
    const { scene } = stage;
    const mark = nextMark();
    const id = scene.peer.addActor(mark, { webfinger: `stranger@${scene.other.host}` });
    const seen = await watch(() => send(scene.signed(mark, scene.note(mark, {}, {}, id))));
    expect(seen.bodies).toEqual([mark]);
    expect(seen.asked).toContain(`GET /users/${mark}`);
    expect(seen.asked.filter((line) => line.includes('stranger'))).toEqual([]);
  });

  test('is not asked for a key', async () => {
    const { scene } = stage;
    const keyId = `${scene.other.origin}/users/new#main-key`;
    const seen = await watch(async () => {
      expect(await send(scene.signed('mallory', scene.note(nextMark()), { keyId }))).toBe(403);
    });
    expect(seen).toEqual(NOTHING);
  });
});

test('44. an id that one actor used before another of its server takes no word from either', async () => {
  const { scene } = stage;
  const id = scene.at('activities/shared');
  const said = (by: 'mallory' | 'victim', mark: string): HostileRequest =>
    scene.signed(by, scene.note(mark, {}, { id }, scene[by]));
  const [first, second, third] = [nextMark(), nextMark(), nextMark()];
  const seen = await watch(async () => {
    expect(await send(said('mallory', first))).toBe(202);
    expect(await send(said('victim', second))).toBe(202);
    // Known by now from both.
    expect(await send(said('mallory', third))).toBe(202);
  });
  expect([...seen.bodies].sort()).toEqual([first, second].sort());
  const from = (mark: string): string =>
    new RegExp(`<message [^>]*from="([a-z]+)%[^>]*>(?:(?!</message>).)*<body[^>]*>${mark}<`, 'su').exec(
      seen.written,
    )?.[1] ?? '';
  expect([from(first), from(second)]).toEqual(['mallory', 'victim']);
});

/** Each stanza of Alice's that came of a mark: from whom, and what it does to which stanza. */
const saidWith = (written: string, mark: string): readonly string[] =>
  written.split('<message ').flatMap((stanza) => {
    const from = /from="([a-z]+)%/u.exec(stanza)?.[1];
    const act = /<(replace|retract) /u.exec(stanza)?.[1];
    return from !== undefined && stanza.includes(mark) ? [`${from} ${act ?? 'says'}`] : [];
  });

describe('44. a note under the id of another’s note', () => {
  test.each([
    ['first', 'mallory', 'victim'],
    ['second', 'victim', 'mallory'],
  ] as const)('that comes %s is its author’s alone, and so is the other', async (_, first, second) => {
    const { scene } = stage;
    const mark = nextMark();
    const id = scene.at(`notes/${mark}`);
    const create = (by: 'mallory' | 'victim') =>
      post(by, { ...scene.note(mark, { id }, {}, scene[by]), id: scene.at(nextMark()) });
    const shown = await watch(async () => {
      for (const by of [first, second, first, second]) {
        expect(await create(by)).toBe(202);
        await stage.gateway.untilCarried();
      }
    });
    expect([...saidWith(shown.written, mark)].sort()).toEqual(['mallory says', 'victim says']);
    const edit = (by: 'mallory' | 'victim', minutes: number) => {
      const updated = new Date(Date.now() + minutes * 60_000).toISOString();
      const { object } = scene.note(
        mark,
        { id, updated, content: `<p>${mark} at ${minutes}</p>` },
        {},
        scene[by],
      );
      return post(by, { type: 'Update', object });
    };
    // The time of the one is nothing to the other.
    const edited = await watch(async () => {
      expect(await edit('mallory', 9)).toBe(202);
      expect(await edit('victim', 1)).toBe(202);
    });
    expect([...saidWith(edited.written, mark)].sort()).toEqual(['mallory replace', 'victim replace']);
    const deleted = await watch(() => post('victim', { type: 'Delete', object: id }));
    expect(saidWith(deleted.written, '')).toEqual(['victim retract']);
    const after = await watch(() => edit('mallory', 20));
    expect(saidWith(after.written, mark)).toEqual(['mallory replace']);
    expect(await watch(() => edit('victim', 30))).toEqual(NOTHING);
  });

  test('takes no line of another’s reaction, whose id it has', async () => {
    const { scene } = stage;
    const [mark, id] = [nextMark(), scene.at(`activities/${nextMark()}`)];
    const seen = await watch(async () => {
      expect(await post('mallory', scene.note(mark, { id }))).toBe(202);
      // What different people say is carried at the same time.
      await stage.gateway.untilCarried();
      expect(await post('victim', { id, type: 'Like', object: scene.ours })).toBe(202);
    });
    expect(seen.bodies).toEqual([mark, '(likes your message)']);
    const undone = await watch(() => post('victim', { type: 'Undo', object: id }));
    expect(saidWith(undone.written, '')).toEqual(['victim retract']);
  });
});

test('44. an Undo with an id below our actor ends the follow of its signer alone, and takes no id of ours', async () => {
  const { scene } = stage;
  const followers = async (): Promise<readonly string[]> => {
    const rows = await query<{ actor_id: string }>(
      `select actor_id from follows where direction = 'in' order by actor_id`,
    );
    return rows.map(({ actor_id }) => actor_id);
  };
  for (const by of ['mallory', 'victim'] as const)
    expect(await post(by, { type: 'Follow', object: scene.alice })).toBe(202);
  await stage.look();
  expect(await followers()).toEqual([scene.mallory, scene.victim]);
  const undo = { id: `${scene.alice}/Undo_1795870376.034651`, type: 'Undo', object: scene.alice };
  const undone = await watch(() => post('mallory', undo));
  const ends = [...undone.written.matchAll(/<presence type="unsubscribe" from="([a-z]+)%/gu)];
  expect(ends.map(([, from]) => from)).toEqual(['mallory']);
  expect(await followers()).toEqual([scene.victim]);
  // The same once more, however late, is a copy: it ends nothing that was asked since.
  expect(await post('mallory', { type: 'Follow', object: scene.alice })).toBe(202);
  await query(`update inbox set done_at = done_at - interval '1 hour' where done_at is not null`);
  expect(await post('mallory', undo)).toBe(202);
  // Nor has the id of the one been used up for the other.
  expect(await post('victim', undo)).toBe(202);
  await stage.look();
  expect(await followers()).toEqual([scene.mallory]);
  expect(
    await query(`select 1 from inbox where starts_with(activity_id, $1)`, [`https://${DOMAIN}/`]),
  ).toEqual([]);
});

describe('50. a person whom the user blocked', () => {
  /** What is shown of the same before the block and under it. */
  const sayTwice = async (by: 'mallory' | 'victim', say: () => Promise<unknown>) => {
    const { scene, gateway } = stage;
    const userId = new URL(scene.alice).pathname.slice('/u/'.length);
    const block = { userId, actorId: scene[by], direction: 'out' } as const;
    const before = await watch(say);
    await saveBlock(gateway.database.db, block);
    const under = await watch(say);
    await deleteBlock(gateway.database.db, block);
    return { before, under };
  };

  test.each(['ChatMessage', 'Note', 'Question'])('is not shown with a %s', async (type) => {
    const { scene } = stage;
    const { before, under } = await sayTwice('mallory', () =>
      send(scene.signed('mallory', scene.note(nextMark(), { type }))),
    );
    expect(before.bodies).toHaveLength(1);
    expect(under).toEqual(NOTHING);
  });

  test.each<Json>([{ type: 'Like' }, { type: 'EmojiReact', content: '👍' }, { type: 'Announce' }])(
    'is not shown with a reaction to what was written to them: %o',
    async (reaction) => {
      const { before, under } = await sayTwice('victim', async () => {
        expect(await post('victim', { ...reaction, object: stage.scene.ours })).toBe(202);
      });
      expect(before.bodies).toHaveLength(1);
      expect(under).toEqual(NOTHING);
    },
  );
});

test('79. what fails again and again is set aside, and the others go on', async () => {
  const { scene, gateway } = stage;
  // An actor that cannot be had any more, at its last try; and one whose work never came to an end.
  const rows = [11, 24].map((attempts) => {
    const actor = scene.at(`users/poison${attempts}`);
    const id = scene.at(nextMark());
    return { id, actor, attempts, body: JSON.stringify(scene.note(nextMark(), {}, { id }, actor)) };
  });
  for (const { id, actor, attempts, body } of rows)
    await query('insert into inbox (activity_id, actor_id, body, attempts) values ($1, $2, $3, $4)', [
      id,
      actor,
      body,
      attempts,
    ]);
  const mark = nextMark();
  expect(await send(scene.signed('mallory', scene.note(mark)))).toBe(202);
  await gateway.untilWritten(`${mark}</body>`);
  await gateway.untilCarried();
  const ids = rows.map(({ id }) => id);
  expect(
    await query('select body, last_error from inbox where activity_id = any ($1) order by attempts', [ids]),
  ).toEqual([
    { body: null, last_error: expect.stringContaining('could not be looked up') },
    { body: null, last_error: expect.stringContaining('without a result') },
  ]);
});

describe('84. what is too long', () => {
  test('in an actor is cut before it is kept', async () => {
    const { scene } = stage;
    const object = documentOf({
      name: 'n'.repeat(400_000),
      summary: 's'.repeat(400_000),
      attachment: [{ type: 'PropertyValue', name: 'x'.repeat(50_000), value: 'y'.repeat(50_000) }],
    });
    expect(await post('mallory', { type: 'Update', object })).toBe(202);
    await stage.look();
    const [row] = await query<{ row: string }>(
      'select row_to_json(a)::text as row from remote_actors a where id = $1',
      [scene.mallory],
    );
    expect(row?.row).toContain('n'.repeat(2_048));
    expect(row?.row.length).toBeLessThan(30_000);
  });

  test('as a name changes nothing', async () => {
    const object = documentOf({ preferredUsername: 'm'.repeat(2_049), name: 'Other' });
    const before = await stage.look();
    expect(await post('mallory', { type: 'Update', object })).toBe(202);
    const after = await stage.look();
    expect(after.tables['remote_actors']).toBe(before.tables['remote_actors']);
  });

  test.each(['😀'.repeat(50_000), `:${'x'.repeat(100_000)}:`])(
    'as a reaction is cut: %.3s',
    async (content) => {
      const { scene } = stage;
      const seen = await watch(() => post('victim', { type: 'EmojiReact', object: scene.ours, content }));
      expect(seen.bodies).toHaveLength(1);
      expect(seen.bodies[0]?.length).toBeLessThan(120);
    },
  );
});

test('45. a Follow of who left is refused, wherever it is told', async () => {
  const { gateway, scene } = stage;
  const write = (body: string): void =>
    gateway.xmpp.write(
      `<message type='chat' from='carl@xmpp.test/x' to='${DOMAIN}' id='${nextMark()}'><body>${body}</body></message>`,
    );
  write('register');
  await gateway.untilWritten('to="carl@xmpp.test"');
  await stage.look();
  const [carl] = await query<{ id: string }>(`select id from users where jid = 'carl@xmpp.test'`);
  const follow = async (target: string): Promise<number> => {
    const activity = { id: scene.at(nextMark()), type: 'Follow', actor: scene.mallory };
    const object = `https://${DOMAIN}/u/${carl?.id}`;
    return send({ ...scene.signed('mallory', { ...activity, object }, { target }), target });
  };
  expect(await follow('/inbox')).toBe(202);
  await stage.look();
  expect(await query(`select actor_id from follows where user_id = $1`, [carl?.id])).toHaveLength(1);
  write('leave yes');
  await expect
    .poll(() => query(`select 1 from users where id = $1 and state = 'left'`, [carl?.id]))
    .toHaveLength(1);
  // Who is here is remembered for a moment.
  await expect.poll(() => follow('/inbox')).toBe(404);
  const seen = await watch(async () => {
    expect(await follow('/inbox')).toBe(404);
    expect(await follow(`/u/${carl?.id}/inbox`)).toBe(410);
  });
  expect(seen).toMatchObject({ asked: [], bodies: [] });
  expect(await query(`select actor_id from follows where user_id = $1`, [carl?.id])).toEqual([]);
});

test('46. a private note looks to strangers, and to the blocked, like one that never was', async () => {
  const { scene, gateway } = stage;
  const real = new URL(scene.ours).pathname;
  const none = real.replace(/.$/u, (last) => (last === 'z' ? 'y' : 'z'));
  const get = async (target: string, by?: string): Promise<string> => {
    const key = { key: scene.other.privateKey };
    const keyId = `${by}#main-key`;
    const headers =
      by === undefined
        ? ([['host', DOMAIN]] as const)
        : scene.signed('', '', { method: 'get', target, keyId, ...key }).headers;
    const answer = await gateway.raw(toWire({ method: 'GET', target, headers }));
    return answer.replace(/^date: .*$/imu, '');
  };
  const STATUS = /^HTTP\/1\.1 (\d+)/u;
  const statusOf = (answer: string): string => STATUS.exec(answer)?.[1] ?? '';
  // The name of who asks is the peer's, as it is for who was written to.
  expect(statusOf(await get(real, scene.victim))).toBe('200');
  for (const by of [undefined, scene.stranger, scene.at('users/nobody'), scene.alice]) {
    const seen = await get(real, by);
    expect([by, statusOf(seen)]).toEqual([by, '404']);
    expect(seen).toBe(await get(none, by));
  }
  await blockHost(gateway.database.db, 'localhost');
  await expect.poll(async () => statusOf(await get(real, scene.victim))).toBe('404');
  expect(await get(real, scene.victim)).toBe(await get(none, scene.victim));
});

test('nothing of all this was a mistake of ours', () => {
  expect(stage.gateway.logged.filter((line) => line.includes('"level":"error"'))).toEqual([]);
});
