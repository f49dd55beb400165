import { type KeyObject, randomBytes } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import { findActorKey, insertActorKey } from './actor-keys.ts';
import type { Db } from './database.ts';
import type { KeyPair } from './key-pool.ts';
import { NONCE_BYTES, openPrivateKey, sealPrivateKey } from './seal.ts';

export type Keyring = {
  /** The key with which an actor of ours signs. Throws where it has none. */
  readonly privateKeyOf: (actorId: string) => Promise<KeyObject>;
  /** Its public key as SPKI PEM; undefined where it has none. */
  readonly publicPemOf: (actorId: string) => Promise<string | undefined>;
  /** Gives an actor its key pair, as part of a transaction; false where it has one, which then stays. */
  readonly add: (tx: Db, actorId: string, pair: KeyPair) => Promise<boolean>;
};

type Opened = { readonly privateKey: KeyObject; readonly publicPem: string };

const MOST_KEYS = 2_000;
const KEPT_MS = 60 * 60_000;

/** The key pairs of our actors. Each is read and decrypted once an hour at most while it is in use. */
export const createKeyring = (deps: { readonly db: Db; readonly secretKey: Buffer }): Keyring => {
  const keys = new LRUCache<string, Opened>({
    max: MOST_KEYS,
    ttl: KEPT_MS,
    // Callers that ask at the same time share one look-up. That there is no key is never remembered.
    fetchMethod: async (actorId) => {
      const stored = await findActorKey(deps.db, actorId);
      if (stored === undefined) return undefined;
      const privateKey = openPrivateKey(deps.secretKey, actorId, stored.sealed);
      return { privateKey, publicPem: stored.publicPem };
    },
  });
  return {
    privateKeyOf: async (actorId) => {
      const opened = await keys.fetch(actorId);
      if (opened === undefined) throw new Error(`the actor ${actorId} has no key`);
      return opened.privateKey;
    },
    publicPemOf: async (actorId) => (await keys.fetch(actorId))?.publicPem,
    // Not put in the cache: the transaction may yet be undone.
    add: (tx, actorId, pair) =>
      insertActorKey(tx, {
        actorId,
        publicPem: pair.publicPem,
        sealed: sealPrivateKey(deps.secretKey, actorId, pair.privateDer, randomBytes(NONCE_BYTES)),
      }),
  };
};
