import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';

/**
 * Below those that the system gives out by itself, to who listens at any and to who connects (ip_local_port_range
 * begins at 32768): there nobody takes one between the search for it and its use.
 */
const LOWEST = 10_000;
const HIGHEST = 32_000;

/** The last one given out, so that none is given out twice in this process. */
let last = randomInt(LOWEST, HIGHEST);

/**
 * A loopback port that nobody listens on at this moment, for a program that cannot choose one itself: `preferred`
 * where it is free, else another.
 */
export async function findFreePort(preferred?: number): Promise<number> {
  if (preferred !== undefined && (await isFree(preferred))) return preferred;
  for (let tries = LOWEST; tries < HIGHEST; tries += 1) {
    last = last < HIGHEST ? last + 1 : LOWEST;
    const port = last;
    if (await isFree(port)) return port;
  }
  throw new Error('the system has no free port');
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  const listens = await new Promise<boolean>((resolve) => {
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => resolve(true));
  });
  if (listens) await new Promise((resolve) => server.close(resolve));
  return listens;
}
