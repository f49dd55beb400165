import { describe, expect, test } from 'vitest';
import { nameUndo } from '../../src/activitypub/name-undo.ts';
import { parseActivity, peekActivity } from '../../src/activitypub/parse.ts';

const ORIGIN = 'https://ap.example';
const ALICE = `${ORIGIN}/u/01j9`;
const CAROL = 'https://snac.example/carol';
const TIME = 'Undo_1795870376.034651';
const undo = { id: `${ALICE}/${TIME}`, type: 'Undo', actor: CAROL, object: ALICE };

test('an Undo of our actor itself, under an id below it, is one of the Follow, under an id at its actor', () => {
  const named = nameUndo({ ...undo, published: '2026-11-28T12:52:56Z' }, ORIGIN);
  const { id = '' } = peekActivity(named).ok ? { id: String(named?.['id']) } : {};
  expect(id).toMatch(/^https:\/\/snac\.example\/carol#undo-[\w-]{43}$/u);
  expect(parseActivity(named)).toEqual({
    ok: true,
    value: {
      type: 'Undo',
      id,
      actor: CAROL,
      ref: { id: undefined, type: 'Follow', actor: CAROL, object: ALICE },
    },
  });
  expect(nameUndo(undo, ORIGIN)?.['id']).toBe(id);
  expect(nameUndo({ ...undo, id: `${ALICE}/Undo_2` }, ORIGIN)?.['id']).not.toBe(id);
  expect(nameUndo({ ...undo, actor: `${CAROL}#me` }, ORIGIN)).toMatchObject({ id, actor: `${CAROL}#me` });
});

/** Each is nearly that, and lies at another host than its actor. */
const NEAR_MISSES: readonly (readonly [string, unknown])[] = [
  ...['Follow', 'Accept', 'Reject', 'Block', 'Delete', 'Like', 'Create', 'undo'].map(
    (type) => [`a ${type}`, { ...undo, type, id: `${ALICE}/${type}_1` }] as const,
  ),
  ['a Follow whose id says Undo', { ...undo, type: 'Follow' }],
  ['an Undo among other types', { ...undo, type: ['Undo'] }],
  ['no type', { ...undo, type: undefined }],
  ['an id below somebody else', { ...undo, id: `${ORIGIN}/u/01ja/${TIME}` }],
  ['an id below somebody whose name begins alike', { ...undo, id: `${ALICE}0/${TIME}` }],
  ['an id beside it', { ...undo, id: `${ALICE}${TIME}` }],
  ['the id of the object itself', { ...undo, id: ALICE }],
  ['an id below it that is no Undo', { ...undo, id: `${ALICE}/inbox` }],
  ['an id further below', { ...undo, id: `${ALICE}/outbox/${TIME}` }],
  ['an id that leads back up', { ...undo, id: `${ALICE}/Undo_1/../../../n/1` }],
  ['an id with a query', { ...undo, id: `${ALICE}/${TIME}?x` }],
  ['an id with a fragment', { ...undo, id: `${ALICE}/${TIME}#delete` }],
  ['an id without a time', { ...undo, id: `${ALICE}/Undo_` }],
  ['an id with a long time', { ...undo, id: `${ALICE}/Undo_${'1'.repeat(41)}` }],
  ['an id that is told whole', { ...undo, id: { id: undo.id } }],
  ['an object that is told whole', { ...undo, object: { id: ALICE } }],
  ['a Follow as the object', { ...undo, object: { type: 'Follow', actor: CAROL, object: ALICE } }],
  ['an object in a list', { ...undo, object: [ALICE] }],
  ['a note of ours', { ...undo, id: `${ORIGIN}/n/1/${TIME}`, object: `${ORIGIN}/n/1` }],
  ['a Follow of ours', { ...undo, id: `${ORIGIN}/f/1/${TIME}`, object: `${ORIGIN}/f/1` }],
  ['the gateway’s own actor', { ...undo, id: `${ORIGIN}/actor/${TIME}`, object: `${ORIGIN}/actor` }],
  ['the page of an actor', { ...undo, id: `${ORIGIN}/@alice/${TIME}`, object: `${ORIGIN}/@alice` }],
  ['an actor with a fragment', { ...undo, id: `${ALICE}#x/${TIME}`, object: `${ALICE}#x` }],
  ['an actor of ours in other letters', { ...undo, id: undo.id.replace('ap', 'AP'), object: ALICE }],
  [
    'an actor of another server',
    { ...undo, id: `https://third.example/u/01j9/${TIME}`, object: 'https://third.example/u/01j9' },
  ],
  ['no object', { ...undo, object: undefined }],
  ['nothing at all', undefined],
  ['a list', [undo]],
];

describe('nothing else with an id at another host passes:', () => {
  test.each(NEAR_MISSES)('%s', (_, json) => {
    expect(nameUndo(json, ORIGIN)).toBeUndefined();
    expect(peekActivity(json).ok).toBe(false);
  });

  test('an actor that is none', () => {
    for (const actor of [
      '',
      'carol',
      'https://a b/',
      `${CAROL}\\x`,
      `${CAROL}${'x'.repeat(1_024)}`,
      7,
      [CAROL],
    ])
      expect(peekActivity(nameUndo({ ...undo, actor }, ORIGIN) ?? { ...undo, actor }).ok).toBe(false);
  });

  test('what has an id of its own stays as it is', () => {
    expect(nameUndo({ ...undo, id: `${CAROL}/Undo_1` }, ORIGIN)).toBeUndefined();
    expect(nameUndo({ ...undo, actor: `${ORIGIN}/u/01ja` }, ORIGIN)).toBeUndefined();
  });
});
