import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseActivity, peekActivity } from '../../src/activitypub/parse.ts';
import { anyUrl } from '../support/any-string.ts';

const ACTOR = 'https://m.example/users/bob';
const US = 'https://ap.example/u/01j9';
const ID = 'https://m.example/activities/1';
const NOTE = { id: 'https://m.example/notes/1', type: 'Note', attributedTo: ACTOR, content: 'hi' };

const activity = (type: unknown, object: unknown, more: Record<string, unknown> = {}) => ({
  id: ID,
  type,
  actor: ACTOR,
  object,
  ...more,
});
const read = (json: unknown) => {
  const parsed = parseActivity(json);
  if (!parsed.ok) throw new Error(parsed.problem);
  return parsed.value;
};

describe('peekActivity', () => {
  test('gives id, actor and type, and looks at nothing else', () => {
    expect(peekActivity(activity('Create', 7))).toEqual({
      ok: true,
      value: { id: ID, actor: ACTOR, type: 'Create' },
    });
    expect(peekActivity({ ...activity(['x:Y', 'Create'], 7), actor: [{ id: ACTOR }] })).toMatchObject({
      value: { actor: ACTOR, type: 'Create' },
    });
  });

  test.each([
    ['another host', 'https://evil.example/1'],
    ['another port', 'https://m.example:8443/1'],
    ['no URL', 'urn:uuid:1'],
  ])('refuses an id on %s', (_, id) => {
    expect(peekActivity({ ...activity('Follow', US), id }).ok).toBe(false);
  });
});

describe('an activity without an id', () => {
  test.each(['Add', 'Remove', 'View'])('may be a %s, which is not carried', (type) => {
    const json = { type, actor: ACTOR, object: 'https://m.example/notes/1' };
    expect(peekActivity(json)).toEqual({ ok: true, value: { id: undefined, actor: ACTOR, type } });
    expect(read(json)).toEqual({ type: 'Other', id: undefined, actor: ACTOR, name: type });
  });

  test.each(['Follow', 'Undo', ['View', 'Create']])('is refused where it is a %j', (type) => {
    const json = { ...activity(type, NOTE), id: undefined };
    expect([peekActivity(json).ok, parseActivity(json).ok]).toEqual([false, false]);
  });
});

