import { X509Certificate } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type CertificateSet, issueCertificate, trustAuthority, writeCertificates } from './certificates.ts';
import { startTerminator, type Terminator } from './terminator.ts';

const NOW = new Date();
const folder = mkdtempSync(join(tmpdir(), 'causeway-certificates-'));
let leaf: CertificateSet;
beforeAll(async () => {
  leaf = await writeCertificates(folder, ['a.test', 'b.test'], NOW);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('certificates', () => {
  test('a leaf is signed by its authority, for every name, for days', () => {
    const parsed = new X509Certificate(leaf.certificate);
    expect(parsed.verify(new X509Certificate(leaf.authority).publicKey)).toBe(true);
    expect(parsed.subjectAltName).toBe('DNS:a.test, DNS:b.test');
    expect(parsed.checkHost('b.test')).toBe('b.test');
    expect(parsed.checkHost('c.test')).toBeUndefined();
    expect(parsed.ca).toBe(false);
    expect(parsed.validToDate.getTime()).toBeGreaterThan(NOW.getTime() + 6 * 86_400_000);
    expect(() => issueCertificate(leaf, [], NOW)).toThrow('at least one name');
  });

  test('the folder gets the authority and no private key', () => {
    expect(readdirSync(folder).map((name) => join(folder, name))).toEqual([leaf.authorityFile]);
    const text = readFileSync(leaf.authorityFile, 'utf8');
    expect(new X509Certificate(text).ca).toBe(true);
    expect(text).not.toContain('PRIVATE');
  });
});

let backend: Server;
let terminator: Terminator;
let received: Promise<string>;
let routes: Map<string, number>;
let distrust: () => void;

beforeEach(async () => {
  received = new Promise((resolve) => {
    backend = createServer((socket) => {
      let text = '';
      socket.setEncoding('latin1').on('data', (part: string) => {
        text += part;
        if (!text.endsWith('.')) return;
        resolve(text);
        socket.end('HTTP/1.1 200 OK\r\nX-kept: As-Sent\r\n\r\n');
      });
    });
  });
  routes = new Map([
    ['a.test', await listen(backend)],
    ['b.test', 1],
  ]);
  terminator = await startTerminator(leaf, routes, 0);
  distrust = trustAuthority(leaf.authority);
});
afterEach(async () => {
  distrust();
  await terminator.stop();
  backend.close();
});

test('passes bytes on unread, both ways', async () => {
  const sent = 'POST /Inbox HTTP/1.1\r\nhOsT: a.test\r\nX-B: 2\r\nX-A: 1\r\n\r\n\u0000\u00ff{ "a" :1}.';
  expect(await exchange('a.test', sent)).toBe('HTTP/1.1 200 OK\r\nX-kept: As-Sent\r\n\r\n');
  expect(await received).toBe(sent);
});

test('ends the connection for a name without a route and for a server that is away', async () => {
  expect(await exchange('c.test', 'x', false)).toBe('');
  expect(await exchange('b.test', 'x')).toBe('');
});

test('finds routes that were added later', async () => {
  routes.set('c.test', routes.get('a.test') ?? 0);
  expect(await exchange('c.test', 'late.', false)).toContain('200 OK');
});

test('is trusted by who trusts the authority, and by nobody else', async () => {
  distrust();
  await expect(exchange('a.test', 'x')).rejects.toThrow(/certificate|self-signed|issuer/u);
});

test('says in one sentence that the port is taken, and waits for it where asked to', async () => {
  await expect(startTerminator(leaf, routes, terminator.port)).rejects.toThrow(
    `Port ${terminator.port} is taken by another program: stop it and start again.`,
  );
  const waiting = startTerminator(leaf, routes, terminator.port, 10_000);
  await terminator.stop();
  terminator = await waiting;
  expect(await exchange('a.test', 'again.')).toContain('200 OK');
});

test('stop closes open connections', async () => {
  const socket = dial('a.test');
  await new Promise((resolve) => socket.once('secureConnect', resolve));
  const closed = new Promise((resolve) => socket.once('close', resolve));
  await terminator.stop();
  await closed;
});

const dial = (servername: string, verify = true) =>
  connect({ port: terminator.port, host: '127.0.0.1', servername, rejectUnauthorized: verify });

function exchange(servername: string, text: string, verify = true): Promise<string> {
  return new Promise((resolve, reject) => {
    let answer = '';
    const socket: Socket = dial(servername, verify);
    socket.setEncoding('latin1').on('data', (part: string) => {
      answer += part;
    });
    socket.once('secureConnect', () => socket.write(text, 'latin1'));
    socket.once('error', (error: NodeJS.ErrnoException) =>
      error.code === 'ECONNRESET' ? resolve(answer) : reject(error),
    );
    socket.once('close', () => resolve(answer));
  });
}

function listen(server: Server): Promise<number> {
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      resolve(typeof address === 'object' && address !== null ? address.port : 0);
    });
  });
}
