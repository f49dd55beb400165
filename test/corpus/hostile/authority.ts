import type { HostileRequest } from '../../support/hostile-request.ts';
import { type Attack, LET_IN, type Scene } from './attack.ts';

const PUBLIC = 'https://www.w3.org/ns/activitystreams#Public';

/** An activity of Mallory's, about whatever it is. */
const byMallory =
  (activity: (scene: Scene, mark: string) => object): Attack['send'] =>
  (scene, mark): HostileRequest =>
    scene.signed('mallory', { id: scene.at(`${mark}/a`), actor: scene.mallory, ...activity(scene, mark) });

const letIn = (entry: number, name: string, activity: (scene: Scene, mark: string) => object): Attack => ({
  entry,
  name,
  ...LET_IN,
  send: byMallory(activity),
});

/** The same, and not worth keeping. */
const waved = (entry: number, name: string, activity: (scene: Scene, mark: string) => object): Attack => ({
  entry,
  name,
  status: 202,
  send: byMallory(activity),
});

const create = (scene: Scene, mark: string, object: object, outer: object = {}): object =>
  scene.note(mark, object, outer);

export const AUTHORITY_ATTACKS: readonly Attack[] = [
  letIn(29, 'a Delete of somebody else on the same server', (s) => ({ type: 'Delete', object: s.victim })),
  letIn(29, 'the same, as a Tombstone', (s) => ({
    type: 'Delete',
    object: { id: s.victim, type: 'Tombstone' },
  })),
  letIn(29, 'a Delete of one of us', (s) => ({ type: 'Delete', object: s.alice })),
  letIn(29, 'a Delete of somebody on another server', (s) => ({ type: 'Delete', object: s.stranger })),
  letIn(30, 'an Update of somebody else, with a new key', (s) => ({
    type: 'Update',
    object: {
      id: s.victim,
      type: 'Person',
      preferredUsername: 'victim',
      inbox: `${s.mallory}/inbox`,
      publicKey: { id: `${s.victim}#main-key`, owner: s.victim, publicKeyPem: s.other.pem },
    },
  })),
  letIn(30, 'an Update of one of us', (s) => ({
    type: 'Update',
    object: { id: s.alice, type: 'Person', preferredUsername: 'alice', inbox: `${s.mallory}/inbox` },
  })),
  letIn(31, 'an Update of the victim’s note, attributed to the victim', (s, m) => ({
    type: 'Update',
    object: {
      id: s.shown,
      type: 'Note',
      attributedTo: s.victim,
      to: [s.alice],
      content: m,
      updated: new Date().toISOString(),
    },
  })),
  letIn(31, 'an Update of the victim’s note, attributed to the attacker', (s, m) => ({
    type: 'Update',
    object: {
      id: s.shown,
      type: 'Note',
      attributedTo: s.mallory,
      to: [s.alice],
      content: m,
      updated: new Date().toISOString(),
    },
  })),
  letIn(31, 'an Update of a note of ours', (s, m) => ({
    type: 'Update',
    object: {
      id: s.ours,
      type: 'Note',
      attributedTo: s.alice,
      to: [s.alice],
      content: m,
      updated: new Date().toISOString(),
    },
  })),
  letIn(32, 'a Delete of the victim’s note', (s) => ({ type: 'Delete', object: s.shown })),
  letIn(32, 'the same, as a Tombstone', (s) => ({
    type: 'Delete',
    object: { id: s.shown, type: 'Tombstone', formerType: 'Note' },
  })),
  letIn(32, 'a Delete of a note of ours', (s) => ({ type: 'Delete', object: s.ours })),
  ...(['Follow', 'Like', 'Block', 'Announce'] as const).map((type) =>
    letIn(33, `an Undo of the victim’s ${type}, told whole`, (s) => ({
      type: 'Undo',
      object: { id: s.at(`${type}/of-victim`), type, actor: s.victim, object: s.alice },
    })),
  ),
  letIn(33, 'an Undo of a follow of ours', (s) => ({ type: 'Undo', object: s.follow })),
  letIn(33, 'an Undo of a follow of ours, told whole', (s) => ({
    type: 'Undo',
    object: { id: s.follow, type: 'Follow', actor: s.alice, object: s.victim },
  })),
  ...(['Accept', 'Reject'] as const).flatMap((type) => [
    letIn(34, `${type} by somebody who was not asked`, (s) => ({ type, object: s.follow })),
    letIn(34, `${type} by somebody who was not asked, told whole`, (s) => ({
      type,
      object: { id: s.follow, type: 'Follow', actor: s.alice, object: s.victim },
    })),
    letIn(34, `${type} of what was never asked`, (s, m) => ({
      type,
      object: { id: `https://${s.domain}/f/${m}`, type: 'Follow', actor: s.alice, object: s.mallory },
    })),
  ]),
  letIn(35, 'a note of the victim on the same server', (s, m) => create(s, m, { attributedTo: s.victim })),
  letIn(35, 'a note of somebody on another server', (s, m) => create(s, m, { attributedTo: s.stranger })),
  letIn(35, 'a note of the attacker and the victim', (s, m) =>
    create(s, m, { attributedTo: [s.mallory, s.victim] }),
  ),
  letIn(35, 'a note of the victim and the attacker', (s, m) =>
    create(s, m, { attributedTo: [s.victim, s.mallory] }),
  ),
  letIn(35, 'a note of the victim, told whole', (s, m) =>
    create(s, m, { attributedTo: { id: s.victim, type: 'Person' } }),
  ),
  letIn(35, 'a note of nobody', (s, m) => create(s, m, { attributedTo: null })),
  letIn(35, 'a note with an actor in the place of its author', (s, m) =>
    create(s, m, { attributedTo: undefined, actor: s.mallory }),
  ),
  letIn(36, 'a Create around a note of another server', (s, m) =>
    create(s, m, { id: `${s.other.origin}/${m}`, attributedTo: s.stranger }),
  ),
  letIn(36, 'a Create around a note of the attacker with an id of another server', (s, m) =>
    create(s, m, { id: `${s.other.origin}/${m}` }),
  ),
  letIn(36, 'a Create around a note with an id of ours', (s, m) =>
    create(s, m, { id: `https://${s.domain}/n/${m}` }),
  ),
  waved(36, 'an Announce around a note of another server, told whole', (s, m) => ({
    type: 'Announce',
    to: [PUBLIC],
    object: {
      id: `${s.other.origin}/${m}`,
      type: 'Note',
      attributedTo: s.stranger,
      to: [s.alice],
      content: m,
    },
  })),
  letIn(36, 'a Create of a link', (s, m) => ({
    type: 'Create',
    to: [s.alice],
    object: `${s.other.origin}/${m}`,
  })),
  letIn(39, 'a note of ours with a wider audience', (s, m) =>
    create(s, m, { id: s.ours, to: [s.alice, PUBLIC] }, { type: 'Update' }),
  ),
  ...[
    ['to somebody who does not know of it', (s: Scene) => s.stranger],
    ['to one of us', (s: Scene) => s.alice],
    ['to itself', (s: Scene) => s.mallory],
  ].map(
    ([where, target]): Attack => ({
      entry: 42,
      name: `a Move ${String(where)}`,
      ...LET_IN,
      asks: 2,
      send: byMallory((s) => ({
        type: 'Move',
        object: s.mallory,
        target: typeof target === 'function' ? target(s) : '',
      })),
    }),
  ),
  {
    entry: 42,
    name: 'a Move of the victim',
    ...LET_IN,
    asks: 2,
    send: byMallory((s) => ({ type: 'Move', object: s.victim, target: s.mallory })),
  },
  {
    entry: 42,
    name: 'a Move of the victim to an account that agrees to whatever it is',
    ...LET_IN,
    asks: 2,
    prepare: (s) => void s.peer.addActor('yes', { alsoKnownAs: [s.mallory, s.victim] }),
    send: byMallory((s) => ({ type: 'Move', object: s.victim, target: s.at('users/yes') })),
  },
  {
    entry: 43,
    name: 'a Block in the name of the victim',
    status: 401,
    send: (s, m) =>
      s.signed('mallory', { id: s.at(`${m}/b`), type: 'Block', actor: s.victim, object: s.alice }),
  },
  letIn(43, 'a Block of somebody else by the victim, told by the attacker', (s, m) => ({
    type: 'Block',
    object: { id: s.at(m), type: 'Block', actor: s.victim, object: s.alice },
  })),
  {
    entry: 43,
    name: 'a Flag with ten thousand objects',
    ...LET_IN,
    send: byMallory((s, m) => ({
      type: 'Flag',
      object: Array.from({ length: 10_000 }, (_, n) => `https://${s.domain}/n/${m}x${n}`),
    })),
  },
  {
    entry: 43,
    name: 'a Flag with 900 KB of words',
    ...LET_IN,
    send: byMallory((s, m) => ({
      type: 'Flag',
      object: [`https://${s.domain}/n/${m}`],
      content: m.repeat(900_000 / m.length),
    })),
  },
  {
    entry: 44,
    name: 'an activity with an id of ours',
    status: 400,
    send: (s, m) => s.signed('mallory', s.note(m, {}, { id: `https://${s.domain}/a/${m}` })),
  },
  {
    entry: 44,
    name: 'an activity with an id of another server',
    status: 400,
    send: (s, m) => s.signed('mallory', s.note(m, {}, { id: `${s.other.origin}/${m}` })),
  },
  {
    entry: 44,
    name: 'an activity with the id of a follow of ours',
    status: 400,
    send: (s, m) => s.signed('mallory', s.note(m, {}, { id: s.follow })),
  },
  // An Undo of our actor by its bare id, under an id below it, is let in for snac: nothing that only looks alike.
  letIn(44, 'an Undo with an id below our actor, of whom the attacker does not follow', (s) => ({
    id: `${s.alice}/Undo_1.1`,
    type: 'Undo',
    object: s.alice,
  })),
  {
    entry: 44,
    name: 'an Undo with an id below our actor, in the name of the victim',
    status: 401,
    send: (s) =>
      s.signed('mallory', { id: `${s.alice}/Undo_1.2`, type: 'Undo', actor: s.victim, object: s.alice }),
  },
  ...(
    [
      ['a Block with an id below our actor', (s) => ({ id: `${s.alice}/Undo_1`, type: 'Block' })],
      ['a Follow with an id below our actor', (s) => ({ id: `${s.alice}/Undo_1`, type: 'Follow' })],
      ['a Delete with an id below our actor', (s) => ({ id: `${s.alice}/Undo_1`, type: 'Delete' })],
      ['an Undo with the id of our Delete', (s) => ({ id: `${s.alice}#delete` })],
      ['an Undo with the id of our inbox', (s) => ({ id: `${s.alice}/inbox` })],
      ['an Undo with an id below another of us', (s) => ({ id: `${s.alice}x/Undo_1` })],
      ['an Undo with an id that leads back up', (s) => ({ id: `${s.alice}/Undo_1/../../n/1` })],
      [
        'an Undo of a follow of ours, with an id below it',
        (s) => ({ id: `${s.follow}/Undo_1`, object: s.follow }),
      ],
      ['an Undo of a note of ours, with an id below it', (s) => ({ id: `${s.ours}/Undo_1`, object: s.ours })],
      [
        'an Undo of one of us, told whole, with an id below it',
        (s) => ({
          id: `${s.alice}/Undo_1`,
          object: { id: s.alice },
        }),
      ],
      [
        'an Undo of a stranger, with an id below them',
        (s) => ({
          id: `${s.stranger}/Undo_1`,
          object: s.stranger,
        }),
      ],
    ] satisfies readonly (readonly [string, (scene: Scene) => object])[]
  ).map(
    ([name, activity]): Attack => ({
      entry: 44,
      name,
      status: 400,
      send: byMallory((s) => ({ type: 'Undo', object: s.alice, ...activity(s) })),
    }),
  ),
  ...(
    [
      ['nobody here', '/u/nobody1'],
      ['a name, not of an id', '/@alice'],
      ['the shared inbox', '/inbox'],
      ['a private note', '/n/note1'],
    ] as const
  ).map(
    ([whom, path]): Attack => ({
      entry: 45,
      name: `a Follow of ${whom}`,
      status: 404,
      send: byMallory((s) => ({ type: 'Follow', object: `https://${s.domain}${path}` })),
    }),
  ),
  waved(45, 'a Follow of a JID that never registered', () => ({
    type: 'Follow',
    object: 'xmpp:bob@xmpp.test',
  })),
  letIn(45, 'a Follow of two', (s) => ({ type: 'Follow', object: [s.alice, s.victim] })),
  ...(['nobody1', 'Nobody', '..%2f..%2finbox', '%00'] as const).map(
    (id): Attack => ({
      entry: 45,
      name: `a Follow at the inbox of ${id}`,
      status: [400, 404],
      send: (s, m) => ({
        ...s.signed(
          'mallory',
          { id: s.at(`${m}/f`), type: 'Follow', actor: s.mallory, object: s.alice },
          { target: `/u/${id}/inbox` },
        ),
        target: `/u/${id}/inbox`,
      }),
    }),
  ),
  ...(['mallory', 'unrelated'] as const).map(
    (by): Attack => ({
      entry: 46,
      name: `a private note, asked for by ${by === 'mallory' ? 'nobody' : 'somebody whom it was not meant for'}`,
      status: 404,
      asks: 4,
      may: ['remote_actors', 'remote_keys', 'handles'],
      send: (s) => {
        const target = new URL(s.ours).pathname;
        const signed = s.signed('stranger', '', {
          method: 'get',
          target,
          keyId: `${s.stranger}#main-key`,
          key: s.other.privateKey,
        });
        return { method: 'GET', target, headers: by === 'mallory' ? [['host', s.domain]] : signed.headers };
      },
    }),
  ),
  {
    entry: 47,
    name: 'a private note, asked for under the name of another actor of the attacker’s server',
    status: 404,
    send: (s) => {
      const target = new URL(s.ours).pathname;
      const signed = s.signed('stranger', '', {
        method: 'get',
        target,
        keyId: `${s.stranger}#main-key`,
        key: s.other.privateKey,
      });
      return { method: 'GET', target, headers: [...signed.headers, ['x-original-actor', s.victim]] };
    },
  },
  waved(48, 'a note to nobody here', (s, m) => create(s, m, { to: [s.victim], tag: [] }, { to: [s.victim] })),
  waved(48, 'a public note of whose author nobody asked', (s, m) =>
    create(s, m, { to: [PUBLIC], tag: [] }, { to: [PUBLIC] }),
  ),
  letIn(49, 'a note that names one of us in bcc only', (s, m) =>
    create(
      s,
      m,
      { to: [s.victim], bcc: [s.alice], bto: [s.alice], tag: [] },
      { to: [s.victim], bcc: [s.alice], bto: [s.alice] },
    ),
  ),
  letIn(50, 'a chat message to two', (s, m) =>
    create(s, m, { type: 'ChatMessage', to: [s.alice, s.victim] }),
  ),
  letIn(50, 'a chat message with a copy', (s, m) => create(s, m, { type: 'ChatMessage', cc: [s.victim] })),
  letIn(50, 'a chat message to all', (s, m) => create(s, m, { type: 'ChatMessage', to: [s.alice, PUBLIC] })),
];
