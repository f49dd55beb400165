import { describe, expect, test } from 'vitest';
import { answerInTime, createAuthenticator } from '../../src/activitypub/authenticate.ts';
import type { FindKey } from '../../src/activitypub/keys.ts';
import { done, type RefusalReason, refuse } from '../../src/bridge/outcome.ts';
import { makeKey } from './support/keys.ts';
import { RULES, signedPost, withHeader, withoutHeader } from './support/requests.ts';

const OWNER = 'https://m.example/users/alice';
const key = makeKey(`${OWNER}#main-key`);
const rotated = makeKey(key.keyId, { pair: 'other' });

/** The key that is known, and what a fresh look gives. */
const setUp = (known: typeof key | RefusalReason, fresh: typeof key | RefusalReason = 'over-limit') => {
  const asked: string[] = [];
  const toOutcome = (each: typeof key | RefusalReason) =>
    typeof each === 'string' ? refuse(each) : done({ owner: OWNER, key: each.publicKey });
  const findKey: FindKey = async (keyId, options) => {
    asked.push(options?.fresh === true ? `fresh ${keyId}` : keyId);
    return toOutcome(options?.fresh === true ? fresh : known);
  };
  const authenticate = createAuthenticator({
    findKey,
    isHostBlocked: async (host) => host === 'blocked.example',
    hosts: RULES.hosts,
    origin: RULES.origin,
    now: () => RULES.now,
  });
  return { authenticate, asked };
};

describe('a request', () => {
  test('is of the owner of the key that signed it', async () => {
    const { authenticate, asked } = setUp(key);
    expect(await authenticate(await signedPost(key))).toEqual({
      ok: true,
      signer: { actor: OWNER, keyId: key.keyId },
    });
    expect(asked).toEqual([key.keyId]);
  });

  test('is checked with a fresh key where the known one does not fit', async () => {
    const { authenticate, asked } = setUp(rotated, key);
    expect(await authenticate(await signedPost(key))).toMatchObject({ ok: true });
    expect(asked).toEqual([key.keyId, `fresh ${key.keyId}`]);
  });

  test('of a forger is refused, with an old key and with a fresh one', async () => {
    const request = await signedPost(rotated);
    expect(await setUp(key, key).authenticate(request)).toMatchObject({ ok: false, status: 401 });
    expect(await setUp(key, 'not-found').authenticate(request)).toMatchObject({ ok: false, status: 401 });
  });
});

test.each(['over-limit', 'host-unreachable'] as const)(
  'signed with a key that may be new: %s',
  async (reason) => {
    // Some drop for good what was refused with 401.
    const request = await signedPost(rotated);
    expect(await setUp(key, reason).authenticate(request)).toMatchObject({ ok: false, status: 503 });
  },
);

test.each([
  ['never seen', 'gone', 'over-limit'],
  ['that no longer fits', rotated, 'gone'],
] as const)('a key %s of who is gone: its own server says so', async (_name, known, fresh) => {
  const { authenticate } = setUp(known, fresh);
  expect(await authenticate(await signedPost(key))).toMatchObject({ status: 401, gone: key.keyId });
});

describe('no key is asked for', () => {
  test('without a signature, or with one that says nothing', async () => {
    const request = await signedPost(key);
    const { authenticate, asked } = setUp(key);
    const bad = [
      withoutHeader(request, 'signature'),
      withHeader(request, 'signature', 'keyId='),
      withHeader(request, 'date', 'Sat, 21 Nov 2026 07:00:00 GMT'),
      withHeader(request, 'host', 'evil.example'),
      { ...request, body: Buffer.from('other') },
    ];
    for (const each of bad) expect(await authenticate(each)).toMatchObject({ ok: false, status: 401 });
    expect(asked).toEqual([]);
  });

  test('when its host is blocked, is our own, or is none', async () => {
    const { authenticate, asked } = setUp(key);
    const signedAs = async (keyId: string) => await authenticate(await signedPost({ ...key, keyId }));
    expect(await signedAs('https://blocked.example/u#k')).toMatchObject({ status: 403 });
    expect(await signedAs('https://BLOCKED.example/u#k')).toMatchObject({ status: 403 });
    expect(await signedAs('https://ap.example/actor#main-key')).toMatchObject({ status: 401 });
    expect(await signedAs('acct:alice@m.example')).toMatchObject({ status: 401 });
    expect(asked).toEqual([]);
  });
});

test.each([
  ['host-unreachable', 503],
  ['internal', 503],
  ['gone', 401],
  ['not-found', 401],
  ['policy', 401],
  ['refused-by-host', 401],
] as const)('a key that cannot be had for %s: %i', async (reason, status) => {
  expect(await setUp(reason).authenticate(await signedPost(key))).toMatchObject({ ok: false, status });
});

test('what the store throws is thrown', async () => {
  const authenticate = createAuthenticator({
    findKey: () => Promise.reject(new Error('database away')),
    isHostBlocked: async () => false,
    hosts: RULES.hosts,
    origin: RULES.origin,
    now: () => RULES.now,
  });
  await expect(authenticate(await signedPost(key))).rejects.toThrow('database away');
});

test('an answer comes in time, whatever the key takes', async () => {
  const slow = answerInTime(() => new Promise(() => undefined), 10);
  expect(await slow(await signedPost(key))).toMatchObject({ ok: false, status: 503 });
  const quick = answerInTime(async () => ({ ok: false, status: 401, problem: 'bad' }), 1_000);
  expect(await quick(await signedPost(key))).toMatchObject({ status: 401 });
});
