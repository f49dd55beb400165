import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readBody } from '../../src/activitypub/read-body.ts';

/** A body that counts what was taken from it. */
const endless = (chunk: Buffer): { body: Readable; taken: () => number } => {
  let taken = 0;
  const body = new Readable({
    read() {
      taken += chunk.length;
      this.push(chunk);
    },
  });
  return { body, taken: () => taken };
};

test('gives the bytes back, however they were cut', async () => {
  const chunks = fc.array(fc.uint8Array({ maxLength: 50 }), { maxLength: 10 });
  await fc.assert(
    fc.asyncProperty(chunks, fc.boolean(), async (parts, packed) => {
      const whole = Buffer.concat(parts);
      const body = Readable.from(packed ? [gzipSync(whole)] : parts.map((part) => Buffer.from(part)));
      expect(await readBody(body, packed ? 'gzip' : '', 500)).toEqual({ ok: true, value: whole });
    }),
  );
});

test('stops an endless body soon after its limit', async () => {
  const { body, taken } = endless(Buffer.alloc(1000));
  expect((await readBody(body, 'identity', 10_000)).ok).toBe(false);
  expect(taken()).toBeLessThan(200_000);
  expect(body.destroyed).toBe(true);
});

test('stops an endless body of empty gzip members at its limit', async () => {
  const { body, taken } = endless(Buffer.concat(Array(1000).fill(gzipSync(''))));
  expect((await readBody(body, 'gzip', 100_000)).ok).toBe(false);
  expect(taken()).toBeLessThan(1_000_000);
});

test('a body that fails half-way fails the reading', async () => {
  const failing = (encoding: string) => {
    const body = new Readable({ read: () => undefined });
    body.push(gzipSync('half').subarray(0, 5));
    setImmediate(() => body.destroy(new Error('cut')));
    return readBody(body, encoding, 1000);
  };
  await expect(failing('')).rejects.toThrow('cut');
  await expect(failing('gzip')).rejects.toThrow('cut');
});
