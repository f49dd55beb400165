import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { type Gateway, runGateway } from '../../src/app.ts';
import { loadConfig } from '../../src/config.ts';
import { createLog } from '../../src/log.ts';
import { saveFollow } from '../../src/store/follows.ts';
import { saveActor } from '../../src/store/remote-actors.ts';
import { findUserByJid } from '../../src/store/users.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { missingEjabberd } from '../support/ejabberd.ts';
import { findFreePort } from '../support/free-port.ts';
import { emptyTables, remoteActor } from '../support/gateway.ts';
import { createUndoStack } from '../support/undo.ts';
import { XMPP_SERVERS, type XmppServer } from '../support/world.ts';
import { connectClient, type XmppClient } from '../support/xmpp-client.ts';

const DOMAIN = 'ap.test';
const ALICE = 'alice@xmpp.test';
const BOB = `bob%social.example@${DOMAIN}`;
const SECRET = 'component-secret';

describe.each(['prosody', 'ejabberd'] as const)('behind %s', (kind) => {
  const missing = kind === 'ejabberd' ? missingEjabberd() : undefined;
  describe.skipIf(missing !== undefined)(missing ?? 'an account', () => {
    const undo = createUndoStack();
    let base: TestDatabase;
    let server: XmppServer;
    let folder: string;
    let alice: XmppClient;
    let admin: XmppClient;
    let gateway: Gateway | undefined;
    let count = 0;

    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), 'causeway-register-'));
      undo.add(() => rm(folder, { recursive: true, force: true }));
      base = await createTestDatabase();
      undo.add(() => base.drop());
      server = await XMPP_SERVERS[kind]({
        domain: 'xmpp.test',
        componentDomain: DOMAIN,
        componentSecret: SECRET,
        users: { alice: 'secret', root: 'secret' },
      });
      undo.add(() => server.stop());
      alice = await logIn(ALICE);
      admin = await logIn('root@xmpp.test');
    }, 120_000);
    afterAll(() => undo.run());
    afterEach(async () => {
      await gateway?.stop();
      await emptyTables(base.db);
    });

    const logIn = async (jid: string): Promise<XmppClient> => {
      const client = await connectClient({
        jid,
        password: 'secret',
        host: '127.0.0.1',
        port: server.c2sPort,
      });
      undo.add(client.close);
      return client;
    };

    const start = async (registration: string): Promise<void> => {
      const loaded = loadConfig({
        configPath: undefined,
        cwd: folder,
        env: {
          CAUSEWAY_DOMAIN: DOMAIN,
          CAUSEWAY_HOME_DOMAINS: 'xmpp.test',
          CAUSEWAY_ADMINS: 'root@xmpp.test',
          CAUSEWAY_REGISTRATION: registration,
          CAUSEWAY_XMPP_SECRET: SECRET,
          CAUSEWAY_XMPP_SERVER: `127.0.0.1:${server.componentPort}`,
          CAUSEWAY_HTTP_LISTEN: `127.0.0.1:${await findFreePort()}`,
          CAUSEWAY_DATABASE_URL: base.url,
          CAUSEWAY_DATA_DIR: folder,
        },
        readText: () => ({ kind: 'absent' }),
      });
      if (!loaded.ok) throw new Error(loaded.problems.join('\n'));
      const log = createLog({ level: 'error', write: () => undefined, now: Date.now, hide: [] });
      gateway = await runGateway(loaded.config, log);
      await expect.poll(readiness, { timeout: 15_000 }).toBe(200);
    };
    const readiness = async (): Promise<number> =>
      (await fetch(`http://127.0.0.1:${gateway?.httpPort}/readyz`)).status;

    /** The XML of what the gateway answers. */
    const ask = async (type: 'get' | 'set', inner = ''): Promise<string> => {
      count += 1;
      const id = `ask${count}`;
      const query = `<query xmlns='jabber:iq:register'>${inner}</query>`;
      alice.send({
        do: 'raw',
        xml: `<iq xmlns='jabber:client' type='${type}' id='${id}' to='${DOMAIN}'>${query}</iq>`,
      });
      const answer = await alice.next((event) => event.event === 'iq' && event.id === id);
      return answer.xml ?? '';
    };
    const told = (client: XmppClient, text: string) =>
      client.next(
        ({ event, from, body }) => event === 'message' && from === DOMAIN && !!body?.includes(text),
      );
    const saidBy = (type: string) =>
      alice.next((seen) => seen.event === 'presence' && seen.from === BOB && seen.type === type);

    test('open: registered at once, and the contacts go with who leaves', async () => {
      await start('open');
      expect(await ask('get')).not.toContain('<registered');
      expect(await ask('set')).toContain('type="result"');
      await told(alice, 'Welcome');
      expect(await ask('get')).toMatch(/<registered ?\/>.*@alice@ap\.test/u);
      const bob = remoteActor('bob');
      await saveActor(base.db, bob);
      const userId = (await findUserByJid(base.db, ALICE))?.id ?? '';
      const follow = { userId, actorId: bob.id, state: 'accepted', followId: 'f' } as const;
      await saveFollow(base.db, { ...follow, direction: 'out' });
      alice.send({ do: 'presence', to: BOB, type: 'subscribe' });
      await saidBy('subscribed');
      expect(await ask('set', '<remove/>')).toContain('type="result"');
      await saidBy('unsubscribed');
      expect(await findUserByJid(base.db, ALICE)).toBeUndefined();
      expect(await ask('set', '<remove/>')).toContain('registration-required');
      expect(await ask('set')).toContain('type="result"');
      expect((await findUserByJid(base.db, ALICE))?.id).not.toBe(userId);
    });

    test('request: an administrator decides with a message', async () => {
      await start('request');
      expect(await ask('set')).toContain('type="result"');
      await told(admin, `approve ${ALICE}`);
      expect(await ask('get')).toContain('Your request is with');
      admin.send({ do: 'send', to: DOMAIN, body: `refuse ${ALICE}` });
      await told(alice, 'was not granted');
      expect(await ask('set')).toContain('type="result"');
      await told(admin, `approve ${ALICE}`);
      admin.send({ do: 'send', to: DOMAIN, body: `approve ${ALICE}` });
      await told(alice, 'Welcome');
      expect(await ask('get')).toMatch(/<registered ?\/>/u);
    });

    test('closed: refused with a sentence', async () => {
      await start('closed');
      expect(await ask('get')).toContain('not-allowed');
      expect(await ask('set')).toMatch(/not-allowed.*ask its administrator/u);
      expect(await findUserByJid(base.db, ALICE)).toBeUndefined();
    });
  });
});
