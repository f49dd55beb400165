import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { askReadiness } from '../../src/cli/ask-readiness.ts';
import type { ListenAddress } from '../../src/config.ts';

const servers: Server[] = [];
const folders: string[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

/** A server that answers every request alike, on a free port. */
async function answering(status: number, body: string): Promise<ListenAddress> {
  const server = createServer((request, response) =>
    request.url === '/readyz' ? response.writeHead(status).end(body) : response.writeHead(404).end(),
  );
  servers.push(server);
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const address = server.address();
  if (typeof address !== 'object' || address === null) throw new Error('no port');
  return { kind: 'tcp', host: '127.0.0.1', port: address.port };
}

test.each([
  [200, '{"ready":true,"reasons":[]}', true, []],
  [503, '{"ready":false,"reasons":["No stream.","No database."]}', false, ['No stream.', 'No database.']],
  [503, '{"reasons":1}', false, []],
  [502, '<h1>Bad gateway</h1>', false, []],
])('%i with %s', async (status, body, ready, reasons) => {
  const asked = await askReadiness(await answering(status, body));
  expect(asked).toMatchObject({ running: true, ready, reasons });
  for (const reason of reasons) expect(asked.text).toContain(reason);
});

test('a socket path is asked too', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'causeway-readyz-'));
  folders.push(folder);
  const path = join(folder, 'http.sock');
  const server = createServer((_, response) => response.writeHead(200).end('{"reasons":[]}'));
  servers.push(server);
  await new Promise<void>((listening) => server.listen(path, listening));
  expect(await askReadiness({ kind: 'unix', path })).toMatchObject({ running: true, ready: true });
});

test('nobody there is an answer as well', async () => {
  const address = await answering(200, '');
  const closed = servers.splice(0).map((server) => new Promise((done) => server.close(done)));
  await Promise.all(closed);
  expect(await askReadiness(address)).toMatchObject({ running: false, ready: false });
  expect(await askReadiness(undefined)).toMatchObject({ running: false });
});