describe('an activity with the id of its object', () => {
  const post = { ...NOTE, updated: '2026-11-21T12:00:00+01:00' };
  const idOf = (type: string, object: unknown): unknown => {
    const json = { ...activity(type, object), id: NOTE.id };
    const peeked = peekActivity(json);
    expect(read(json)).toMatchObject({ id: peeked.ok && peeked.value.id });
    return peeked.ok && peeked.value.id;
  };

  test('is told apart from the Create, and from an earlier Update', () => {
    expect(idOf('Create', post)).toBe(NOTE.id);
    expect(idOf('Update', post)).toBe(`${NOTE.id}#Update/2026-11-21T11:00:00.000Z`);
    expect(idOf('Update', [post])).toBe(idOf('Update', post));
    expect(idOf('Delete', post)).toBe(`${NOTE.id}#Delete`);
    expect(idOf('Delete', NOTE.id)).toBe(`${NOTE.id}#Delete`);
  });

  test('is told apart from an earlier Update by what it says, where no time does; a copy of it is not', () => {
    const edit = (content: string) => String(idOf('Update', { ...NOTE, content }));
    expect(edit('once')).toMatch(/#Update\/[\w-]{43}$/u);
    expect(edit('once').startsWith(`${NOTE.id}#Update/`)).toBe(true);
    expect(edit('twice')).not.toBe(edit('once'));
    expect(edit('once')).toBe(edit('once'));
  });

  test('any other keeps the id that it has', () => {
    for (const type of ['Update', 'Delete']) expect(read(activity(type, post))).toMatchObject({ id: ID });
    expect(idOf('Follow', NOTE.id)).toBe(NOTE.id);
  });
});

describe('what names an object', () => {
  test.each(['Follow', 'Block', 'Delete'])('%s: an id, the thing itself, a list of one', (type) => {
    for (const object of [US, { id: US, type: 'Tombstone' }, [US]])
      expect(read(activity(type, object))).toEqual({ type, id: ID, actor: ACTOR, object: US });
  });

  test.each(['Accept', 'Reject', 'Undo'])('%s: an activity, whole or by its id', (type) => {
    const inner = { id: 'https://m.example/f/1', type: 'Follow', actor: ACTOR, object: { id: US } };
    expect(read(activity(type, inner))).toEqual({
      type,
      id: ID,
      actor: ACTOR,
      ref: { ...inner, object: US },
    });
    expect(read(activity(type, [inner.id]))).toMatchObject({
      ref: { id: inner.id, type: undefined, actor: undefined, object: undefined },
    });
    // COMPAT: some send the inner activity without an id.
    expect(read(activity(type, { ...inner, id: undefined }))).toMatchObject({
      ref: { id: undefined, type: 'Follow', object: US },
    });
  });

  test('an Undo is of what the same actor did', () => {
    const inner = { id: 'https://m.example/f/1', type: 'Follow', actor: US, object: ACTOR };
    expect(parseActivity(activity('Undo', inner)).ok).toBe(false);
    expect(parseActivity(activity('Accept', inner)).ok).toBe(true);
  });
});

describe.each(['Create', 'Update'] as const)('%s', (type) => {
  test('holds the note', () => {
    expect(read(activity(type, NOTE))).toMatchObject({
      type,
      id: ID,
      actor: ACTOR,
      note: { id: NOTE.id, type: 'Note', attributedTo: ACTOR, content: 'hi', to: [], cc: [] },
    });
    expect(read(activity(type, [NOTE])).type).toBe(type);
  });

  test.each(['ChatMessage', 'Article', 'Page', 'Question', 'Image', 'Video', 'Audio', 'Event'])(
    'a %s is shown as a note',
    (kind) => {
      expect(read(activity(type, { ...NOTE, type: kind }))).toMatchObject({ type, note: { type: kind } });
    },
  );

  test('of what is not embedded, or is no note, is not carried', () => {
    const other = { type: 'Other', id: ID, actor: ACTOR, name: type };
    expect(read(activity(type, 'https://victim.example/notes/1'))).toEqual(other);
    expect(read(activity(type, { ...NOTE, type: 'Place' }))).toEqual(other);
    expect(read(activity('Create', { id: ACTOR, type: 'Person', inbox: `${ACTOR}/inbox` }))).toMatchObject({
      type: 'Other',
    });
  });

  test.each([
    ['a note of another host', { id: 'https://victim.example/notes/1' }],
    ['a note without an id', { id: undefined }],
    ['a note of another author', { attributedTo: 'https://victim.example/u' }],
    ['a note of another author of the same host', { attributedTo: 'https://m.example/users/eve' }],
    ['a note of two authors', { attributedTo: [ACTOR, 'https://m.example/users/eve'] }],
    ['a note of nobody', { attributedTo: undefined }],
  ])('refuses %s', (_, change) => {
    expect(parseActivity(activity(type, { ...NOTE, ...change })).ok).toBe(false);
  });

  test('takes an author in a list of one, or embedded', () => {
    for (const attributedTo of [[ACTOR], { id: ACTOR }, [{ id: ACTOR, type: 'Person' }]])
      expect(read(activity(type, { ...NOTE, attributedTo }))).toMatchObject({
        note: { attributedTo: ACTOR },
      });
  });
});

test.each([
  ['Like', {}, {}],
  ['Like', { content: '🍮' }, { content: '🍮' }],
  [
    'Like',
    { _misskey_reaction: ':blobcat:', tag: { type: 'Emoji', name: ':blobcat:' } },
    { content: ':blobcat:' },
  ],
  ['EmojiReact', { content: ' \u202e👍\n' }, { content: '👍' }],
  ['EmojiReact', { content: { evil: 1 } }, {}],
  ['Announce', { content: 'ignored' }, {}],
] as const)('%s with %j', (type, fields, expected) => {
  const read1 = read({ ...activity(type, 'https://ap.example/n/1'), ...fields });
  expect(read1).toEqual({ type, id: ID, actor: ACTOR, object: 'https://ap.example/n/1', ...expected });
});

test.each(['Remove', 'Add', 'constructor', '__proto__'])('%s is not carried', (type) => {
  expect(read(activity(type, { id: 'https://victim.example/1' }))).toEqual({
    type: 'Other',
    id: ID,
    actor: ACTOR,
    name: type,
  });
});

/** JSON that nearly is an activity: hostile values in the places that are read. */
const value = fc.oneof(
  fc.jsonValue({ maxDepth: 3 }),
  fc.constantFrom<unknown>(ACTOR, US, NOTE, [NOTE], [ACTOR, US], { id: US }, 'Create', 'Follow', 'Public'),
  anyUrl(),
);
const nearly = fc.dictionary(
  fc.constantFrom(
    'to',
    'cc',
    'tag',
    'attachment',
    'url',
    'type',
    'content',
    'contentMap',
    'published',
    'name',
  ),
  value,
);

test('never throws on any JSON', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (json) => {
      expect([parseActivity(json).ok, peekActivity(json).ok]).toEqual([false, false]);
    }),
  );
});

