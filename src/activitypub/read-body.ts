import type { Readable } from 'node:stream';
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib';
import { done, malformed, type Parsed } from '../bridge/outcome.ts';

/** The content codings that we ask for and understand (RFC 9110 8.4.1). */
export const ACCEPT_ENCODING = 'gzip, deflate, br';

type Decoder = NodeJS.ReadWriteStream & Readable;

const decoderOf = (encoding: string): (() => Decoder) | 'none' | undefined => {
  switch (encoding.trim().toLowerCase()) {
    case '':
    case 'identity':
      return 'none';
    case 'gzip':
    case 'x-gzip':
      return createGunzip;
    case 'deflate':
      return createInflate;
    case 'br':
      return createBrotliDecompress;
    default:
      return undefined;
  }
};

const collect = async (stream: Readable, maxBytes: number): Promise<Parsed<Buffer>> => {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of stream) {
    if (!(chunk instanceof Uint8Array)) return malformed('a body that is not bytes');
    size += chunk.length;
    if (size > maxBytes) return malformed(`more than ${maxBytes} bytes`);
    chunks.push(chunk);
  }
  return done(Buffer.concat(chunks, size));
};

/** Counts what goes in as well: empty gzip members without end give no output at all. */
const collectDecoded = async (
  body: Readable,
  decoded: Decoder,
  maxBytes: number,
): Promise<Parsed<Buffer>> => {
  let packed = 0;
  body.on('data', (chunk: unknown) => {
    packed += chunk instanceof Uint8Array ? chunk.length : maxBytes;
    if (packed > maxBytes) decoded.destroy();
  });
  body.once('error', (error) => decoded.destroy(error));
  body.pipe(decoded);
  try {
    return await collect(decoded, maxBytes);
  } catch (error) {
    if (packed > maxBytes) return malformed(`more than ${maxBytes} packed bytes`);
    throw error;
  } finally {
    decoded.destroy();
  }
};

/**
 * The whole body, decoded, if that is at most `maxBytes`: counted behind the decoder, chunk by chunk, so that a
 * small file which unpacks to a large one is cut off early. The stream is over afterwards, whatever the result.
 * Rejects with what the network threw.
 */
export const readBody = async (
  body: Readable,
  encoding: string,
  maxBytes: number,
): Promise<Parsed<Buffer>> => {
  const decoder = decoderOf(encoding);
  try {
    if (decoder === undefined) return malformed('an unknown content coding');
    return decoder === 'none'
      ? await collect(body, maxBytes)
      : await collectDecoded(body, decoder(), maxBytes);
  } finally {
    body.once('error', () => undefined); // cut off on purpose: undici reports that as an abort
    body.destroy();
  }
};
