import { generateKeyPair } from 'node:crypto';
import { promisify } from 'node:util';

/** A new key pair: the public key as SPKI PEM, the private one as PKCS#8 DER. */
export type KeyPair = { readonly publicPem: string; readonly privateDer: Buffer };

export type KeyPool = {
  /** A pair that nobody else has; waits for one to be made where none is ready. Rejects after `stop`. */
  readonly take: () => Promise<KeyPair>;
  /** Pairs that are ready. */
  readonly ready: () => number;
  /** Makes no more, and returns when the one in the making is over. */
  readonly stop: () => Promise<void>;
};

const generate = promisify(generateKeyPair);

/** RSA with 2048 bits: what every Fediverse server verifies. About 0.2 s of one core, off the event loop. */
export const makeKeyPair = async (): Promise<KeyPair> => {
  const { publicKey, privateKey } = await generate('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'der' },
  });
  return { publicPem: publicKey, privateDer: privateKey };
};

type Waiting = { readonly resolve: (pair: KeyPair) => void; readonly reject: (error: unknown) => void };

/**
 * Keeps `size` key pairs ready, so that a first message need not wait for one. Makes one at a time: key
 * generation takes a whole core. `make` is for tests.
 */
export const createKeyPool = (options: {
  readonly size: number;
  readonly make?: () => Promise<KeyPair>;
}): KeyPool => {
  const make = options.make ?? makeKeyPair;
  const pairs: KeyPair[] = [];
  const waiting: Waiting[] = [];
  let making: Promise<void> = Promise.resolve();
  let busy = false;
  let stopped = false;

  const refill = async (): Promise<void> => {
    while (!stopped && (waiting.length > 0 || pairs.length < options.size)) {
      try {
        const pair = await make();
        const next = waiting.shift();
        if (next === undefined) pairs.push(pair);
        else next.resolve(pair);
      } catch (error) {
        // Whoever waits hears of it. With nobody waiting the next `take` tries again.
        const next = waiting.shift();
        if (next === undefined) break;
        next.reject(error);
      }
    }
    // In the same turn as the last look at `waiting`: a `take` after this starts anew.
    busy = false;
  };
  const start = (): void => {
    if (busy || stopped) return;
    busy = true;
    making = refill();
  };

  start();
  return {
    take: () => {
      if (stopped) return Promise.reject(new Error('the key pool is stopped'));
      const pair = pairs.shift();
      const taken =
        pair === undefined
          ? new Promise<KeyPair>((resolve, reject) => waiting.push({ resolve, reject }))
          : Promise.resolve(pair);
      start();
      return taken;
    },
    ready: () => pairs.length,
    stop: async () => {
      stopped = true;
      for (const { reject } of waiting.splice(0)) reject(new Error('the key pool is stopped'));
      await making;
    },
  };
};
