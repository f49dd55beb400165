import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Fediverse, startFediverse } from '../support/fediverse.ts';

// The real servers of the other tests, against each other: what fails here is not the gateway's fault.
const WAIT_MS = 45_000;
let folder: string;
let fediverse: Fediverse;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'causeway-peers-'));
  fediverse = await startFediverse({
    folder,
    routes: new Map(),
    now: new Date(),
    firstKnock: 'draft-cavage-http-signatures-12',
    portWaitMs: 120_000,
  });
});
afterAll(async () => {
  await fediverse?.stop();
  await rm(folder, { recursive: true, force: true });
});

test('while it runs /etc/hosts holds the names, on a line that says whose it is', async () => {
  const lines = (await readFile('/etc/hosts', 'utf8')).split('\n');
  expect(lines.filter((line) => line.includes(`# causeway-names ${process.pid} `))).toEqual([
    expect.stringMatching(/^127\.0\.0\.1 fedify\.test snac\.test # /u),
  ]);
});

test('the Fedify peer is found over HTTPS by its handle', async () => {
  const document = await fediverse.fedify.lookUp('dave', '@dave@fedify.test');
  expect(document).toMatchObject({
    id: 'https://fedify.test/users/dave',
    inbox: 'https://fedify.test/users/dave/inbox',
    publicKey: { owner: 'https://fedify.test/users/dave' },
  });
});

test('requests reach the peer with header names as they were sent', async () => {
  const seen = fediverse.fedify.requests.entries.length;
  await fetch('https://fedify.test/users/dave', { headers: { 'X-oDD-Case': 'kept' } });
  const request = fediverse.fedify.requests.entries.slice(seen).find(({ path }) => path === '/users/dave');
  expect(request?.rawHeaders).toContain('X-oDD-Case');
});

test('a peer that refuses posts says so with the status it was told', async () => {
  fediverse.fedify.refusePosts(503);
  const refused = await fetch('https://fedify.test/inbox', { method: 'POST', body: '{}' });
  fediverse.fedify.refusePosts(undefined);
  const unsigned = await fetch('https://fedify.test/inbox', { method: 'POST', body: '{}' });
  expect(refused.status).toBe(503);
  expect([400, 401]).toContain(unsigned.status);
});

describe('snac2 and the Fedify peer', () => {
  test('a direct note goes one way and its reply the other', async (context) => {
    const { snac, fedify } = fediverse;
    if (typeof snac === 'string') return context.skip(snac);
    const id = await fedify.sendDirect('dave', '@carol@snac.test', 'Is <this> on?');
    const note = await snac.waitForNote('carol', (candidate) => candidate.id === id, WAIT_MS);
    expect(note).toMatchObject({ attributedTo: fedify.actorId('dave'), to: [snac.actorId('carol')], cc: [] });
    expect(note.content).toContain('Is &lt;this&gt; on?');

    await snac.reply('carol', id, 'It is.');
    const answer = await fedify.received.waitFor(
      (activity) => activity.type === 'Create' && activity.note?.inReplyTo === id,
      'reply of carol',
      WAIT_MS,
    );
    expect(answer.actor).toBe(snac.actorId('carol'));
    // To its author and to nobody else: snac keeps the visibility of what it answers.
    expect(answer.note?.to).toEqual([fedify.actorId('dave')]);
    expect(JSON.stringify(answer.json)).not.toContain('#Public');
    expect(fedify.failures.entries).toEqual([]);
  });

  test('follow each other', async (context) => {
    const { snac, fedify } = fediverse;
    if (typeof snac === 'string') return context.skip(snac);
    await Promise.all([
      snac
        .follow('carol', '@dave@fedify.test')
        .then(() => snac.waitForFollowing('carol', fedify.actorId('dave'), WAIT_MS)),
      fedify
        .follow('dave', '@carol@snac.test')
        .then(() => snac.waitForFollower('carol', fedify.actorId('dave'), WAIT_MS)),
    ]);
    const accepted = await fedify.received.waitFor(({ type }) => type === 'Accept', 'Accept', WAIT_MS);
    expect(accepted.actor).toBe(snac.actorId('carol'));
  });
});
