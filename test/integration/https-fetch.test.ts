import { execFile } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import forge from 'node-forge';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Peer, startPeer } from '../activitypub/support/peer.ts';

/**
 * Federation over real TLS on loopback. NODE_EXTRA_CA_CERTS is read when a process starts, so each fetch runs
 * in a process of its own.
 */
const run = promisify(execFile);
const NAME = 'peer.test';

const makePair = () => {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const pem = privateKey.export({ type: 'pkcs1', format: 'pem' }).toString();
  const key = forge.pki.privateKeyFromPem(pem);
  return { pem, key, publicKey: forge.pki.setRsaPublicKey(key.n, key.e) };
};

/** A certificate for `name`, signed by `issuer`, valid from yesterday for `days` days. */
const makeCertificate = (
  name: string,
  pair: ReturnType<typeof makePair>,
  issuer: { name: string; key: forge.pki.rsa.PrivateKey; ca: boolean },
  days = 30,
): string => {
  const certificate = forge.pki.createCertificate();
  certificate.publicKey = pair.publicKey;
  certificate.serialNumber = '01';
  certificate.validity.notBefore = new Date(Date.now() - 172_800_000);
  certificate.validity.notAfter = new Date(Date.now() + days * 86_400_000);
  certificate.setSubject([{ name: 'commonName', value: name }]);
  certificate.setIssuer([{ name: 'commonName', value: issuer.name }]);
  certificate.setExtensions([
    { name: 'basicConstraints', cA: issuer.ca },
    { name: 'subjectAltName', altNames: [{ type: 2, value: name }] },
  ]);
  certificate.sign(issuer.key, forge.md.sha256.create());
  return forge.pki.certificateToPem(certificate);
};

const root = makePair();
const leaf = makePair();
const rootPem = makeCertificate('Test CA', root, { name: 'Test CA', key: root.key, ca: true });
const leafPem = (name: string, days?: number): string =>
  makeCertificate(name, leaf, { name: 'Test CA', key: root.key, ca: false }, days);

const FETCH = (src: string): string => `
  import { createAgent } from '${src}/agent.ts';
  import { createGetJson } from '${src}/fetch.ts';
  const resolve = async () => [{ address: '127.0.0.1', family: 4 }];
  const allowPrivate = process.argv[2] === 'dev';
  const agent = createAgent({ allowPrivate, resolve });
  const getJson = createGetJson({ agent, allowPrivate, now: () => new Date() });
  const outcome = await getJson(process.argv[1]);
  process.stdout.write(outcome.ok ? 'ok' : outcome.refusal.reason);
  await agent.destroy();
`;

let folder = '';
let plainUrl = '';
let plain: Peer;
const servers: Server[] = [];
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'causeway-tls-'));
  await writeFile(join(folder, 'ca.pem'), rootPem);
  plain = await startPeer((_, response) =>
    response.writeHead(200, { 'content-type': 'application/activity+json' }).end('{}'),
  );
  plainUrl = `${plain.origin}/u`;
});
afterAll(async () => {
  for (const server of servers) server.close();
  await plain.close();
  await rm(folder, { recursive: true });
});

const serve = async (certificate: string): Promise<number> => {
  const server = createServer({ key: leaf.pem, cert: certificate }, (request, response) => {
    if (request.url === '/down') response.writeHead(302, { location: plainUrl }).end();
    else response.writeHead(200, { 'content-type': 'application/activity+json' }).end('{}');
  });
  servers.push(server);
  const { promise, resolve } = Promise.withResolvers<void>();
  server.listen(0, '127.0.0.1', resolve);
  await promise;
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
};

const fetchFrom = async (
  port: number,
  { trusted = true, mode = 'dev', path = '/u' } = {},
): Promise<string> => {
  const script = FETCH(join(import.meta.dirname, '../../src/activitypub'));
  const { stdout } = await run(
    process.execPath,
    ['--input-type=module-typescript', '--eval', script, `https://${NAME}:${port}${path}`, mode],
    { env: trusted ? { NODE_EXTRA_CA_CERTS: join(folder, 'ca.pem') } : {} },
  );
  return stdout;
};

describe('a peer with a certificate', () => {
  test('of a CA in NODE_EXTRA_CA_CERTS is trusted, else not', async () => {
    const port = await serve(leafPem(NAME));
    expect(await fetchFrom(port)).toBe('ok');
    expect(await fetchFrom(port, { trusted: false })).toBe('host-unreachable');
  });

  test('for another name, or one that is over, is not trusted', async () => {
    expect(await fetchFrom(await serve(leafPem('other.test')))).toBe('host-unreachable');
    expect(await fetchFrom(await serve(leafPem(NAME, -1)))).toBe('host-unreachable');
  });

  test('may not lead from https to http, even where http is allowed', async () => {
    expect(await fetchFrom(await serve(leafPem(NAME)), { path: '/down' })).toBe('host-unreachable');
    expect(plain.requests).toEqual([]);
  });

  test('on a private address is never reached without the development switch', async () => {
    expect(await fetchFrom(await serve(leafPem(NAME)), { mode: 'strict' })).toBe('policy');
  });
});
