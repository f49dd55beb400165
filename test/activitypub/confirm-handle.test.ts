import { describe, expect, test } from 'vitest';
import { createConfirmHandle } from '../../src/activitypub/confirm-handle.ts';
import { parseActor } from '../../src/activitypub/parse-actor.ts';
import { createWebfinger } from '../../src/activitypub/webfinger-client.ts';
import {
  actorDocument,
  type Documents,
  fingerDocument,
  fingerUrl,
  serveDocuments,
} from './support/documents.ts';

const ID = 'https://m.example/users/alice';
const parsed = parseActor(actorDocument(ID), ID);
if (!parsed.ok) throw new Error(parsed.problem);
const actor = parsed.value;

const OWN = fingerUrl('alice@m.example');
const SHORT = fingerUrl('alice@short.example');
const CLAIMED = { user: 'alice', host: 'short.example' };

const confirm = async (documents: Documents, claimed?: typeof CLAIMED) => {
  const { getJson } = serveDocuments(documents);
  const confirmHandle = createConfirmHandle({ webfinger: createWebfinger({ getJson, allowPrivate: false }) });
  const outcome = await confirmHandle(actor, claimed);
  return outcome.ok ? `${outcome.value.handle.user}@${outcome.value.handle.host}` : outcome.refusal.reason;
};

describe('the canonical handle', () => {
  test('is what the own host confirms', async () => {
    expect(await confirm({ [OWN]: fingerDocument('alice@m.example', ID) })).toBe('alice@m.example');
  });

  test('is the subject, on another host too where that leads back', async () => {
    const documents = {
      [OWN]: fingerDocument('alice@short.example', ID),
      [SHORT]: fingerDocument('alice@short.example', ID),
    };
    expect(await confirm(documents)).toBe('alice@short.example');
    expect(await confirm({ [SHORT]: fingerDocument('alice@short.example', ID) }, CLAIMED)).toBe(
      'alice@short.example',
    );
  });

  test('is never a claim that does not lead back', async () => {
    const own = { [OWN]: fingerDocument('alice@m.example', ID) };
    const foreign = fingerDocument('alice@short.example', 'https://short.example/u/alice');
    expect(await confirm({ ...own, [SHORT]: foreign }, CLAIMED)).toBe('alice@m.example');
    expect(await confirm(own, CLAIMED)).toBe('alice@m.example');
  });

  test('is shared by a person and a group of one name', async () => {
    const jrd = fingerDocument('alice@m.example', 'https://m.example/c/alice', ID);
    expect(await confirm({ [OWN]: jrd })).toBe('alice@m.example');
  });

  test('does not go to who is somebody else by the word of the own host', async () => {
    const jrd = fingerDocument('alice@m.example', 'https://m.example/users/other');
    expect(await confirm({ [OWN]: jrd })).toBe('not-found');
  });

  test.each([
    ['not-found', 'alice@m.example'],
    ['host-not-found', 'alice@m.example'],
    ['refused-by-host', 'alice@m.example'],
    ['host-unreachable', 'host-unreachable'],
    ['gone', 'gone'],
  ])('when WebFinger says %s: %s', async (reason, result) => {
    expect(await confirm(reason === 'not-found' ? {} : { [OWN]: reason })).toBe(result);
  });
});
