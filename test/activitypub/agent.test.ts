import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { createAgent, type ResolveHost } from '../../src/activitypub/agent.ts';
import { nameFailure } from '../../src/activitypub/network-failure.ts';
import { type Peer, startPeer } from './support/peer.ts';

let peer: Peer;
beforeAll(async () => {
  peer = await startPeer((_, response) => response.end('hello'));
});
afterAll(() => peer.close());

const resolveTo =
  (...addresses: string[]): ResolveHost =>
  async () =>
    addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }));

/** How a GET of the peer under another name ends. */
const knock = async (allowPrivate: boolean, resolve: ResolveHost, hostname = 'm.example') => {
  const agent = createAgent({ allowPrivate, resolve });
  const port = new URL(peer.origin).port;
  try {
    const response = await agent.request({ origin: `http://${hostname}:${port}`, path: '/', method: 'GET' });
    return await response.body.text();
  } catch (error) {
    return nameFailure(error).cause;
  } finally {
    await agent.destroy();
  }
};

describe('a name is checked where it leads', () => {
  test.each([
    '127.0.0.1',
    '::1',
    '::ffff:7f00:1',
    '10.0.0.1',
    '169.254.169.254',
    '64:ff9b::7f00:1',
    '0.0.0.0',
  ])('never to %s', async (address) => {
    const before = peer.requests.length;
    expect(await knock(false, resolveTo(address))).toBe('refused-address');
    expect(peer.requests.length).toBe(before);
  });

  test('a name of two addresses leads to the allowed one only', async () => {
    expect(await knock(true, resolveTo('169.254.169.254', '127.0.0.1'))).toBe('hello');
    expect(await knock(false, resolveTo('127.0.0.1', '::1'))).toBe('refused-address');
  });

  test('a name that changes its mind after the check gains nothing', async () => {
    let asked = 0;
    const rebinding: ResolveHost = async () => {
      asked += 1;
      return [{ address: asked === 1 ? '10.0.0.1' : '127.0.0.1', family: 4 }];
    };
    expect(await knock(false, rebinding)).toBe('refused-address');
    expect(asked).toBe(1);
  });

  test('a name that changes its mind is asked once: where it led then is where the connection goes', async () => {
    let asked = 0;
    const rebinding: ResolveHost = async () => {
      asked += 1;
      return [{ address: asked === 1 ? '127.0.0.1' : '169.254.169.254', family: 4 }];
    };
    const before = peer.connections();
    expect(await knock(true, rebinding)).toBe('hello');
    expect([asked, peer.connections() - before]).toEqual([1, 1]);
    expect(await knock(true, rebinding)).toBe('refused-address');
    expect([asked, peer.connections() - before]).toEqual([2, 1]);
  });

  test('with the development switch loopback is open, the metadata service is not', async () => {
    expect(await knock(true, resolveTo('127.0.0.1'))).toBe('hello');
    expect(await knock(true, resolveTo('169.254.169.254'))).toBe('refused-address');
  });
});

test.each([
  '127.0.0.1',
  '2130706433',
  '0x7f000001',
  '0x7f.1',
  '0177.0.0.1',
  '127.1',
  '0',
  '[::1]',
  '[::ffff:127.0.0.1]',
  '[::ffff:7f00:1]',
  'localhost',
  'LOCALHOST',
])('the system would lead %s to this machine, the agent does not', async (hostname) => {
  const agent = createAgent({ allowPrivate: false });
  const before = peer.connections();
  const origin = `http://${hostname}:${new URL(peer.origin).port}`;
  const failed = await agent.request({ origin, path: '/', method: 'GET' }).catch(nameFailure);
  await agent.destroy();
  expect(failed).toMatchObject({ cause: 'refused-address' });
  expect(peer.connections()).toBe(before);
});

test('variables that name a proxy change nothing', async () => {
  const proxy = await startPeer((_, response) => response.end('proxy'));
  for (const name of ['http_proxy', 'HTTP_PROXY', 'https_proxy', 'HTTPS_PROXY', 'ALL_PROXY'])
    vi.stubEnv(name, proxy.origin);
  try {
    expect(await knock(true, resolveTo('127.0.0.1'))).toBe('hello');
    expect(await knock(false, resolveTo('10.0.0.1'))).toBe('refused-address');
    expect(proxy.connections()).toBe(0);
  } finally {
    vi.unstubAllEnvs();
    await proxy.close();
  }
});

test('a literal address is checked although nobody looks it up', async () => {
  const never: ResolveHost = () => Promise.reject(new Error('asked'));
  expect(await knock(false, never, '127.0.0.1')).toBe('refused-address');
  expect(await knock(false, never, '[::1]')).toBe('refused-address');
  expect(await knock(true, never, '127.0.0.1')).toBe('hello');
});

test('no such host', async () => {
  const away: ResolveHost = () => Promise.reject(Object.assign(new Error('x'), { code: 'ENOTFOUND' }));
  expect(await knock(false, away)).toBe('no-such-host');
  expect(await knock(false, resolveTo())).toBe('no-such-host');
  expect(await knock(false, resolveTo('127.0.0.1'), 'peer.invalid')).toBe('no-such-host');
  expect(await knock(false, () => Promise.reject(new Error('x')))).toBe('connection');
});