test('whatever is in its fields, a note is its actor’s and within its limits', () => {
  const change = fc.record({ type: fc.constantFrom('Create', 'Update'), note: nearly, activity: nearly });
  fc.assert(
    fc.property(change, ({ type, ...changes }) => {
      const note = { ...NOTE, ...changes.note };
      const parsed = parseActivity({ ...activity(type, note), ...changes.activity });
      if (!parsed.ok || (parsed.value.type !== 'Create' && parsed.value.type !== 'Update')) return;
      expect(parsed.value.note.attributedTo).toBe(parsed.value.actor);
      expect(new URL(parsed.value.note.id).host).toBe(new URL(parsed.value.actor).host);
      expect(parsed.value.note.to.length + parsed.value.note.cc.length).toBeLessThanOrEqual(500);
    }),
    { numRuns: 500 },
  );
});

describe('Update of an actor', () => {
  const person = {
    id: ACTOR,
    type: 'Person',
    preferredUsername: 'bob',
    name: 'Bob',
    inbox: `${ACTOR}/inbox`,
  };

  test('by itself is what it says now', () => {
    expect(read(activity('Update', person))).toMatchObject({
      type: 'UpdateActor',
      actor: ACTOR,
      profile: { id: ACTOR, name: 'Bob' },
    });
  });

  test.each([
    ['of somebody else on the same host', { id: 'https://m.example/users/eve' }],
    ['of somebody else', { id: 'https://victim.example/u' }],
    ['with an inbox elsewhere', { inbox: 'https://victim.example/inbox' }],
    ['without a name', { preferredUsername: undefined }],
  ])('%s is refused', (_, change) => {
    expect(parseActivity(activity('Update', { ...person, ...change })).ok).toBe(false);
  });
});

describe('Move and Flag', () => {
  test('an actor moves itself, to somewhere', () => {
    const target = 'https://n.example/users/bob';
    expect(read({ ...activity('Move', ACTOR), target })).toMatchObject({ type: 'Move', target });
    for (const [object, to] of [
      ['https://m.example/users/eve', target],
      [ACTOR, ACTOR],
      [ACTOR, undefined],
    ])
      expect(parseActivity({ ...activity('Move', object), target: to }).ok).toBe(false);
  });

  test('a report names at most a hundred things and says 5,000 characters', () => {
    const object = Array.from({ length: 200 }, (_, n) => `https://ap.example/n/${n}`);
    const flag = read({ ...activity('Flag', object), content: 'x'.repeat(9_000) });
    expect(flag).toMatchObject({ type: 'Flag' });
    expect(flag.type === 'Flag' && [flag.objects.length, flag.content.length]).toEqual([100, 5_000]);
    expect(parseActivity(activity('Flag', [])).ok).toBe(false);
  });
});

describe('QuoteRequest (FEP-044f)', () => {
  const quoted = 'https://ap.example/n/1';
  const instrument = 'https://m.example/notes/2';

  test.each([
    ['as an id', instrument],
    ['whole', { id: instrument, type: 'Note' }],
  ])('the post that would quote comes %s', (_how, given) => {
    const request = read({ ...activity('QuoteRequest', quoted), instrument: given });
    expect(request).toMatchObject({ type: 'QuoteRequest', object: quoted, instrument });
  });

  test('it may be left out, what it would quote may not', () => {
    expect(read(activity('QuoteRequest', { id: quoted }))).toMatchObject({
      object: quoted,
      instrument: undefined,
    });
    expect(parseActivity({ ...activity('QuoteRequest', []), instrument }).ok).toBe(false);
  });
});
