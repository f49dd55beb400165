import { randomBytes } from 'node:crypto';
import { chmod, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Db } from '../../src/store/database.ts';
import { makeKeyPair } from '../../src/store/key-pool.ts';
import { NONCE_BYTES, sealPrivateKey } from '../../src/store/seal.ts';
import { loadSecretKey, parseSecretKey } from '../../src/store/secret-key.ts';
import { StartRefusal } from '../../src/store/start-refusal.ts';

let dataDir = '';
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'causeway-secret-'));
});
afterEach(() => rm(dataDir, { recursive: true }));

const answering = (rows: readonly object[]): Db => ({
  query: async <T>() => ({ rows: rows as T[], rowCount: rows.length }),
});
const empty = answering([]);
const { privateDer, publicPem } = await makeKeyPair();
const holdingKeyOf = (secretKey: Buffer): Db =>
  answering([
    {
      actor_id: 'alice',
      public_pem: publicPem,
      private_sealed: sealPrivateKey(secretKey, 'alice', privateDer, randomBytes(NONCE_BYTES)),
    },
  ]);
const file = (): string => join(dataDir, 'secret.key');

test('is made once, with mode 600, and is the same from then on', async () => {
  const first = await loadSecretKey({ db: empty, dataDir });
  expect(first).toHaveLength(32);
  expect((await stat(file())).mode & 0o777).toBe(0o600);
  expect(await loadSecretKey({ db: empty, dataDir })).toEqual(first);
  expect(await loadSecretKey({ db: holdingKeyOf(first), dataDir })).toEqual(first);
});

test('two processes that start at once get the same one and leave no drafts', async () => {
  const keys = await Promise.all(Array.from({ length: 8 }, () => loadSecretKey({ db: empty, dataDir })));
  expect(new Set(keys.map((key) => key.toString('hex'))).size).toBe(1);
  expect(await readdir(dataDir)).toEqual(['secret.key']);
});

test('is never made anew while the database holds keys', async () => {
  const loading = loadSecretKey({ db: holdingKeyOf(randomBytes(32)), dataDir });
  await expect(loading).rejects.toThrow(StartRefusal);
  await expect(loading).rejects.toThrow(/secret\.key.*Put the file back/u);
  expect(await readdir(dataDir)).toEqual([]);
});

test('the wrong file is refused by name', async () => {
  await writeFile(file(), randomBytes(32).toString('hex'));
  const loading = loadSecretKey({ db: holdingKeyOf(randomBytes(32)), dataDir });
  await expect(loading).rejects.toThrow(StartRefusal);
  await expect(loading).rejects.toThrow(/secret\.key is not the secret key that encrypted/u);
});

test('a damaged file is refused and stays as it is', async () => {
  await writeFile(file(), 'abc');
  await expect(loadSecretKey({ db: empty, dataDir })).rejects.toThrow(/holds no key/u);
  expect(await readFile(file(), 'utf8')).toBe('abc');
});

test('a file that others may read is closed to them', async () => {
  await writeFile(file(), randomBytes(32).toString('hex'));
  await chmod(file(), 0o644);
  await loadSecretKey({ db: empty, dataDir });
  expect((await stat(file())).mode & 0o777).toBe(0o600);
});

test('a configured key wins, and no file is made', async () => {
  const key = randomBytes(32);
  for (const configured of [key.toString('hex'), key.toString('base64'), ` ${key.toString('base64url')}\n`]) {
    expect(await loadSecretKey({ db: holdingKeyOf(key), dataDir, configured })).toEqual(key);
  }
  expect(await readdir(dataDir)).toEqual([]);
});

test('a configured key that is wrong or malformed is refused, and not repeated in the message', async () => {
  const configured = randomBytes(32).toString('hex');
  const wrong = loadSecretKey({ db: holdingKeyOf(randomBytes(32)), dataDir, configured });
  await expect(wrong).rejects.toThrow(/^secret_key is not the secret key that encrypted/u);
  const malformed = loadSecretKey({ db: empty, dataDir, configured: 'hunter2' });
  await expect(malformed).rejects.toThrow(/64 hexadecimal digits/u);
  await expect(malformed).rejects.not.toThrow(/hunter2/u);
});

test('every key survives being written as hex and as base64', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), (bytes) => {
      const key = Buffer.from(bytes);
      expect(parseSecretKey(key.toString('hex').toUpperCase())).toEqual(key);
      expect(parseSecretKey(key.toString('base64'))).toEqual(key);
    }),
  );
});

test.each(['', 'a'.repeat(63), 'g'.repeat(64), 'a'.repeat(65), '='.repeat(44), 'ä'.repeat(43)])(
  'is not a key: %s',
  (text) => {
    expect(parseSecretKey(text)).toBeUndefined();
  },
);
