import type { IncomingMessage } from 'node:http';
import type { RawRequest } from './types.ts';

export type BodyLimits = {
  /** A longer body is read no further than the four-fold, and kept not at all. */
  readonly maxBytes: number;
  /** The whole body must have come within this time. */
  readonly deadlineMs: number;
};

/** Takes room for so many bytes more; false where there is none. */
export type TakeRoom = (bytes: number) => boolean;

export type CollectedBody =
  | { readonly kind: 'whole'; readonly body: Uint8Array }
  | { readonly kind: 'too-large' }
  | { readonly kind: 'too-slow' }
  /** There is no room for it now. */
  | { readonly kind: 'crowded' }
  /** The peer went away. */
  | { readonly kind: 'broken' };

/**
 * Reads the raw bytes of a body: they are what the digest is made of. Where it is too large the rest is
 * drained within bounds, because an answer sent into a socket that still receives is lost with its reset.
 */
export const collectBody = (
  stream: IncomingMessage,
  { maxBytes, deadlineMs }: BodyLimits,
  takeRoom: TakeRoom = () => true,
): Promise<CollectedBody> => {
  const drainLimit = 4 * maxBytes;
  if (Number(stream.headers['content-length'] ?? 0) > drainLimit) {
    return Promise.resolve({ kind: 'too-large' });
  }
  return new Promise((resolve) => {
    let chunks: Uint8Array[] = [];
    let size = 0;
    const finish = (read: CollectedBody): void => {
      clearTimeout(timer);
      stream.off('data', onData).off('end', onEnd).off('close', onClose);
      // The error listener stays: an error after the verdict must not become an exception.
      stream.resume();
      resolve(read);
    };
    const verdict = (otherwise: CollectedBody): CollectedBody =>
      size > maxBytes ? { kind: 'too-large' } : otherwise;
    const onData = (chunk: Uint8Array): void => {
      size += chunk.byteLength;
      if (size > maxBytes) chunks = [];
      else if (takeRoom(chunk.byteLength)) chunks.push(chunk);
      else finish({ kind: 'crowded' });
      if (size > drainLimit) finish({ kind: 'too-large' });
    };
    const onEnd = (): void => finish(verdict({ kind: 'whole', body: Buffer.concat(chunks) }));
    const onClose = (): void => finish({ kind: 'broken' });
    const timer = setTimeout(() => finish(verdict({ kind: 'too-slow' })), deadlineMs);
    stream.on('data', onData).on('end', onEnd).on('close', onClose).on('error', onClose);
  });
};

/** The request as it came: target and header order untouched, names in lower case. */
export const toRawRequest = (
  request: IncomingMessage,
  { target, body }: { readonly target: string; readonly body: Uint8Array },
): RawRequest => {
  const headers: (readonly [string, string])[] = [];
  for (let i = 0; i + 1 < request.rawHeaders.length; i += 2) {
    headers.push([(request.rawHeaders[i] ?? '').toLowerCase(), request.rawHeaders[i + 1] ?? '']);
  }
  return { method: request.method ?? 'GET', target, headers, body };
};

/** The first value of a header; `name` in lower case. */
export const headerOf = (request: RawRequest, name: string): string | undefined =>
  request.headers.find(([other]) => other === name)?.[1];

/** True when the request says that it is signed, in either way (cavage-12, RFC 9421); it proves nothing. */
export const claimsSignature = (request: RawRequest): boolean =>
  headerOf(request, 'signature') !== undefined ||
  headerOf(request, 'signature-input') !== undefined ||
  (headerOf(request, 'authorization') ?? '').slice(0, 10).toLowerCase() === 'signature ';
