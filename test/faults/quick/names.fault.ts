import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:https';
import { join } from 'node:path';
import { afterAll, beforeAll, expect } from 'vitest';
import { createAuthority, issueCertificate, type KeyedCertificate } from '../../support/certificates.ts';
import { findFreePort } from '../../support/free-port.ts';
import type { ClientEvent, XmppClient } from '../../support/xmpp-client.ts';
import { testFault } from '../fault.ts';
import { sendChat } from '../traffic.ts';
import { DOMAIN, type FaultWorld, PEER, startFaultWorld } from '../world.ts';

let world: FaultWorld;
let alice: XmppClient;

beforeAll(async () => {
  world = await startFaultWorld();
  alice = await world.logIn('alice');
});
afterAll(() => world?.stop());

const refusal = async (localpart: string, id: string): Promise<ClientEvent> => {
  sendChat(alice, `${localpart}@${DOMAIN}`, id);
  return await alice.next((event) => event.id === id && event.type === 'error', 60_000);
};

const DAY_MS = 86_400_000;

/** An HTTPS server with this certificate; gives its port and how many requests it saw. */
const serve = async ({ certificate, key }: KeyedCertificate) => {
  const port = await findFreePort();
  const seen: string[] = [];
  const server = createServer({ cert: certificate, key }, (request, response) => {
    seen.push(request.url ?? '');
    // Down to plain HTTP, where the peer would answer.
    response.writeHead(302, { location: `http://${world.peer.host}${request.url}` }).end();
  });
  server.on('tlsClientError', () => {});
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  world.undo.add(() => {
    server.closeAllConnections();
    server.close();
  });
  return { port, seen };
};

testFault('32', async (watch) => {
  const now = new Date();
  const authority = createAuthority(now);
  const old = new Date(now.getTime() - 30 * DAY_MS);
  const file = join(world.folder, 'authority.pem');
  await writeFile(file, authority.certificate);
  const bad = {
    expired: issueCertificate(authority, [PEER], old),
    'of another name': issueCertificate(authority, ['other.test'], now),
    'of an unknown authority': issueCertificate(createAuthority(now), [PEER], now),
  };
  await world.start({ env: { NODE_EXTRA_CA_CERTS: file } });
  watch.causeGone();
  const words: string[] = [];
  for (const [name, certificate] of Object.entries(bad)) {
    const { port, seen } = await serve(certificate);
    const { error } = await refusal(`someone%${PEER}\\3a${port}`, `tls-${port}`);
    expect(seen, name).toEqual([]);
    expect(error?.condition, name).toBe('remote-server-timeout');
    words.push(name);
  }
  watch.recovered();
  // The same with a good one: there a request is made, and its redirect to plain HTTP is not followed.
  const { port, seen } = await serve(issueCertificate(authority, [PEER], now));
  const before = world.peer.gets.entries.length;
  await refusal(`someone%${PEER}\\3a${port}`, `tls-${port}`);
  expect(seen).toHaveLength(1);
  expect(world.peer.gets.entries).toHaveLength(before);
  return `no request to one that is ${words.join(', ')}; no step from a good one to plain HTTP`;
});

testFault('31', async (watch) => {
  await world.endGateways();
  await world.start({ env: { CAUSEWAY_DEV_ALLOW_PRIVATE_ADDRESSES: 'false' } });
  watch.causeGone();
  const nowhere = await refusal('someone%nowhere.invalid', 'nowhere');
  const inside = await refusal(world.peer.localpart('inside'), 'inside');
  const literal = await refusal('someone%127.0.0.1', 'literal');
  watch.recovered();
  const conditions = [nowhere, inside, literal].map(({ error }) => error?.condition);
  expect(conditions).toEqual(['remote-server-not-found', 'policy-violation', 'jid-malformed']);
  expect(world.peer.gets.entries.filter(({ path }) => path.includes('inside'))).toEqual([]);
  return conditions.join(', ');
});
