import { execFile } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server, type ServerOptions } from 'node:https';
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
  import { nameFailure } from '${src}/network-failure.ts';
  const resolve = async () => [{ address: '127.0.0.1', family: 4 }];
  const allowPrivate = process.argv[2] === 'dev';
  const agent = createAgent({ allowPrivate, resolve });
  const causes = [];
  const request = agent.request.bind(agent);
  agent.request = (options) =>
    request(options).catch((error) => {
      causes.push(nameFailure(error).cause);
      throw error;
    });
  const getJson = createGetJson({ agent, allowPrivate, now: () => new Date() });
  const outcome = await getJson(process.argv[1]);
  const said = outcome.ok ? 'ok' : outcome.refusal.reason;
  process.stdout.write(causes.length === 0 ? said : said + ' ' + causes.join(' '));
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

type Served = {
  readonly port: number;
  /** The names of handshakes (SNI, RFC 6066 3), one for each connection. */
  readonly names: string[];
  readonly requests: string[];
};

const serve = async (certificate: string): Promise<Served> => {
  const names: string[] = [];
  const requests: string[] = [];
  const remember: NonNullable<ServerOptions['SNICallback']> = (name, done) => {
    names.push(name);
    done(null);
  };
  const settings = { key: leaf.pem, cert: certificate, SNICallback: remember };
  const server = createServer(settings, (request, response) => {
    requests.push(request.url ?? '');
    if (request.url === '/down') response.writeHead(302, { location: plainUrl }).end();
    else response.writeHead(200, { 'content-type': 'application/activity+json' }).end('{}');
  });
  servers.push(server);
  const { promise, resolve } = Promise.withResolvers<void>();
  server.listen(0, '127.0.0.1', resolve);
  await promise;
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return { port: address.port, names, requests };
};

const fetchFrom = async (
  { port }: Pick<Served, 'port'>,
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
  /** It is spoken to by its name, and asked for nothing. */
  const expectNothingAsked = ({ names, requests }: Served): void =>
    expect({ names, requests }).toEqual({ names: [NAME], requests: [] });

  test('of a CA in NODE_EXTRA_CA_CERTS is trusted, else not', async () => {
    const [trusted, strange] = [await serve(leafPem(NAME)), await serve(leafPem(NAME))];
    expect(await fetchFrom(trusted)).toBe('ok');
    expect(trusted).toMatchObject({ names: [NAME], requests: ['/u'] });
    expect(await fetchFrom(strange, { trusted: false })).toBe('host-unreachable tls');
    expectNothingAsked(strange);
  });

  test.each([
    ['for another name', () => leafPem('other.test'), 'tls-name'],
    ['for names below its own', () => leafPem(`*.${NAME}`), 'tls-name'],
    ['that is over', () => leafPem(NAME, -1), 'tls'],
    [
      'that it signed itself',
      () => makeCertificate(NAME, leaf, { name: NAME, key: leaf.key, ca: false }),
      'tls',
    ],
    [
      'that says it is of the trusted CA',
      () => makeCertificate(NAME, leaf, { name: 'Test CA', key: leaf.key, ca: false }),
      'tls',
    ],
  ] as const)('%s is asked for nothing', async (_, certificate, cause) => {
    const peer = await serve(certificate());
    expect(await fetchFrom(peer)).toBe(`host-unreachable ${cause}`);
    expectNothingAsked(peer);
  });

  test('may not lead from https to http, even where http is allowed', async () => {
    expect(await fetchFrom(await serve(leafPem(NAME)), { path: '/down' })).toBe('host-unreachable');
    expect(plain.requests).toEqual([]);
  });

  test('on a private address is never reached without the development switch', async () => {
    const peer = await serve(leafPem(NAME));
    expect(await fetchFrom(peer, { mode: 'strict' })).toBe('policy refused-address');
    expect(peer.names).toEqual([]);
  });
});
