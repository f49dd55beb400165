import type { Readable } from 'node:stream';
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib';
import { done, malformed, type Parsed } from '../bridge/outcome.ts';

/** The content codings that we ask for and understand (RFC 9110 8.4.1). */
export const ACCEPT_ENCODING = 'gzip, deflate, br';

const decoderOf = (encoding: string): (() => NodeJS.ReadWriteStream & Readable) | 'none' | undefined => {
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

/**
 * The whole body, decoded, if that is at most `maxBytes`: counted behind the decoder, chunk by chunk, so that a
 * small file which unpacks to a large one is cut off early; what goes into the decoder is counted too. The stream is over afterwards, whatever the result.
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
    if (decoder === 'none') return await collect(body, maxBytes);
    const decoded = decoder();
    let packed = 0;
    body.on('data', (chunk: unknown) => {
      packed += chunk instanceof Uint8Array ? chunk.length : maxBytes;
      // Input without output (empty gzip members without end) is cut off as well.
      if (packed > maxBytes) decoded.destroy(new Error(`more than ${maxBytes} packed bytes`));
    });
    body.once('error', (error) => decoded.destroy(error));
    body.pipe(decoded);
    try {
      return await collect(decoded, maxBytes);
    } finally {
      decoded.destroy();
    }
  } finally {
    body.once('error', () => undefined); // cut off on purpose: undici reports that as an abort
    body.destroy();
  }
};
