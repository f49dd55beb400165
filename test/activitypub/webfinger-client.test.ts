import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createWebfinger, readHandle } from '../../src/activitypub/webfinger-client.ts';
import type { Handle } from '../../src/bridge/actor.ts';
import { type Documents, fingerDocument, fingerUrl, serveDocuments } from './support/documents.ts';

const ID = 'https://m.example/u/alice';
const ALICE: Handle = { user: 'alice', host: 'm.example' };

const ask = (documents: Documents, handle = ALICE, allowPrivate = false) => {
  const { getJson, asked } = serveDocuments(documents);
  return { outcome: createWebfinger({ getJson, allowPrivate })(handle), asked };
};
const reasonOf = async (documents: Documents, handle = ALICE) => {
  const outcome = await ask(documents, handle).outcome;
  return outcome.ok ? 'ok' : outcome.refusal.reason;
};

describe('WebFinger', () => {
  test('leads from a handle to an actor', async () => {
    const { outcome, asked } = ask({ [fingerUrl('alice@m.example')]: fingerDocument('Alice@M.Example', ID) });
    expect(await outcome).toEqual({
      ok: true,
      value: { subject: ALICE, actorUrl: ID, actorUrls: [ID] },
    });
    expect(asked).toEqual(['https://m.example/.well-known/webfinger?resource=acct%3Aalice%40m.example']);
  });

  test('takes the JSON-LD spelling of the type, passes over what is no actor', async () => {
    const jrd = {
      subject: 'acct:alice@m.example',
      links: [
        null,
        'x',
        { rel: 'self', type: 'text/html', href: 'https://m.example/@alice' },
        { rel: 'self', type: 'application/activity+json', href: 'javascript:alert(1)' },
        { rel: ['self'], type: 'application/activity+json', href: 'https://m.example/no' },
        {
          rel: 'self',
          type: 'application/ld+json; profile="https://www.w3.org/ns/activitystreams"',
          href: ID,
        },
      ],
    };
    expect(await ask({ [fingerUrl('alice@m.example')]: jrd }).outcome).toMatchObject({
      value: { actorUrl: ID },
    });
  });

  test('leads to no port but 443 and that of the handle', async () => {
    const at = (host: string, ...actors: string[]): Promise<string> =>
      reasonOf(
        { [fingerUrl(`alice@${host}`)]: fingerDocument(`alice@${host}`, ...actors) },
        { ...ALICE, host },
      );
    expect(await at('m.example', 'https://m.example:8443/u/alice')).toBe('host-not-found');
    expect(await at('m.example', 'https://victim.example:9443/')).toBe('host-not-found');
    expect(await at('m.example:8443', 'https://m.example:8443/u/alice')).toBe('ok');
    expect(await at('m.example:8443', 'https://social.m.example/u/alice')).toBe('ok');
  });

  test('a person and a group of one name: the first counts, both are told', async () => {
    const group = 'https://m.example/c/alice';
    const jrd = fingerDocument('alice@m.example', ID, group);
    expect(await ask({ [fingerUrl('alice@m.example')]: jrd }).outcome).toMatchObject({
      value: { actorUrl: ID, actorUrls: [ID, group] },
    });
  });

  test('quotes what a name may hold', async () => {
    const user = 'a&b=c#d/../%';
    const { asked } = ask({}, { user, host: 'm.example' });
    expect(asked[0]).toBe(fingerUrl(`${user}@m.example`));
    expect(new URL(asked[0] ?? '').searchParams.get('resource')).toBe(`acct:${user}@m.example`);
  });
});

