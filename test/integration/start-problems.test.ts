import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { runGateway } from '../../src/app.ts';
import { loadConfig } from '../../src/config.ts';
import { migrate } from '../../src/store/migrate.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { findFreePort } from '../support/free-port.ts';

const log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
let database: TestDatabase;
let folder = '';
beforeAll(async () => {
  database = await createTestDatabase();
  folder = mkdtempSync(join(tmpdir(), 'causeway-start-'));
});
afterAll(async () => {
  await database.drop();
  rmSync(folder, { recursive: true });
});

const listenAnywhere = (server: Server): Promise<number> =>
  new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      resolve(typeof address === 'object' && address !== null ? address.port : 0);
    });
  });

test('a gateway whose HTTP port is taken gives up before it takes the stream from the one that runs', async () => {
  let streams = 0;
  const xmpp = createServer((socket) => {
    streams += 1;
    socket.destroy();
  });
  const other = createServer();
  try {
    const taken = await listenAnywhere(other);
    const loaded = loadConfig({
      configPath: undefined,
      cwd: folder,
      env: {
        CAUSEWAY_DOMAIN: 'ap.xmpp.test',
        CAUSEWAY_XMPP_SECRET: 'the-component-secret',
        CAUSEWAY_XMPP_SERVER: `127.0.0.1:${await listenAnywhere(xmpp)}`,
        CAUSEWAY_HTTP_LISTEN: `127.0.0.1:${taken}`,
        CAUSEWAY_DATABASE_URL: database.url,
        CAUSEWAY_DATA_DIR: folder,
      },
      readText: () => ({ kind: 'absent' }),
    });
    if (!loaded.ok) throw new Error(loaded.problems.join('\n'));
    await expect(runGateway(loaded.config, log)).rejects.toThrow(
      `Cannot listen at 127.0.0.1:${taken}: another`,
    );
    expect(streams).toBe(0);
  } finally {
    xmpp.close();
    other.close();
  }
});

test('a database where nothing listens, and one that does not exist', async () => {
  const nowhere = `postgres://causeway:pw@127.0.0.1:${await findFreePort()}/causeway`;
  await expect(migrate(nowhere)).rejects.toThrow(/ECONNREFUSED.*Start PostgreSQL/u);
  const missing = new URL(inject('postgresUrl'));
  missing.pathname = '/never_made';
  await expect(migrate(missing.href)).rejects.toThrow(/"never_made" does not exist.*createdb/u);
});

test('a user who may not create tables', async () => {
  const role = `plain_${randomBytes(6).toString('hex')}`;
  const empty = await createTestDatabase({ template: 'template0' });
  try {
    await empty.db.query(`create role ${role} login password 'pw'`);
    const url = new URL(empty.url);
    url.username = role;
    url.password = 'pw';
    await expect(migrate(url.href)).rejects.toThrow(/permission denied.*owner of the database/u);
    await empty.db.query(`alter database ${url.pathname.slice(1)} owner to ${role}`);
    expect(await migrate(url.href)).toContain('0001_initial');
  } finally {
    await empty.drop();
    await database.db.query(`drop role if exists ${role}`);
  }
});
