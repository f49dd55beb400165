import type { OutgoingHttpHeaders, ServerResponse } from 'node:http';
import { gzipSync } from 'node:zlib';

/** What a scripted server does with one request. */
export type PeerAnswer =
  | {
      readonly kind: 'status';
      readonly status: number;
      readonly headers?: OutgoingHttpHeaders;
      readonly body?: string;
      readonly delayMs?: number;
    }
  /** Closes the connection with a RST, unanswered. */
  | { readonly kind: 'reset' }
  /** Reads the request and never says a word. */
  | { readonly kind: 'silent' }
  /** Status and headers, then one byte each so many milliseconds, for ever. */
  | { readonly kind: 'drip'; readonly status: number; readonly everyMs: number }
  /** Status and headers, then bytes as fast as they are taken, for ever or up to `bytes`. */
  | { readonly kind: 'flood'; readonly status: number; readonly bytes: number }
  /** A few bytes that gzip blows up to so many. */
  | { readonly kind: 'bomb'; readonly status: number; readonly bytes: number };

export const status = (code: number, headers: OutgoingHttpHeaders = {}): PeerAnswer => ({
  kind: 'status',
  status: code,
  headers,
});

export const ACTIVITY_JSON = 'application/activity+json';

/** Gives the answer; what lasts for ever ends with the connection. */
export const giveAnswer = (response: ServerResponse, answer: PeerAnswer): void => {
  response.on('error', () => {});
  switch (answer.kind) {
    case 'reset':
      response.socket?.resetAndDestroy();
      return;
    case 'silent':
      return;
    case 'status':
      setTimeout(() => {
        response.writeHead(answer.status, answer.headers ?? {}).end(answer.body ?? '');
      }, answer.delayMs ?? 0);
      return;
    case 'drip': {
      response.writeHead(answer.status, { 'content-type': ACTIVITY_JSON });
      const timer = setInterval(() => response.write(' '), answer.everyMs);
      response.once('close', () => clearInterval(timer));
      return;
    }
    case 'flood':
      response.writeHead(answer.status, { 'content-type': ACTIVITY_JSON });
      flood(response, answer.bytes);
      return;
    case 'bomb':
      response.writeHead(answer.status, { 'content-type': ACTIVITY_JSON, 'content-encoding': 'gzip' });
      response.end(bombOf(answer.bytes));
  }
};

const bombs = new Map<number, Buffer>();

/** Made once: to press 100 MB together takes half a second in which this process, and every peer in it, stands still. */
const bombOf = (bytes: number): Buffer => {
  const bomb = bombs.get(bytes) ?? gzipSync(Buffer.alloc(bytes, ' '));
  bombs.set(bytes, bomb);
  return bomb;
};

const PIECE = Buffer.alloc(65_536, ' ');

const flood = (response: ServerResponse, bytes: number): void => {
  let left = bytes;
  const more = (): void => {
    while (left > 0 && !response.destroyed) {
      left -= PIECE.length;
      if (!response.write(PIECE)) return void response.once('drain', more);
    }
    if (!response.destroyed) response.end();
  };
  more();
};