describe('a subject on another host', () => {
  const there = fingerUrl('alice@social.example');
  const here = fingerUrl('alice@m.example');

  test('is asked there and must name itself', async () => {
    const documents = {
      [here]: fingerDocument('alice@social.example', 'https://evil.example/u'),
      [there]: fingerDocument('alice@social.example', ID),
    };
    expect(await ask(documents).outcome).toEqual({
      ok: true,
      value: { subject: { user: 'alice', host: 'social.example' }, actorUrl: ID, actorUrls: [ID] },
    });
  });

  test.each([
    ['points on', fingerDocument('alice@third.example', ID), 'not-found'],
    ['points back', fingerDocument('alice@m.example', ID), 'not-found'],
    ['names another person', fingerDocument('bob@social.example', ID), 'not-found'],
    ['does not know', undefined, 'not-found'],
    ['is away', 'host-unreachable', 'host-unreachable'],
  ])('is refused when it %s', async (_, document, reason) => {
    const documents = { [here]: fingerDocument('alice@social.example', ID), [there]: document };
    expect(await reasonOf(documents)).toBe(reason);
    expect(ask(documents).asked.length).toBeLessThanOrEqual(2);
  });
});

test.each([
  ['no object', []],
  ['no subject', { links: [] }],
  ['a subject that is no handle', { ...fingerDocument('x', ID), subject: 'https://m.example/@alice' }],
  ['a subject with two @', fingerDocument('alice@m.example@evil.example', ID)],
  ['no links', { subject: 'acct:alice@m.example' }],
  ['no actor', fingerDocument('alice@m.example')],
  ['links that are text', { subject: 'acct:alice@m.example', links: 'self' }],
])('there is no ActivityPub where the answer has %s', async (_, jrd) => {
  expect(await reasonOf({ [fingerUrl('alice@m.example')]: jrd })).toBe('host-not-found');
});

test.each(['not-found', 'gone', 'host-not-found', 'host-unreachable', 'policy'])(
  '%s is passed on',
  async (reason) => {
    const documents = reason === 'not-found' ? {} : { [fingerUrl('alice@m.example')]: reason };
    expect(await reasonOf(documents)).toBe(reason);
  },
);

test('only the development switch tries http, and only where https does not answer', async () => {
  const plain = { [fingerUrl('alice@m.example', 'http')]: fingerDocument('alice@m.example', ID) };
  const down = { [fingerUrl('alice@m.example')]: 'host-unreachable', ...plain };
  expect((await ask(down, ALICE, true).outcome).ok).toBe(true);
  expect((await ask(down, ALICE, false).outcome).ok).toBe(false);
  expect((await ask(plain, ALICE, true).outcome).ok).toBe(false);
});

describe('readHandle', () => {
  test.each([
    ['acct:Alice@M.Example', 'alice', 'm.example'],
    ['@alice@m.example', 'alice', 'm.example'],
    ['alice@m.example:8443', 'alice', 'm.example:8443'],
    ['alice@m.example:443', 'alice', 'm.example'],
    ['ACCT:é@bücher.example', 'é', 'xn--bcher-kva.example'],
  ])('reads %s', (text, user, host) => {
    expect(readHandle(text)).toEqual({ user, host });
  });

  test.each([
    '',
    'alice',
    '@',
    'alice@',
    '@m.example',
    'a@b@c.example',
    'a b@m.example',
    'a\n@m.example',
    'alice@m.example/path',
    'alice@m.example?x',
    'alice@x\\y.example',
    'alice@m.example.',
    'alice@m exa.mple',
    'a\ud800@m.example',
    `${'a'.repeat(1024)}@m.example`,
    7,
    null,
    ['a@m.example'],
  ])('refuses %j', (text) => {
    expect(readHandle(text)).toBeUndefined();
  });

  test('never throws; what it gives is a fixed point', () => {
    fc.assert(
      fc.property(fc.string(), fc.domain(), (user, host) => {
        const handle = readHandle(`${user}@${host}`);
        fc.pre(handle !== undefined);
        const again = handle === undefined ? undefined : readHandle(`${handle.user}@${handle.host}`);
        // Lower-casing may change what follows the prefix that is cut off; the host never moves.
        expect(again?.host ?? handle?.host).toBe(handle?.host);
      }),
    );
  });
});
