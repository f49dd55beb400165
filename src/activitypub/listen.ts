import { unlink } from 'node:fs/promises';
import { connect, type ListenOptions, type Server } from 'node:net';

const parseListenAddress = (address: string): ListenOptions => {
  if (address.startsWith('unix:')) {
    // As with a loopback port, whoever can reach it may speak to it: the folder decides who can.
    return { path: address.slice('unix:'.length), readableAll: true, writableAll: true };
  }
  const colon = address.lastIndexOf(':');
  const host = address.slice(0, Math.max(colon, 0)).replace(/^\[|\]$/gu, '');
  const port = address.slice(colon + 1);
  if (host === '' || !/^\d{1,5}$/u.test(port) || Number(port) > 65_535) {
    throw new Error(`not an address to listen on: ${address}`);
  }
  return { host, port: Number(port) };
};

const tryListen = (server: Server, options: ListenOptions): Promise<void> =>
  new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(options, () => {
      server.off('error', reject);
      resolve();
    });
  });

/** True when a socket file is there but nobody behind it: a process that was killed leaves one. */
const isAbandoned = (path: string): Promise<boolean> =>
  new Promise((resolve) => {
    const probe = connect(path);
    probe.once('connect', () => {
      probe.destroy();
      resolve(false);
    });
    probe.once('error', (error) => resolve('code' in error && error.code === 'ECONNREFUSED'));
  });

/** What an admin does about it, by the system's error code. */
const ADVICE: ReadonlyMap<unknown, string> = new Map([
  ['EADDRINUSE', 'another program listens there already. Stop it, or change http.listen.'],
  // For a socket path, Node says so of a folder that is not there, too.
  ['EACCES', 'this user may not, or there is no such folder. Change http.listen, or the rights.'],
  ['EADDRNOTAVAIL', 'this machine has no such address. Change http.listen.'],
  ['ENOTFOUND', 'there is no such host. Change http.listen.'],
]);

/** The system's error in a sentence, with its code; what is not known stays as it is. */
const explain = (error: unknown, address: string): unknown => {
  if (!(error instanceof Error && 'code' in error)) return error;
  const advice = ADVICE.get(error.code);
  if (advice === undefined) return error;
  const told = new Error(`Cannot listen at ${address}: ${advice}`, { cause: error });
  return Object.assign(told, { code: error.code });
};

/**
 * Binds a server to `host:port` (IPv6 in brackets, port 0 for any that is free) or to `unix:/path`, where a
 * socket file that nobody serves any more is replaced. `port` is undefined for a path. Rejects with
 * a sentence that has the system's `code` (EADDRINUSE), or with one that names an address it cannot read.
 */
export const listen = async (
  server: Server,
  address: string,
): Promise<{ readonly port: number | undefined }> => {
  const options = parseListenAddress(address);
  try {
    await tryListen(server, options);
  } catch (error) {
    const { path } = options;
    if (path === undefined || !(await isAbandoned(path))) throw explain(error, address);
    await unlink(path);
    await tryListen(server, options);
  }
  const bound = server.address();
  return { port: typeof bound === 'object' && bound !== null ? bound.port : undefined };
};
