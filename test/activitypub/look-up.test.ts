import { describe, expect, test } from 'vitest';
import { createLookUp } from '../../src/activitypub/look-up.ts';
import type { GetJson } from '../../src/activitypub/types.ts';
import { createWebfinger } from '../../src/activitypub/webfinger-client.ts';
import {
  actorDocument,
  type Documents,
  fingerDocument,
  fingerUrl,
  serveDocuments,
} from './support/documents.ts';

const ID = 'https://m.example/users/alice';
const ALIAS = 'https://m.example/@alice';
const HANDLE = { user: 'alice', host: 'm.example' };
const WORLD: Documents = {
  [fingerUrl('alice@m.example')]: fingerDocument('alice@m.example', ID),
  [ID]: actorDocument(ID),
};

const setUp = (documents: Documents, redirects: Record<string, string> = {}) => {
  const { getJson, asked } = serveDocuments(documents, redirects);
  const state = { time: 1_000_000 };
  const webfinger = createWebfinger({ getJson, allowPrivate: false });
  const lookUp = createLookUp({ getJson, webfinger, now: () => new Date(state.time) });
  return { ...lookUp, asked, state };
};
const reasonOf = async (outcome: ReturnType<ReturnType<typeof setUp>['fetchActor']>) => {
  const known = await outcome;
  return known.ok ? 'ok' : known.refusal.reason;
};

describe('resolveHandle', () => {
  test('goes from the handle to the actor, with the canonical handle', async () => {
    const { resolveHandle } = setUp({
      [fingerUrl('alias@m.example')]: fingerDocument('alice@m.example', ID),
      [ID]: actorDocument(ID),
    });
    expect(await resolveHandle({ user: 'alias', host: 'm.example' })).toMatchObject({
      ok: true,
      value: { id: ID, preferredUsername: 'Alice', handle: HANDLE },
    });
  });

  test('asks once: at the same time, and later', async () => {
    const { resolveHandle, asked, state } = setUp(WORLD);
    await Promise.all([resolveHandle(HANDLE), resolveHandle({ user: 'ALICE', host: 'm.example' })]);
    await resolveHandle(HANDLE);
    expect(asked.length).toBe(2);
    state.time += 11 * 60_000;
    await resolveHandle(HANDLE);
    expect(asked.length).toBe(4);
  });

  test('refuses an actor that WebFinger does not name itself', async () => {
    const loop = { ...WORLD, [fingerUrl('alice@m.example')]: fingerDocument('alice@m.example', ALIAS) };
    expect(await reasonOf(setUp(loop, { [ALIAS]: ID }).resolveHandle(HANDLE))).toBe('not-found');
    const foreign = {
      ...WORLD,
      [fingerUrl('alice@evil.example')]: fingerDocument('alice@evil.example', 'https://evil.example/u'),
    };
    const victim = setUp(foreign, { 'https://evil.example/u': ID });
    expect(await reasonOf(victim.resolveHandle({ user: 'alice', host: 'evil.example' }))).toBe('not-found');
  });

  test.each(['gone', 'host-unreachable', 'refused-by-host', 'policy'])('passes on %s', async (reason) => {
    expect(await reasonOf(setUp({ ...WORLD, [ID]: reason }).resolveHandle(HANDLE))).toBe(reason);
    const unknown = { [fingerUrl('alice@m.example')]: reason };
    expect(await reasonOf(setUp(unknown).resolveHandle(HANDLE))).toBe(reason);
  });

  test('trouble is forgotten sooner than a person who is not there', async () => {
    const trouble = setUp({ [fingerUrl('alice@m.example')]: 'host-unreachable' });
    const nobody = setUp({});
    for (const each of [trouble, nobody]) {
      await each.resolveHandle(HANDLE);
      each.state.time += 30_000;
      await each.resolveHandle(HANDLE);
    }
    expect([trouble.asked.length, nobody.asked.length]).toEqual([2, 1]);
  });
});

describe('fetchActor', () => {
  test('goes from the URI to the actor, and asks for the canonical handle', async () => {
    const { fetchActor, asked } = setUp(WORLD);
    expect(await fetchActor(ID)).toMatchObject({ ok: true, value: { id: ID, handle: HANDLE } });
    expect(asked).toEqual([ID, fingerUrl('alice@m.example')]);
  });

  test('takes an alias that names its id, fetched once more from there', async () => {
    const { fetchActor, asked } = setUp({ ...WORLD, [ALIAS]: actorDocument(ID) });
    expect(await fetchActor(ALIAS)).toMatchObject({ value: { id: ID } });
    expect(asked.slice(0, 2)).toEqual([ALIAS, ID]);
  });

  test.each([
    ['names somebody of another host', actorDocument('https://victim.example/u')],
    ['names an id that names another', actorDocument('https://m.example/users/bob')],
    ['has no id', actorDocument(ID, { id: undefined })],
    ['is a note', actorDocument(ALIAS, { type: 'Note' })],
    ['is text', ['x']],
  ])('refuses a document that %s', async (_, document) => {
    const bob = { 'https://m.example/users/bob': actorDocument(ID) };
    const { fetchActor, asked } = setUp({ ...WORLD, ...bob, [ALIAS]: document });
    expect(await reasonOf(fetchActor(ALIAS))).toBe('host-not-found');
    expect(asked.every((url) => new URL(url).host === 'm.example')).toBe(true);
  });

  test('a Tombstone is gone', async () => {
    const { fetchActor } = setUp({ [ID]: { id: ID, type: 'Tombstone' } });
    expect(await fetchActor(ID)).toEqual({ ok: false, refusal: { reason: 'gone', host: 'm.example' } });
  });
});

test('who must know how an actor is now is not told how it was', async () => {
  const { fetchActor, fetchActorAsOfNow, asked } = setUp(WORLD);
  await fetchActor(ID);
  expect(await fetchActorAsOfNow(ID)).toMatchObject({ ok: true, value: { id: ID, handle: HANDLE } });
  await fetchActorAsOfNow(ID);
  expect(asked.filter((url) => url === ID)).toHaveLength(3);
});

test('an answer comes in time although the peer gives none', async () => {
  const silent: GetJson = () => new Promise(() => undefined);
  const webfinger = createWebfinger({ getJson: silent, allowPrivate: false });
  const lookUp = createLookUp({ getJson: silent, webfinger, now: () => new Date(), deadlineMs: 20 });
  const refusal = { reason: 'host-unreachable', host: 'm.example' };
  expect(await lookUp.resolveHandle(HANDLE)).toEqual({ ok: false, refusal });
  expect(await lookUp.fetchActor(ID)).toEqual({ ok: false, refusal });
});

test('an actor whose URL leads to another host is not taken from there', async () => {
  const moved = 'https://old.example/users/alice';
  expect(await reasonOf(setUp(WORLD, { [moved]: ID }).fetchActor(moved))).toBe('not-found');
});
