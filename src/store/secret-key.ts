import { randomBytes } from 'node:crypto';
import { chmod, link, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { findAnyActorKey, type StoredKey } from './actor-keys.ts';
import type { Db } from './database.ts';
import { openPrivateKey, SECRET_KEY_BYTES } from './seal.ts';
import { StartRefusal } from './start-refusal.ts';

const FILE = 'secret.key';

/**
 * The key that encrypts the private keys of our actors: the configured one (64 hex digits, or base64 of 32
 * bytes), else the one in `secret.key` of the data directory, which is made, mode 600, while the database
 * holds no encrypted key. Throws `StartRefusal` where it is malformed, missing or not the one that encrypted
 * what is stored: a new key in its place would end all signatures of all users without a word.
 */
export const loadSecretKey = async (options: {
  readonly db: Db;
  readonly dataDir: string;
  readonly configured?: string | undefined;
}): Promise<Buffer> => {
  const stored = await findAnyActorKey(options.db);
  if (options.configured !== undefined) {
    const key = parseSecretKey(options.configured);
    if (key === undefined) {
      throw new StartRefusal(
        'secret_key is not a key: give 64 hexadecimal digits or the base64 of 32 bytes, ' +
          'as `openssl rand -hex 32` makes them.',
      );
    }
    return checkKey(key, stored, 'secret_key');
  }
  const path = join(options.dataDir, FILE);
  const found = await readKeyFile(path);
  if (found !== undefined) return checkKey(found, stored, path);
  if (stored !== undefined) {
    throw new StartRefusal(
      `The secret key is missing: there is no ${path}, and the database holds private keys that only it can open. ` +
        'Put the file back from a backup, or set secret_key to what it held.',
    );
  }
  await mkdir(options.dataDir, { recursive: true });
  return makeKeyFile(path);
};

/** 32 bytes as hex or base64 (also the URL alphabet, with or without padding); undefined for all else. */
export const parseSecretKey = (text: string): Buffer | undefined => {
  const trimmed = text.trim();
  if (/^[0-9a-f]{64}$/iu.test(trimmed)) return Buffer.from(trimmed, 'hex');
  if (!/^[A-Za-z0-9+/_-]{43}=?$/u.test(trimmed)) return undefined;
  const key = Buffer.from(trimmed, 'base64');
  return key.length === SECRET_KEY_BYTES ? key : undefined;
};

const checkKey = (key: Buffer, stored: StoredKey | undefined, source: string): Buffer => {
  if (stored === undefined) return key;
  try {
    openPrivateKey(key, stored.actorId, stored.sealed);
    return key;
  } catch {
    throw new StartRefusal(
      `${source} is not the secret key that encrypted the private keys in this database. ` +
        'Use the one that belongs to this database, or the database that belongs to this key.',
    );
  }
};

const readKeyFile = async (path: string): Promise<Buffer | undefined> => {
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw new StartRefusal(
      `${path} cannot be read: ${error instanceof Error ? error.message : String(error)}.`,
    );
  });
  if (text === undefined) return undefined;
  const key = parseSecretKey(text);
  if (key === undefined) {
    throw new StartRefusal(`${path} holds no key of 64 hexadecimal digits: put it back from a backup.`);
  }
  // A copy from a backup may have come with wider rights.
  await chmod(path, 0o600);
  return key;
};

/** Written whole under another name, then linked: of two processes that start at once both use the first. */
const makeKeyFile = async (path: string): Promise<Buffer> => {
  const draft = `${path}.${randomBytes(6).toString('hex')}`;
  try {
    await writeFile(draft, `${randomBytes(SECRET_KEY_BYTES).toString('hex')}\n`, {
      mode: 0o600,
      flush: true,
    });
    await link(draft, path).catch((error: unknown) => {
      if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
    });
  } finally {
    await rm(draft, { force: true });
  }
  const key = await readKeyFile(path);
  if (key === undefined) throw new Error(`${path} was removed while it was made`);
  return key;
};
