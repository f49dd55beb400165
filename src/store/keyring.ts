import { type KeyObject, randomBytes } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import { findActorKey, findOldKey, insertActorKey, replaceActorKey, type StoredKey } from './actor-keys.ts';
import type { Db } from './database.ts';
import type { KeyPair } from './key-pool.ts';
import { KEY_KEPT_MS } from './key-times.ts';
import { NONCE_BYTES, openPrivateKey, sealPrivateKey } from './seal.ts';

export type Keyring = {
  /** The key with which an actor of ours signs. Throws where it has none. */
  readonly privateKeyOf: (actorId: string) => Promise<KeyObject>;
  /** A key with which it signed before `replace`; undefined once that is forgotten. */
  readonly oldKeyOf: (actorId: string, oldKey: number) => Promise<KeyObject | undefined>;
  /** Its public key as SPKI PEM; undefined where it has none. */
  readonly publicPemOf: (actorId: string) => Promise<string | undefined>;
  /** Gives an actor its key pair, as part of a transaction; false where it has one, which then stays. */
  readonly add: (tx: Db, actorId: string, pair: KeyPair) => Promise<boolean>;
  /**
   * A new pair in the place of the old one, as part of a transaction. Returns the id of the old one, which stays for
   * the deliveries that name it; undefined where there is none.
   */
  readonly replace: (tx: Db, actorId: string, pair: KeyPair) => Promise<number | undefined>;
  /** Reads the actor's key anew: call it after the commit of `replace`. */
  readonly forget: (actorId: string) => void;
};

type Opened = { readonly privateKey: KeyObject; readonly publicPem: string };

const MOST_KEYS = 2_000;
/** The key pairs of our actors. Each is read and decrypted once in `KEY_KEPT_MS` at most while it is in use. */
export const createKeyring = (deps: { readonly db: Db; readonly secretKey: Buffer }): Keyring => {
  const open = (actorId: string, { sealed, publicPem }: Pick<StoredKey, 'sealed' | 'publicPem'>): Opened => ({
    privateKey: openPrivateKey(deps.secretKey, actorId, sealed),
    publicPem,
  });
  const keys = new LRUCache<string, Opened>({
    max: MOST_KEYS,
    ttl: KEY_KEPT_MS,
    // `forget` while a key is being read: who asked before gets what was read, who asks later reads again.
    ignoreFetchAbort: true,
    // Callers that ask at the same time share one look-up. That there is no key is never remembered.
    fetchMethod: async (actorId) => {
      const stored = await findActorKey(deps.db, actorId);
      return stored && open(actorId, stored);
    },
  });
  const toStored = (actorId: string, pair: KeyPair): StoredKey => ({
    actorId,
    publicPem: pair.publicPem,
    sealed: sealPrivateKey(deps.secretKey, actorId, pair.privateDer, randomBytes(NONCE_BYTES)),
  });
  return {
    privateKeyOf: async (actorId) => {
      const opened = await keys.fetch(actorId);
      if (opened === undefined) throw new Error(`the actor ${actorId} has no key`);
      return opened.privateKey;
    },
    // Needed a few times only, and to be forgotten with its last delivery: not kept in memory.
    oldKeyOf: async (actorId, oldKey) => {
      const stored = await findOldKey(deps.db, actorId, oldKey);
      return stored && open(actorId, stored).privateKey;
    },
    publicPemOf: async (actorId) => (await keys.fetch(actorId))?.publicPem,
    // Neither is put in the cache: the transaction may yet be undone.
    add: (tx, actorId, pair) => insertActorKey(tx, toStored(actorId, pair)),
    replace: (tx, actorId, pair) => replaceActorKey(tx, toStored(actorId, pair)),
    forget: (actorId) => void keys.delete(actorId),
  };
};
