import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { type Gateway, runGateway } from '../../src/app.ts';
import { loadConfig } from '../../src/config.ts';
import { createLog } from '../../src/log.ts';
import { insertUser } from '../../src/store/users.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { findFreePort } from '../support/free-port.ts';

let base: TestDatabase;
let folder: string;
const running: Gateway[] = [];
beforeAll(async () => {
  base = await createTestDatabase();
  folder = await mkdtemp(join(tmpdir(), 'causeway-app-'));
});
afterAll(async () => {
  await base.drop();
  await rm(folder, { recursive: true, force: true });
});
afterEach(async () => {
  await Promise.all(running.splice(0).map((gateway) => gateway.stop()));
});

/** The whole gateway on a real database, beside an XMPP server that is not there. */
const start = async (settings: Readonly<Record<string, string>> = {}) => {
  const loaded = loadConfig({
    configPath: undefined,
    cwd: folder,
    env: {
      CAUSEWAY_DOMAIN: 'ap.test',
      CAUSEWAY_HOME_DOMAINS: 'xmpp.test',
      CAUSEWAY_XMPP_SECRET: 'component-secret',
      CAUSEWAY_XMPP_SERVER: `127.0.0.1:${await findFreePort()}`,
      CAUSEWAY_HTTP_LISTEN: `127.0.0.1:${await findFreePort()}`,
      CAUSEWAY_DATABASE_URL: base.url,
      CAUSEWAY_DATA_DIR: folder,
      ...settings,
    },
    readText: () => ({ kind: 'absent' }),
  });
  if (!loaded.ok) throw new Error(loaded.problems.join('\n'));
  const gateway = await runGateway(
    loaded.config,
    createLog({ level: 'error', write: () => undefined, now: Date.now, hide: [] }),
  );
  running.push(gateway);
  return { gateway, ask: (path: string) => fetch(`http://127.0.0.1:${gateway.httpPort}${path}`) };
};

test('without the XMPP server it lives, says that it is not ready, and why', async () => {
  const { ask } = await start();
  expect((await ask('/livez')).status).toBe(200);
  const ready = await ask('/readyz');
  expect(ready.status).toBe(503);
  expect(await ready.text()).toMatch(/XMPP server/u);
});

test('a process that only serves the web is ready without one, and shows who is here', async () => {
  const { ask } = await start({ CAUSEWAY_ROLES: 'web' });
  expect((await ask('/readyz')).status).toBe(200);
  await insertUser(base.db, { id: 'nokey1', jid: 'nokey@xmpp.test', name: 'nokey' });
  expect((await ask('/u/nokey1')).status).toBe(404);
  const instance = await (await ask('/actor')).json();
  expect(instance).toMatchObject({ publicKey: { publicKeyPem: expect.stringContaining('PUBLIC KEY') } });
});

test('the numbers are served where they are wanted, and nowhere else', async () => {
  const port = await findFreePort();
  const { gateway, ask } = await start({ CAUSEWAY_METRICS_LISTEN: `127.0.0.1:${port}` });
  await fetch(`http://127.0.0.1:${gateway.httpPort}/inbox`, { method: 'POST', body: '{}' });
  const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
  expect(text).toContain('causeway_inbox_requests_total{code="415"} 1');
  expect(text).toContain('causeway_xmpp_stream_up 0');
  expect(text).toContain('causeway_queue_depth{queue="inbox",state="due"} 0');
  expect((await ask('/metrics')).status).toBe(404);
});

test('an address that is taken is told, and everything that was opened is closed again', async () => {
  const taken = createServer();
  const port = await new Promise<number>((resolve) => {
    taken.listen(0, '127.0.0.1', () => {
      const address = taken.address();
      resolve(typeof address === 'object' && address !== null ? address.port : 0);
    });
  });
  for (const key of ['CAUSEWAY_HTTP_LISTEN', 'CAUSEWAY_METRICS_LISTEN'])
    await expect(start({ [key]: `127.0.0.1:${port}` })).rejects.toMatchObject({ code: 'EADDRINUSE' });
  await new Promise((resolve) => taken.close(resolve));
  // A backend of PostgreSQL ends a moment after its connection.
  const connections = async () =>
    (
      await base.db.query(`select pid from pg_stat_activity where datname = current_database()
       and application_name = 'causeway'`)
    ).rows;
  await expect.poll(connections, { timeout: 5_000 }).toEqual([]);
});
