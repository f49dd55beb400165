import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startGateway } from '../../demo/gateway.ts';
import { removeEmbedded } from '../../src/store/embedded.ts';
import { type Fediverse, startFediverse } from '../support/fediverse.ts';
import { findFreePort } from '../support/free-port.ts';
import { type Prosody, startProsody } from '../support/prosody.ts';
import { createUndoStack } from '../support/undo.ts';
import { connectClient, type XmppClient } from '../support/xmpp-client.ts';

const DOMAIN = 'ap.test';
const HOME = 'xmpp.test';
const SECRET = 'component-secret';
const CONTACT = `dave%fedify.test@${DOMAIN}`;

const undo = createUndoStack();
let folder: string;
let httpPort: number;
let fediverse: Fediverse;
let prosody: Prosody;
let alice: XmppClient;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'causeway-kill-'));
  undo.add(() => rm(folder, { recursive: true, force: true }));
  undo.add(() => removeEmbedded({ dataDir: join(folder, 'data') }));
  httpPort = await findFreePort();
  fediverse = await startFediverse({
    folder,
    routes: new Map([[DOMAIN, httpPort]]),
    now: new Date(),
    portWaitMs: 120_000,
  });
  undo.add(() => fediverse.stop());
  prosody = await startProsody({
    domain: HOME,
    componentDomain: DOMAIN,
    componentSecret: SECRET,
    users: { alice: 'secret' },
  });
  undo.add(() => prosody.stop());
  alice = await connectClient({
    jid: `alice@${HOME}`,
    password: 'secret',
    host: '127.0.0.1',
    port: prosody.c2sPort,
  });
  undo.add(alice.close);
});
afterAll(() => undo.run());

/** `causeway run` with the embedded database, as a process of its own. */
const start = async () => {
  const gateway = await startGateway({
    root: resolve(import.meta.dirname, '../..'),
    folder,
    domain: DOMAIN,
    homeDomain: HOME,
    httpPort,
    componentPort: prosody.componentPort,
    componentSecret: SECRET,
    authorityFile: fediverse.authorityFile,
  });
  undo.add(() => gateway.stop());
  return gateway;
};

const until = async (holds: () => boolean): Promise<void> => {
  const deadline = Date.now() + 60_000;
  while (!holds()) {
    if (Date.now() > deadline) throw new Error('waited in vain');
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
};

test('kill -9 and a start bring the embedded database back, with all that was accepted', async () => {
  const { fedify } = fediverse;
  const killed = await start();
  alice.send({ do: 'send', to: CONTACT, body: 'before the crash', id: 'k1', receipt: true });
  await alice.next(({ received }) => received === 'k1', 60_000);
  fedify.refusePosts(503);
  alice.send({ do: 'send', to: CONTACT, body: 'during the crash', id: 'k2', receipt: true });
  await until(() => killed.tail(50).includes('"verdict":"retry"'));

  process.kill(killed.pid, 'SIGKILL');
  await killed.ended;
  fedify.refusePosts(undefined);
  await start();

  await alice.next(({ received }) => received === 'k2', 90_000);
  const texts = fedify.received.entries.map(({ note }) => note?.content ?? '');
  expect(texts.filter((text) => text.includes('before the crash'))).toHaveLength(1);
  expect(texts.filter((text) => text.includes('during the crash'))).toHaveLength(1);
  await fedify.sendDirect('dave', `@alice@${DOMAIN}`, 'after the crash');
  const reply = await alice.next(({ body }) => body === 'after the crash', 60_000);
  expect(reply.from).toBe(CONTACT);
}, 180_000);
