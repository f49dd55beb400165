import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { connect, isIPv6, type NetConnectOpts } from 'node:net';
import { networkInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { listen } from '../../src/activitypub/listen.ts';

let folder: string;
const servers: Server[] = [];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'causeway-'));
});
afterEach(async () => {
  for (const server of servers.splice(0)) server.close();
  await rm(folder, { recursive: true });
});

const newServer = (): Server => {
  const server = createServer();
  servers.push(server);
  return server;
};

const reaches = (to: NetConnectOpts): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(to, () => {
      socket.destroy();
      resolve(true);
    });
    socket.on('error', () => resolve(false));
  });

test('a port, any that is free where it is 0', async () => {
  const { port } = await listen(newServer(), '127.0.0.1:0');
  expect(await reaches({ host: '127.0.0.1', port: port ?? 0 })).toBe(true);
});

const hasIpv6 = Object.values(networkInterfaces())
  .flat()
  .some((each) => each !== undefined && isIPv6(each.address) && each.internal);

test.runIf(hasIpv6)('an IPv6 address in brackets', async () => {
  const { port } = await listen(newServer(), '[::1]:0');
  expect(await reaches({ host: '::1', port: port ?? 0 })).toBe(true);
});

test('a port that is taken is an error', async () => {
  const { port } = await listen(newServer(), '127.0.0.1:0');
  await expect(listen(newServer(), `127.0.0.1:${port}`)).rejects.toMatchObject({
    code: 'EADDRINUSE',
    message: expect.stringMatching(/^Cannot listen at .*: another program .* Stop it/u),
  });
});

test('a path; one that is served is never taken over', async () => {
  const path = join(folder, 'web.sock');
  expect(await listen(newServer(), `unix:${path}`)).toEqual({ port: undefined });
  await expect(listen(newServer(), `unix:${path}`)).rejects.toMatchObject({
    code: 'EADDRINUSE',
    message: expect.stringMatching(/^Cannot listen at .*: another program .* Stop it/u),
  });
  expect(await reaches({ path })).toBe(true);
});

test('a path whose folder is not there, and an address of another machine, are told with what to do', async () => {
  await expect(listen(newServer(), `unix:${join(folder, 'nowhere/web.sock')}`)).rejects.toThrow(
    /^Cannot listen at unix:.*no such folder\. Change http\.listen/u,
  );
  // RFC 5737 3: nobody's.
  await expect(listen(newServer(), '192.0.2.1:0')).rejects.toThrow(/no such address\. Change http\.listen/u);
});

test('a socket file that a killed process left is replaced', async () => {
  const path = join(folder, 'web.sock');
  const script =
    "require('node:net').createServer().listen(process.argv[1], () => process.kill(process.pid, 'SIGKILL'))";
  const killed = spawn(process.execPath, ['-e', script, path]);
  await new Promise((resolve) => killed.once('exit', resolve));
  expect(await reaches({ path })).toBe(false);
  await listen(newServer(), `unix:${path}`);
  expect(await reaches({ path })).toBe(true);
});

test.each(['8080', 'localhost', 'localhost:', 'localhost:99999', 'localhost:-1', 'localhost:1e3', ':80', ''])(
  '%j is no address to listen on',
  async (address) => {
    await expect(listen(newServer(), address)).rejects.toThrow('not an address to listen on');
  },
);
