import { createServer } from 'node:net';

/**
 * A loopback port that nobody listens on at this moment, for a program that cannot choose one itself: `preferred`
 * where it is free, else any.
 */
export async function findFreePort(preferred = 0): Promise<number> {
  const server = createServer();
  const port = await new Promise<number | undefined>((resolve) => {
    server.once('error', () => resolve(undefined));
    server.listen(preferred, '127.0.0.1', () => {
      const address = server.address();
      resolve(typeof address === 'object' && address !== null ? address.port : undefined);
    });
  });
  if (port === undefined) {
    if (preferred === 0) throw new Error('the system has no free port');
    return findFreePort();
  }
  await new Promise((resolve) => server.close(resolve));
  return port;
}
